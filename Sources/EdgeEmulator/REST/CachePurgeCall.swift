import EdgeServer
import Workers

/// `POST /zones/{zone}/purge_cache`: what is stored in front of Workers, and behind their `fetch`, goes. The emulator is one
/// zone, whatever it is called.
enum CachePurgeCall {
    /// How many things one call names.
    private static let most = 100

    static func answer(_ request: Request, _ caches: WorkerCaches) async throws -> RESTAnswer {
        let body = try await request.restJSON(limit: 1 << 20, code: 1012)
        try await caches.purge(try parsed(body))
        return .result(.object([.init("id", .string(zone(request.url.path)))]))
    }

    /// - Throws: for what is not understood: half a purge would be taken for a whole one.
    static func parsed(_ body: JSON) throws(RESTError) -> ZonePurge {
        guard let members = body.members, !members.isEmpty else {
            throw refusal("The body needs purge_everything, files, tags, hosts or prefixes.")
        }
        var purge = ZonePurge()
        var count = 0
        for member in members {
            if member.name == "purge_everything" {
                guard member.value == .bool(true) else { throw refusal("purge_everything can only be true.") }
                purge.everything = true
                continue
            }
            guard let items = member.value.array, !items.isEmpty else {
                throw refusal("\(member.name) has to be a list with something in it.")
            }
            count += items.count
            switch member.name {
            case "files": purge.files = try items.map(url)
            case "tags": purge.tags = try items.map(text)
            case "hosts": purge.hosts = try items.map(text)
            case "prefixes": purge.prefixes = try items.map(prefix)
            default: throw refusal("\(member.name) is not known here; there are files, tags, hosts and prefixes.")
            }
        }
        guard count <= most else { throw refusal("One call purges at most \(most) things, not \(count).") }
        return purge
    }

    /// A URL, or an object with one and with header fields. All variants of a URL go, whatever the fields say.
    private static func url(_ item: JSON) throws(RESTError) -> RequestURL {
        guard let text = item.string ?? item["url"]?.string, let url = RequestURL(parsing: text) else {
            throw refusal("files has to be a list of URLs that begin with http:// or https://.")
        }
        return url
    }

    private static func text(_ item: JSON) throws(RESTError) -> String {
        guard let text = item.string, !text.isEmpty else { throw refusal("Tags and hosts are texts.") }
        return text
    }

    /// `www.example.com/path`, without a scheme.
    private static func prefix(_ item: JSON) throws(RESTError) -> String {
        guard let text = item.string, let first = text.utf8.first, first != UInt8(ascii: "/"), !text.contains("://")
        else { throw refusal("prefixes has to be a list such as www.example.com/docs, without a scheme.") }
        return text
    }

    private static func refusal(_ message: String) -> RESTError { RESTError(.badRequest, 1012, message) }

    /// The router has seen that it is there.
    private static func zone(_ path: String) -> String {
        let segments = path.split(separator: "/")
        return segments.count > 3 ? segments[3].description.decodedFromPathSegment ?? "" : ""
    }
}
