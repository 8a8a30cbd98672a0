/// The fields in which proxies tell who the client is, gathered from one request.
struct ForwardingFields {
    private(set) var forwarded: [String] = []
    private(set) var forwardedFor: [String] = []
    private(set) var forwardedScheme: [String] = []
    private(set) var forwardedHost: [String] = []
    private(set) var connectingIP: [String] = []
    private(set) var realIP: [String] = []
    private(set) var visitor: [String] = []

    init(_ fields: some Sequence<(name: String, value: String)>) {
        for (name, value) in fields {
            // The length sorts out most fields before a comparison.
            switch name.utf8.count {
            case 9 where name.isField("forwarded"): forwarded.append(value)
            case 9 where name.isField("x-real-ip"): realIP.append(value)
            case 10 where name.isField("cf-visitor"): visitor.append(value)
            case 15 where name.isField("x-forwarded-for"): forwardedFor.append(value)
            case 16 where name.isField("cf-connecting-ip"): connectingIP.append(value)
            case 16 where name.isField("x-forwarded-host"): forwardedHost.append(value)
            case 17 where name.isField("x-forwarded-proto"): forwardedScheme.append(value)
            default: break
            }
        }
    }

    /// The members of a list in several field lines, in order; empty ones are left out (RFC 9110 §5.6.1.2).
    static func members(_ lines: [String]) -> [Substring] {
        lines.flatMap { $0.utf8.split(separator: UInt8(ascii: ",")).map { Substring($0) } }.map(\.trimmingBlanks).filter
        { !$0.isEmpty }
    }

    /// The value of a field that has only one. Two of them contradict each other.
    static func single(_ lines: [String]) -> Substring? { lines.count == 1 ? lines[0].trimmingBlanks : nil }
}
