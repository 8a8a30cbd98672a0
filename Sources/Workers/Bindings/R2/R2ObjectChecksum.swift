import Crypto

/// A checksum as the S3 interface keeps it (Amazon S3 User Guide, "Checking object integrity").
package struct R2ObjectChecksum: Sendable, Hashable {
    /// Raw values are those of `x-amz-checksum-algorithm`.
    package enum Algorithm: String, Sendable, Hashable, CaseIterable {
        case crc32 = "CRC32"
        case crc32c = "CRC32C"
        case crc64nvme = "CRC64NVME"
        case sha1 = "SHA1"
        case sha256 = "SHA256"

        package var byteCount: Int {
            switch self {
            case .crc32, .crc32c: 4
            case .crc64nvme: 8
            case .sha1: 20
            case .sha256: 32
            }
        }
    }

    /// Raw values are those of `x-amz-checksum-type`.
    package enum Kind: String, Sendable, Hashable {
        /// Of all bytes.
        case fullObject = "FULL_OBJECT"
        /// Of the parts' checksums.
        case composite = "COMPOSITE"
    }

    /// A checksum without its value.
    package struct Form: Sendable, Hashable {
        package var algorithm: Algorithm
        package var kind: Kind

        package init(_ algorithm: Algorithm, _ kind: Kind) {
            self.algorithm = algorithm
            self.kind = kind
        }
    }

    package var form: Form
    package var bytes: [UInt8]

    package var algorithm: Algorithm { form.algorithm }
    package var kind: Kind { form.kind }

    /// `nil` for a value of another length than the algorithm has.
    package init?(_ algorithm: Algorithm, _ kind: Kind = .fullObject, bytes: [UInt8]) {
        guard bytes.count == algorithm.byteCount else { return nil }
        form = Form(algorithm, kind)
        self.bytes = bytes
    }

    /// The checksum of an object out of those of its parts.
    ///
    /// - Returns: `nil` when a part has no checksum of that algorithm, and for the whole content's SHA, which cannot be
    ///   computed from parts.
    package static func joined(_ form: Form, _ parts: [(checksum: R2ObjectChecksum?, size: Int)]) -> R2ObjectChecksum? {
        var values: [(bytes: [UInt8], size: Int)] = []
        for part in parts {
            guard let checksum = part.checksum, checksum.algorithm == form.algorithm else { return nil }
            values.append((checksum.bytes, part.size))
        }
        let bytes: [UInt8]?
        switch form.kind {
        case .composite: bytes = digest(form.algorithm, values.flatMap(\.bytes))
        case .fullObject: bytes = CyclicCheck(form.algorithm)?.joined(values)
        }
        return bytes.flatMap { R2ObjectChecksum(form.algorithm, form.kind, bytes: $0) }
    }

    /// Of bytes that are all there.
    package static func digest(_ algorithm: Algorithm, _ bytes: [UInt8]) -> [UInt8] {
        switch algorithm {
        case .sha1: Array(Insecure.SHA1.hash(data: bytes))
        case .sha256: Array(SHA256.hash(data: bytes))
        case .crc32, .crc32c, .crc64nvme: CyclicCheck(algorithm)?.digest(bytes) ?? []
        }
    }
}

extension R2Object {
    /// A hash that the S3 interface was given is one that the binding knows, too.
    mutating func showChecksum() {
        guard let checksum, checksum.kind == .fullObject else { return }
        switch checksum.algorithm {
        case .sha1: checksums.sha1 = checksum.bytes
        case .sha256: checksums.sha256 = checksum.bytes
        case .crc32, .crc32c, .crc64nvme: break
        }
    }
}

extension R2ObjectChecksum {
    /// As it lies in a column: `CRC32 COMPOSITE 0a1b2c3d`.
    package var stored: String { "\(form.stored) \(Hexadecimal.text(bytes))" }

    package init?(stored: String) {
        let words = stored.split(separator: " ")
        guard words.count == 3, let form = Form(stored: words[0...1]), let bytes = Hexadecimal.bytes(words[2]) else {
            return nil
        }
        self.init(form.algorithm, form.kind, bytes: bytes)
    }
}

extension R2ObjectChecksum.Form {
    package var stored: String { "\(algorithm.rawValue) \(kind.rawValue)" }

    package init?(stored: String) { self.init(stored: stored.split(separator: " ")[...]) }

    fileprivate init?(stored words: ArraySlice<Substring>) {
        guard words.count == 2, let first = words.first, let last = words.last,
            let algorithm = R2ObjectChecksum.Algorithm(rawValue: String(first)),
            let kind = R2ObjectChecksum.Kind(rawValue: String(last))
        else { return nil }
        self.init(algorithm, kind)
    }
}
