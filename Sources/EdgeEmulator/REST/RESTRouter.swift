import Workers

/// Finds out what the raw path of a request names. Each segment is decoded once, after the path was taken apart: a `%2F`
/// inside of a key is no separator, and `%2525` is `%25`.
struct RESTRouter: Sendable, Equatable {
    /// Of `/accounts/…`; `nil` for a zone.
    var account: String?
    var route: RESTRoute

    private static let base = Array("/client/v4/".utf8)

    /// - Parameter path: as it was sent.
    /// - Throws: for a path that leads nowhere, or is not well encoded.
    init(_ path: String) throws(RESTError) {
        var segments = try PathSegments(path, after: RESTRouter.base)
        switch try segments.next() {
        case "accounts":
            account = try segments.some()
            route = try RESTRouter.account(&segments)
        case "zones":
            _ = try segments.some()
            guard try segments.next() == "purge_cache" else { throw .noRoute(path) }
            route = .purgeCache
        default: throw .noRoute(path)
        }
        guard segments.isAtEnd else { throw .noRoute(path) }
    }

    private static func account(_ segments: inout PathSegments) throws(RESTError) -> RESTRoute {
        switch try segments.next() {
        case "storage":
            guard try segments.next() == "kv", try segments.next() == "namespaces" else { throw segments.noRoute }
            if segments.isAtEnd { return .namespaces }
            return try namespace(try segments.some(), &segments)
        case "queues":
            if segments.isAtEnd { return .queues }
            return try queue(try segments.some(), &segments)
        case "r2":
            guard try segments.next() == "buckets" else { throw segments.noRoute }
            return segments.isAtEnd ? .buckets : .bucket(try segments.some())
        default: throw segments.noRoute
        }
    }

    private static func namespace(_ id: String, _ segments: inout PathSegments) throws(RESTError) -> RESTRoute {
        if segments.isAtEnd { return .namespace(id) }
        switch try segments.next() {
        case "keys": return .keys(id)
        case "values": return .value(id, key: try segments.rest())
        case "metadata": return .metadata(id, key: try segments.rest())
        case "bulk":
            if segments.isAtEnd { return .bulk(id) }
            switch try segments.next() {
            case "delete": return .bulkDelete(id)
            case "get": return .bulkGet(id)
            default: throw segments.noRoute
            }
        default: throw segments.noRoute
        }
    }

    private static func queue(_ id: String, _ segments: inout PathSegments) throws(RESTError) -> RESTRoute {
        if segments.isAtEnd { return .queue(id) }
        switch try segments.next() {
        case "metrics": return .queueMetrics(id)
        case "purge": return .queuePurge(id)
        case "consumers": return segments.isAtEnd ? .consumers(id) : .consumer(id, id: try segments.some())
        case "messages":
            if segments.isAtEnd { return .messages(id) }
            switch try segments.next() {
            case "batch": return .batch(id)
            case "pull": return .pull(id)
            case "ack": return .settle(id)
            case "peek": return .peek(id)
            case "purge": return .purgeMessages(id)
            default: throw segments.noRoute
            }
        default: throw segments.noRoute
        }
    }
}

/// The segments of a path, one after the other.
private struct PathSegments {
    private let path: String
    private let bytes: [UInt8]
    /// Behind the slash in front of the next segment; behind the end when there is none.
    private var position: Int

    init(_ path: String, after base: [UInt8]) throws(RESTError) {
        self.path = path
        bytes = Array(path.utf8)
        position = base.count
        guard bytes.starts(with: base) else { throw .noRoute(path) }
    }

    var noRoute: RESTError { .noRoute(path) }
    var isAtEnd: Bool { position > bytes.count }

    mutating func next() throws(RESTError) -> String {
        guard !isAtEnd else { throw noRoute }
        let end = bytes[position...].firstIndex(of: UInt8(ascii: "/")) ?? bytes.count
        defer { position = end + 1 }
        return try decoded(position..<end)
    }

    /// A segment with something in it.
    mutating func some() throws(RESTError) -> String {
        let segment = try next()
        guard !segment.isEmpty else { throw noRoute }
        return segment
    }

    /// Everything that follows, slashes included.
    mutating func rest() throws(RESTError) -> String {
        guard !isAtEnd else { throw noRoute }
        defer { position = bytes.count + 1 }
        return try decoded(position..<bytes.count)
    }

    private func decoded(_ range: Range<Int>) throws(RESTError) -> String {
        let text: String? = bytes[range].withUnsafeBufferPointer { PercentCoding.decodedStrictly($0) }
        guard let text else {
            throw .argument(
                "The path is not well encoded: write each byte outside of ASCII, and “%” itself, as %XX of UTF-8.")
        }
        return text
    }
}
