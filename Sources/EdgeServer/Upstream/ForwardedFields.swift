import NIOHTTP1

/// What a proxy does to the fields of the messages it passes on (RFC 9110 §7.6). A value that sends nothing itself.
package struct ForwardedFields: Sendable {
    /// Which `Host` the origin sees.
    package enum HostRule: Sendable, Hashable {
        /// The client's own.
        case client
        case fixed(String)
    }

    /// Who sent the request, as far as that is known.
    package struct Client: Sendable, Hashable {
        /// Its IP address, without a port; `nil` for a unix socket.
        package var address: String?
        /// `http` or `https`.
        package var scheme: String
        package var host: String?
        /// Whether it is a proxy whose own `Forwarded` and `X-Forwarded-*` are believed: they are continued. Those of
        /// anybody else are replaced.
        package var isTrusted: Bool

        package init(address: String?, scheme: String, host: String?, isTrusted: Bool = false) {
            self.address = address
            self.scheme = scheme
            self.host = host
            self.isTrusted = isTrusted
        }
    }

    /// What becomes of a request.
    package enum Outcome {
        case pass(HTTPHeaders)
        /// `Max-Forwards` has come to its end: this proxy is the one that answers (RFC 9110 §7.6.2).
        case answer
        /// The request has been here before.
        case loop
        case malformed(String)

        /// The status of an answer instead of the origin's.
        package var status: Int? {
            switch self {
            case .pass: nil
            case .answer: 200
            case .loop: 508
            case .malformed: 400
            }
        }
    }

    /// What `Via` calls this proxy. Each of several proxies in a chain needs a name of its own only if there are more of
    /// them than `laps`.
    package var name = "lilypad"
    /// How often a request may have passed a proxy of this name before it is taken for one that goes in circles.
    package var laps = 2
    package var host = HostRule.client
    /// Whether the origin is told about the client by `Forwarded` (RFC 7239) and `X-Forwarded-For`, `-Proto`, `-Host`.
    package var describesClient = true

    package init() {}

    // MARK: Requests

    /// - Parameters:
    ///   - version: of the client's message.
    ///   - authority: of the origin, for a request without `Host`.
    ///   - client: `nil` for a request that nobody waits for.
    package func request(
        _ method: HTTPMethod, _ headers: HTTPHeaders, version: HTTPVersion, authority: String, from client: Client?
    ) -> Outcome {
        var pairs: [(String, String)] = []
        pairs.reserveCapacity(headers.count + 6)
        let named = ConnectionOptions(headers)
        var via = Via()
        var hasHost = false
        var takesTrailers = false
        for (name, value) in headers {
            switch name.utf8.count {
            case 2 where name.isField("te"):
                if value.listMembers.contains(where: { String($0).isField("trailers") }) { takesTrailers = true }
                continue
            case 3 where name.isField("via"): via.add(value, at: pairs.count)
            case 4 where name.isField("host"):
                guard !hasHost else { continue }
                hasHost = true
                if case .fixed(let host) = host {
                    pairs.append((name, host))
                    continue
                }
            // RFC 9110 §10.1.1: HTTP/1.0 knows no interim responses.
            case 6 where version.major == 1 && version.minor == 0 && name.isField("expect"): continue
            case 12 where (method == .OPTIONS || method == .TRACE) && name.isField("max-forwards"):
                guard let left = ForwardedFields.number(value) else {
                    return .malformed("Max-Forwards is not a number")
                }
                guard left > 0 else { return .answer }
                pairs.append((name, String(left - 1)))
                continue
            default: if named.removes(name) { continue }
            }
            pairs.append((name, value))
        }
        guard via.count(of: self.name) < laps else { return .loop }
        via.append(self.name, version: version, to: &pairs)
        if takesTrailers {
            // RFC 9110 §10.1.4.
            pairs.append(("te", "trailers"))
            pairs.append(("connection", "TE"))
        }
        if !hasHost { pairs.insert(("host", fallbackHost(authority)), at: 0) }
        if describesClient, let client { ClientFields.describe(client, in: &pairs) }
        return .pass(HTTPHeaders(pairs))
    }

    private func fallbackHost(_ authority: String) -> String {
        if case .fixed(let host) = host { host } else { authority }
    }

    /// RFC 9110 §7.6.2: digits; more than fit are as good as the largest number.
    private static func number(_ text: String) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text) ?? .max
    }

    // MARK: Responses

    /// The fields for the client, of an interim or a final response. Their framing is left to whoever sends them;
    /// `Content-Length` stays.
    ///
    /// - Parameter date: now, for a final response that does not say when it was made (RFC 9110 §6.6.1).
    package func response(_ head: HTTPResponseHead, date: @autoclosure () -> String) -> HTTPHeaders {
        var pairs: [(String, String)] = []
        pairs.reserveCapacity(head.headers.count + 2)
        let named = ConnectionOptions(head.headers)
        var via = Via()
        var hasDate = false
        for (name, value) in head.headers {
            switch name.utf8.count {
            case 2 where name.isField("te"): continue
            case 3 where name.isField("via"): via.add(value, at: pairs.count)
            case 4 where name.isField("date"): hasDate = true
            default: if named.removes(name) { continue }
            }
            pairs.append((name, value))
        }
        via.append(name, version: head.version, to: &pairs)
        if !hasDate, head.status.code >= 200 { pairs.append(("date", date())) }
        return HTTPHeaders(pairs)
    }

    // MARK: Trailers

    /// The trailers that can be passed on: none of them may be about framing, routing, or what the content is
    /// (RFC 9110 §6.5.1).
    package func trailers(_ trailers: HTTPHeaders) -> HTTPHeaders? {
        let kept = trailers.filter { !ConnectionOptions.isHopByHop($0.name) && !ForwardedFields.isForHeads($0.name) }
        return kept.isEmpty ? nil : HTTPHeaders(kept.map { ($0.name, $0.value) })
    }

    private static func isForHeads(_ name: String) -> Bool {
        switch name.lowercased() {
        case "host", "content-length", "content-encoding", "content-type", "content-range", "trailer", "cache-control",
            "expect", "max-forwards", "range", "authorization", "set-cookie", "age", "date", "expires", "location",
            "vary", "www-authenticate", "te", "via":
            true
        default: false
        }
    }
}

/// The fields that belong to one connection: those the standards name, and those `Connection` does (RFC 9110 §7.6.1).
struct ConnectionOptions {
    private var named: [String] = []

    init(_ headers: HTTPHeaders) {
        for (name, value) in headers where name.utf8.count == 10 && name.isField("connection") {
            for member in value.listMembers {
                let option = member.lowercased()
                if !ConnectionOptions.isForAll(option) { named.append(option) }
            }
        }
    }

    func removes(_ name: String) -> Bool {
        if ConnectionOptions.isHopByHop(name) { return true }
        return !named.isEmpty && named.contains(name.lowercased())
    }

    static func isHopByHop(_ name: String) -> Bool {
        // The length sorts out nearly every field before a comparison.
        switch name.utf8.count {
        case 7: name.isField("upgrade")
        case 10: name.isField("connection") || name.isField("keep-alive")
        case 14: name.isField("http2-settings")
        case 16: name.isField("proxy-connection")
        case 17: name.isField("transfer-encoding")
        case 18: name.isField("proxy-authenticate")
        case 19: name.isField("proxy-authorization")
        case 25: name.isField("proxy-authentication-info")
        default: false
        }
    }

    /// Fields for everybody on the way. A sender that names them in `Connection` breaks a rule, or wants a proxy to
    /// drop what the next one relies on.
    private static func isForAll(_ name: String) -> Bool {
        switch name {
        case "age", "cache-control", "cdn-cache-control", "cdn-loop", "content-encoding", "content-length", "date",
            "forwarded", "host", "max-forwards", "vary", "via", "x-forwarded-for", "x-forwarded-host",
            "x-forwarded-proto":
            true
        default: false
        }
    }
}
