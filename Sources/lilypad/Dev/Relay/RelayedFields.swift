import NIOHTTP1

/// Which header fields the relay passes on. Fields that speak of one connection end with it (RFC 9110 §7.6.1): framing is
/// made anew on each side, and whatever `Connection` names goes with it.
enum RelayedFields {
    /// The head that goes to the edge for a request that came from a client.
    static func request(_ head: HTTPRequestHead) -> HTTPRequestHead {
        var fields = HTTPHeaders()
        let named = connectionOptions(head.headers)
        for (name, value) in head.headers where !isHopByHop(name.lowercased(), named: named) {
            // The relay says 100 (Continue) itself when it starts to read the body.
            if name.lowercased() != "expect" { fields.add(name: name, value: value) }
        }
        if isChunked(head.headers) {
            fields.add(name: "transfer-encoding", value: "chunked")
        } else if let length = head.headers.first(name: "content-length") {
            fields.replaceOrAdd(name: "content-length", value: length)
        } else if head.method != .GET, head.method != .HEAD {
            // Without it the encoder would announce chunks for methods that usually have a body.
            fields.add(name: "content-length", value: "0")
        }
        return HTTPRequestHead(version: .http1_1, method: head.method, uri: head.uri, headers: fields)
    }

    /// The fields of the edge's response that the client gets; its length is handled by whoever frames the answer.
    static func response(_ headers: HTTPHeaders) -> [(name: String, value: String)] {
        let named = connectionOptions(headers)
        return headers.filter { name, _ in
            let name = name.lowercased()
            // The server writes its own date, and a length that the framing agrees with.
            return !isHopByHop(name, named: named) && name != "date" && name != "content-length"
        }
    }

    static func hasBody(_ head: HTTPRequestHead) -> Bool {
        isChunked(head.headers) || (head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0) > 0
    }

    private static func isChunked(_ headers: HTTPHeaders) -> Bool {
        headers[canonicalForm: "transfer-encoding"].contains { $0.lowercased() == "chunked" }
    }

    private static func connectionOptions(_ headers: HTTPHeaders) -> Set<String> {
        Set(headers[canonicalForm: "connection"].map { $0.lowercased() })
    }

    private static func isHopByHop(_ name: String, named: Set<String>) -> Bool {
        switch name {
        case "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade": true
        default: named.contains(name)
        }
    }
}
