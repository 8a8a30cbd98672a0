import HTTPTypes

/// The cookies a client sent: RFC 6265bis §5.8.3 and §4.2.
///
/// Values are as they were set: nothing is unescaped and quotes stay. A name may occur several times, because cookies of
/// different paths and domains are sent together; the client puts the longest path first.
///
/// ```swift
/// let session = request.cookies["__Host-session"]
/// ```
public struct Cookies: Sendable, Hashable {
    public struct Item: Sendable, Hashable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public var items: [Item]

    public init(_ items: [Item] = []) { self.items = items }

    /// Reads the value of a `Cookie` field. Pairs without `=` or without a name are left out: they are never ours.
    public init(parsing text: some StringProtocol) {
        items = []
        for pair in String(text).utf8.split(separator: UInt8(ascii: ";")) {
            guard let half = pair.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = Self.trimmed(pair[..<half])
            guard !name.isEmpty else { continue }
            items.append(Item(name, Self.trimmed(pair[pair.index(after: half)...])))
        }
    }

    /// The first cookie of this name; names are case-sensitive.
    public subscript(name: String) -> String? { items.first { $0.name.hasSameBytes(as: name) }?.value }

    /// All cookies of this name, as sent.
    public func all(_ name: String) -> [String] { items.filter { $0.name.hasSameBytes(as: name) }.map(\.value) }

    private static func trimmed<Bytes: BidirectionalCollection<UInt8>>(_ bytes: Bytes) -> String {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        guard let start = bytes.firstIndex(where: { !isSpace($0) }), let end = bytes.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(decoding: bytes[start...end], as: UTF8.self)
    }
}

extension Request {
    /// The cookies of this request, parsed at each access. HTTP/2 clients may split them over several fields
    /// (RFC 9113 §8.2.3); all are read.
    public var cookies: Cookies { headers[.cookie].map { Cookies(parsing: $0) } ?? Cookies() }
}
