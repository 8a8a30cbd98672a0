import NIOCore

/// The fixed part before every record of a segment, 40 bytes:
///
///     4  magic, with the version of the format
///     1  kind
///     3  zero
///     4  length of what describes the response: key, tags, head
///     8  length of the body
///     8  number of the file that has the body; 0: it follows here
///     4  checksum of the body, or of the checksums in its file
///     4  checksum of the description
///     4  checksum of these bytes before
///
/// Numbers are little-endian. What follows is the description, and then the body unless a file has it.
struct RecordHeader: Equatable {
    enum Kind: UInt8 {
        case response = 1
        /// All variants of a key, or one of them, are gone.
        case removal
        case purge
    }

    /// "LPC", and the version.
    static let magic: UInt32 = 0x0143_504C
    static let size = 40
    /// A description that says more is none of ours.
    static let longestDescription = 4 << 20

    var kind: Kind
    var description = 0
    var body = 0
    var file: UInt64 = 0
    var bodyChecksum: UInt32 = 0
    var descriptionChecksum: UInt32 = 0

    /// Bytes of the whole record.
    var recordSize: Int { RecordHeader.size + description + (file == 0 ? body : 0) }

    func encode(into out: inout ByteBuffer) {
        var header = ByteBufferAllocator().buffer(capacity: RecordHeader.size)
        header.writeInteger(RecordHeader.magic, endianness: .little)
        header.writeInteger(kind.rawValue)
        header.writeRepeatingByte(0, count: 3)
        header.writeInteger(UInt32(clamping: description), endianness: .little)
        header.writeInteger(UInt64(clamping: body), endianness: .little)
        header.writeInteger(file, endianness: .little)
        header.writeInteger(bodyChecksum, endianness: .little)
        header.writeInteger(descriptionChecksum, endianness: .little)
        header.writeInteger(Checksum.of(header), endianness: .little)
        out.writeImmutableBuffer(header)
    }

    init(kind: Kind) { self.kind = kind }

    /// - Returns: `nil` unless these bytes begin with a header as it was written.
    init?(decoding bytes: ByteBuffer) {
        var bytes = bytes
        guard var header = bytes.readSlice(length: RecordHeader.size) else { return nil }
        let covered = header.getSlice(at: header.readerIndex, length: RecordHeader.size - 4)
        guard header.readInteger(endianness: .little, as: UInt32.self) == RecordHeader.magic,
            let kind = header.readInteger(as: UInt8.self).flatMap(Kind.init(rawValue:)),
            header.readBytes(length: 3) == [0, 0, 0],
            let description = header.readInteger(endianness: .little, as: UInt32.self),
            description <= RecordHeader.longestDescription,
            let body = header.readInteger(endianness: .little, as: UInt64.self), body <= UInt64(Int.max / 2),
            let file = header.readInteger(endianness: .little, as: UInt64.self),
            let bodyChecksum = header.readInteger(endianness: .little, as: UInt32.self),
            let descriptionChecksum = header.readInteger(endianness: .little, as: UInt32.self),
            let checksum = header.readInteger(endianness: .little, as: UInt32.self),
            covered.map({ Checksum.of($0) }) == checksum
        else { return nil }
        self.kind = kind
        self.description = Int(description)
        self.body = Int(body)
        self.file = file
        self.bodyChecksum = bodyChecksum
        self.descriptionChecksum = descriptionChecksum
    }
}

/// What describes a response on disk: all that finding and purging it takes, and then its head.
struct RecordDescription {
    var key: StoreKey
    var storedAt: Double
    var variant: [UInt8]
    var tags: [String]
    /// Bytes of the head, which are only looked at when it is needed.
    var head: ByteBuffer

    /// - Returns: `nil` if these bytes describe no response.
    init?(decoding bytes: ByteBuffer) {
        var bytes = bytes
        guard let time = bytes.readInteger(endianness: .little, as: UInt64.self), let key = bytes.readKey(),
            let variant = bytes.readCounted(),
            let count = bytes.readInteger(endianness: .little, as: UInt32.self), count <= Tags.most
        else { return nil }
        tags = []
        for _ in 0..<count {
            guard let tag = bytes.readText() else { return nil }
            tags.append(tag)
        }
        storedAt = Double(bitPattern: time)
        guard storedAt.isFinite else { return nil }
        self.key = key
        self.variant = Array(variant.readableBytesView)
        head = bytes
    }

    static func encode(_ entry: Entry, into out: inout ByteBuffer) {
        out.writeInteger(entry.storedAt.bitPattern, endianness: .little)
        out.writeKey(entry.key)
        out.writeCounted(entry.variant)
        out.writeInteger(UInt32(clamping: entry.tags.count), endianness: .little)
        for tag in entry.tags { out.writeText(tag) }
        entry.head.encode(into: &out)
    }
}

/// The records of a segment as bytes.
enum StoredRecord {
    static func response(_ entry: Entry) -> ByteBuffer {
        var description = ByteBuffer()
        RecordDescription.encode(entry, into: &description)
        var header = RecordHeader(kind: .response)
        header.body = entry.size
        switch entry.body {
        case .memory(let bytes):
            header.bodyChecksum = Checksum.of(bytes)
            return record(header, description, bytes)
        case .file(let file):
            header.file = file.number
            header.bodyChecksum = file.checksum
            return record(header, description, nil)
        }
    }

    /// - Parameter variant: `nil` for all variants of the key.
    static func removal(_ key: StoreKey, variant: [UInt8]?) -> ByteBuffer {
        var description = ByteBuffer()
        description.writeKey(key)
        description.writeInteger(UInt8(variant == nil ? 0 : 1))
        if let variant { description.writeCounted(variant) }
        return record(RecordHeader(kind: .removal), description, nil)
    }

    static func purge(_ purge: Purge, namespace: String?) -> ByteBuffer {
        var description = ByteBuffer()
        description.writeInteger(UInt8(namespace == nil ? 0 : 1))
        description.writeText(namespace ?? "")
        let (kind, names): (UInt8, [String]) =
            switch purge {
            case .everything: (0, [])
            case .urls(let names): (1, names)
            case .prefixes(let names): (2, names)
            case .hosts(let names): (3, names)
            case .tags(let names): (4, names)
            }
        description.writeInteger(kind)
        description.writeInteger(UInt32(clamping: names.count), endianness: .little)
        for name in names { description.writeText(name) }
        return record(RecordHeader(kind: .purge), description, nil)
    }

    private static func record(_ header: RecordHeader, _ description: ByteBuffer, _ body: ByteBuffer?) -> ByteBuffer {
        var header = header
        header.description = description.readableBytes
        header.descriptionChecksum = Checksum.of(description)
        var record = ByteBufferAllocator().buffer(capacity: header.recordSize)
        header.encode(into: &record)
        record.writeImmutableBuffer(description)
        if let body { record.writeImmutableBuffer(body) }
        return record
    }

    /// The same purge in records of a limited size. A name that is longer than any key is left out.
    static func purges(_ what: Purge, namespace: String?, most: Int) -> [ByteBuffer] {
        let room = most - RecordHeader.size - 64 - (namespace?.utf8.count ?? 0)
        func parts(_ names: [String], _ make: ([String]) -> Purge) -> [ByteBuffer] {
            var records: [ByteBuffer] = []
            var part: [String] = []
            var size = 0
            for name in names where name.utf8.count + 4 <= room {
                if size + name.utf8.count + 4 > room {
                    records.append(purge(make(part), namespace: namespace))
                    (part, size) = ([], 0)
                }
                part.append(name)
                size += name.utf8.count + 4
            }
            if !part.isEmpty { records.append(purge(make(part), namespace: namespace)) }
            return records
        }
        switch what {
        case .everything: return [purge(.everything, namespace: namespace)]
        case .urls(let names): return parts(names) { .urls($0) }
        case .prefixes(let names): return parts(names) { .prefixes($0) }
        case .hosts(let names): return parts(names) { .hosts($0) }
        case .tags(let names): return parts(names) { .tags($0) }
        }
    }

    /// A whole record of a response.
    ///
    /// - Returns: `nil` unless everything in it is as it was written; no body if a file has it.
    static func readResponse(
        _ record: ByteBuffer
    ) -> (header: RecordHeader, description: RecordDescription, body: ByteBuffer?)? {
        guard let header = RecordHeader(decoding: record), header.kind == .response,
            header.recordSize == record.readableBytes
        else { return nil }
        var rest = record
        rest.moveReaderIndex(forwardBy: RecordHeader.size)
        guard let bytes = rest.readSlice(length: header.description),
            Checksum.of(bytes) == header.descriptionChecksum, let description = RecordDescription(decoding: bytes)
        else { return nil }
        if header.file != 0 { return (header, description, nil) }
        guard Checksum.of(rest) == header.bodyChecksum else { return nil }
        // A copy of its own, or the body would keep the memory of the whole record.
        var body = ByteBufferAllocator().buffer(capacity: rest.readableBytes)
        body.writeImmutableBuffer(rest)
        return (header, description, body)
    }

    static func readRemoval(_ bytes: ByteBuffer) -> (key: StoreKey, variant: [UInt8]?)? {
        var bytes = bytes
        guard let key = bytes.readKey(), let hasVariant = bytes.readInteger(as: UInt8.self), hasVariant < 2 else {
            return nil
        }
        if hasVariant == 0 { return bytes.readableBytes == 0 ? (key, nil) : nil }
        guard let variant = bytes.readCounted(), bytes.readableBytes == 0 else { return nil }
        return (key, Array(variant.readableBytesView))
    }

    static func readPurge(_ bytes: ByteBuffer) -> (purge: Purge, namespace: String?)? {
        var bytes = bytes
        guard let hasNamespace = bytes.readInteger(as: UInt8.self), hasNamespace < 2,
            let namespace = bytes.readText(), let kind = bytes.readInteger(as: UInt8.self),
            let count = bytes.readInteger(endianness: .little, as: UInt32.self)
        else { return nil }
        var names: [String] = []
        for _ in 0..<count {
            guard let name = bytes.readText() else { return nil }
            names.append(name)
        }
        guard bytes.readableBytes == 0 else { return nil }
        let purge: Purge
        switch kind {
        case 0 where names.isEmpty: purge = .everything
        case 1: purge = .urls(names)
        case 2: purge = .prefixes(names)
        case 3: purge = .hosts(names)
        case 4: purge = .tags(names)
        default: return nil
        }
        return (purge, hasNamespace == 1 ? namespace : nil)
    }
}

extension ByteBuffer {
    fileprivate mutating func writeCounted(_ bytes: [UInt8]) {
        writeInteger(UInt32(clamping: bytes.count), endianness: .little)
        writeBytes(bytes)
    }

    fileprivate mutating func writeKey(_ key: StoreKey) {
        writeInteger(UInt16(clamping: key.namespaceLength), endianness: .little)
        writeCounted(key.bytes)
    }

    fileprivate mutating func readKey() -> StoreKey? {
        guard let length = readInteger(endianness: .little, as: UInt16.self), let bytes = readCounted(),
            Int(length) <= bytes.readableBytes
        else { return nil }
        return StoreKey(bytes: Array(bytes.readableBytesView), namespaceLength: Int(length))
    }
}
