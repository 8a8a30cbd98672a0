/// The path and query of a request as a URL parser leaves them.
///
/// Dot segments are resolved (`%2e%2e` too), `\` is `/`, what a URL may not hold is escaped, and existing escapes stay
/// exactly as sent. Rules are compared with `path`; files are found through `AssetPath`.
public struct RawTarget: Sendable, Hashable {
    /// Begins with `/`, ASCII only.
    public let path: String
    /// With its `?`; empty when there is none, or nothing behind the `?`.
    public let query: String

    /// Takes a request target as it stands in the request line: origin form (`/a?b`) or absolute form. A fragment,
    /// which no browser sends, is dropped.
    public init(_ target: String) {
        let text = Self.withoutOrigin(target)
        if let split = text.withBytes(Self.plainPathLength) {
            guard split < text.utf8.count else {
                path = text
                query = ""
                return
            }
            path = String(text[..<text.utf8.index(text.startIndex, offsetBy: split)])
            query = Self.query(of: text.utf8.dropFirst(split))
            return
        }
        let bytes = Array(text.utf8)
        let end = bytes.firstIndex(of: .hash) ?? bytes.endIndex
        let queryStart = bytes[..<end].firstIndex(of: .question) ?? end
        path = URLText.normalisedPath(bytes[..<queryStart], backslashIsSlash: true)
        query = Self.query(of: bytes[queryStart..<end])
    }

    /// Where the path ends, if it is one that normalisation would not touch; nil sends the target down the slow way.
    private static func plainPathLength(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard bytes.first == .slash else { return nil }
        let unreserved = ByteSet.unreserved
        var previous: UInt8 = 0
        for (position, byte) in bytes.enumerated() {
            if byte == .question || byte == .hash { return position }
            // Dot files take the slow way too: telling them from dot segments is its business.
            if previous == .slash, byte == .dot { return nil }
            guard unreserved.contains(byte) || byte == .slash else { return nil }
            previous = byte
        }
        return bytes.count
    }

    private static func query(of bytes: some Collection<UInt8>) -> String {
        guard bytes.first == .question else { return "" }
        let text = bytes.dropFirst().prefix { $0 != .hash }
        let escaped = URLText.escaped(text, .escapedInSpecialQuery)
        return escaped.isEmpty ? "" : "?" + String(decoding: escaped, as: UTF8.self)
    }

    private static func withoutOrigin(_ target: String) -> String {
        if target.utf8.first == .slash { return target }
        guard let scheme = target.utf8.firstIndex(of: .colon), target[scheme...].utf8.starts(with: "://".utf8) else {
            return "/" + target
        }
        let host = target.utf8.index(scheme, offsetBy: 3)
        let stops = [UInt8.slash, .question, .hash, .backslash]
        guard let end = target[host...].utf8.firstIndex(where: stops.contains) else { return "/" }
        return target.utf8[end] == .slash ? String(target[end...]) : "/" + target[end...]
    }
}
