import HTTPCaching
import HTTPTypes

/// Which header fields cross from a handler to the network and back.
package enum FieldRules {
    /// Fields about one connection and not about the message (RFC 9110 §7.6.1).
    private static let aboutConnection: Set<String> = [
        "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    ]

    /// Fields that the client writes itself: the URL says the host, the body its length, and a handler cannot hear the answer
    /// to an expectation (RFC 9110 §10.1.1).
    private static let clientsOwn: Set<String> = ["host", "content-length", "expect"]

    /// A handler's fields as they are sent: those about the message.
    package static func outgoing(_ headers: Headers) -> Headers { kept(headers, dropping: clientsOwn) }

    /// A response's fields as a handler sees them.
    package static func incoming(_ headers: Headers) -> Headers { kept(headers, dropping: []) }

    private static func kept(_ headers: Headers, dropping others: Set<String>) -> Headers {
        var dropped = aboutConnection.union(others)
        for value in headers[values: .connection] {
            for name in value.membersOfList {
                dropped.insert(name.filter { $0 != " " && $0 != "\t" }.lowercased())
            }
        }
        var kept = Headers()
        kept.reserveCapacity(headers.count)
        for field in headers where !dropped.contains(field.name.canonicalName) { kept.append(field) }
        return kept
    }
}
