/// What a stored response is found by: the cache it belongs to and the primary key in it, mostly a URL (RFC 9111 §2).
/// Hashed once, when it is made.
package struct StoreKey: Sendable, Hashable {
    /// The namespace, and behind it the primary key.
    let bytes: [UInt8]
    let namespaceLength: Int
    /// With a secret of this process, so that nobody can choose keys that fall together. It is never written to disk.
    let hash: UInt64

    /// - Parameters:
    ///   - namespace: which cache: `proxy`, `api:default`. Of one that is longer than 65,535 bytes only the beginning counts.
    ///   - primary: compared byte by byte.
    package init(namespace: String, primary: String) {
        let namespace = namespace.utf8.prefix(Int(UInt16.max))
        let count = namespace.count + primary.utf8.count
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        bytes.append(contentsOf: namespace)
        bytes.append(contentsOf: primary.utf8)
        self.init(bytes: bytes, namespaceLength: namespace.count)
    }

    init(bytes: [UInt8], namespaceLength: Int) {
        self.bytes = bytes
        self.namespaceLength = namespaceLength
        var hasher = Hasher()
        hasher.combine(namespaceLength)
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        hash = UInt64(bitPattern: Int64(hasher.finalize()))
    }

    package var namespace: String { String(decoding: bytes[..<namespaceLength], as: UTF8.self) }
    package var primary: String { String(decoding: bytes[namespaceLength...], as: UTF8.self) }

    package static func == (left: StoreKey, right: StoreKey) -> Bool {
        left.hash == right.hash && left.namespaceLength == right.namespaceLength && left.bytes == right.bytes
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}

/// Where the host of a primary key lies, if that is a URL.
enum PrimaryKey {
    /// What follows the scheme; everything where there is none.
    static func withoutScheme(_ primary: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let colon = primary.firstIndex(of: 0x3A), primary[colon...].starts(with: [0x3A, 0x2F, 0x2F]) else {
            return primary
        }
        return primary[(colon + 3)...]
    }

    /// The host without its port; empty where the key is no URL with an authority.
    static func host(_ primary: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let rest = withoutScheme(primary)
        guard rest.startIndex != primary.startIndex else { return [] }
        let authority = rest.prefix { $0 != 0x2F && $0 != 0x3F && $0 != 0x23 }
        // An IPv6 address has colons of its own, between brackets.
        let end = authority.firstIndex(of: 0x5D) ?? authority.startIndex
        guard let colon = authority[end...].firstIndex(of: 0x3A) else { return authority }
        return authority[..<colon]
    }
}
