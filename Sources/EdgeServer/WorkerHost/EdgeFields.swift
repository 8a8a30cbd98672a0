import HTTPTypes
import NIOCore
import Workers

/// What the edge in front of a Worker knows about a request and tells it: the client's address, a ray, `request.cf`.
///
/// Fields of these names that a client sent are replaced, except that its `X-Forwarded-For` is continued.
/// See the Workers documentation, "Request", `cf`, and Cloudflare's "HTTP request headers".
public struct EdgeFields: Sendable {
    /// `request.cf`, without what depends on the request.
    public var cf: [JSON.Member]
    /// Two letters.
    private let country: String
    /// Three letters: the data centre.
    private let colo: String

    /// - Parameter cf: members that replace those of a made-up place in Texas, or come to them.
    public init(overriding cf: [JSON.Member] = []) {
        var members = EdgeFields.somewhere
        for member in cf {
            if let index = members.firstIndex(where: { $0.name == member.name }) {
                members[index] = member
            } else {
                members.append(member)
            }
        }
        self.cf = members
        country = members.first { $0.name == "country" }?.value.string ?? "XX"
        colo = members.first { $0.name == "colo" }?.value.string ?? "DFW"
    }

    /// - Parameter client: `nil` for a connection from this machine that has no address.
    func apply(to request: inout Request, client: SocketAddress?) {
        let address = client?.ipAddress ?? "127.0.0.1"
        let ray = EdgeFields.ray(.random(in: .min ... .max)) + "-" + colo
        let accepted = request.headers[.acceptEncoding]
        let forwarded = request.headers[EdgeFields.forwardedFor]
        request.headers[EdgeFields.connectingIP] = address
        request.headers[EdgeFields.realIP] = address
        request.headers[EdgeFields.forwardedFor] = forwarded.map { "\($0), \(address)" } ?? address
        request.headers[EdgeFields.forwardedProto] = request.url.scheme
        request.headers[EdgeFields.visitor] = request.url.scheme == "https" ? EdgeFields.secure : EdgeFields.plain
        request.headers[EdgeFields.rayID] = ray
        request.headers[EdgeFields.ipCountry] = country
        request.headers[.acceptEncoding] = "br, gzip"
        request.cf = .object(cf + [JSON.Member("clientAcceptEncoding", .string(accepted ?? ""))])
    }

    private static let secure = "{\"scheme\":\"https\"}"
    private static let plain = "{\"scheme\":\"http\"}"

    /// 16 hexadecimal digits.
    private static func ray(_ number: UInt64) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: 16 - text.utf8.count) + text
    }

    private static func name(_ text: String) -> HTTPField.Name { HTTPField.Name(text) ?? .accept }
    private static let connectingIP = name("CF-Connecting-IP")
    private static let realIP = name("X-Real-IP")
    private static let forwardedFor = name("X-Forwarded-For")
    private static let forwardedProto = name("X-Forwarded-Proto")
    private static let visitor = name("CF-Visitor")
    static let rayID = name("CF-Ray")
    private static let ipCountry = name("CF-IPCountry")

    /// Where requests come from as long as nothing better is known.
    private static let somewhere: [JSON.Member] = {
        let place: [JSON.Member] = [
            .init("asn", .integer(395_747)), .init("asOrganization", .string("")), .init("city", .string("Austin")),
            .init("colo", .string("DFW")), .init("continent", .string("NA")), .init("country", .string("US")),
            .init("latitude", .string("30.27130")), .init("longitude", .string("-97.74260")),
            .init("metroCode", .string("635")), .init("postalCode", .string("78701")),
            .init("region", .string("Texas")), .init("regionCode", .string("TX")),
            .init("timezone", .string("America/Chicago")),
        ]
        let connection: [JSON.Member] = [
            .init("clientTcpRtt", .integer(0)), .init("clientTrustScore", .integer(99)),
            .init("edgeRequestKeepAliveStatus", .integer(0)), .init("httpProtocol", .string("HTTP/1.1")),
            .init("requestPriority", .string("weight=192;exclusive=0")),
            .init("tlsCipher", .string("AEAD-AES128-GCM-SHA256")), .init("tlsVersion", .string("TLSv1.3")),
            .init(
                "tlsClientAuth",
                .object([.init("certPresented", .string("0")), .init("certVerified", .string("NONE"))])),
        ]
        return place + connection
    }()
}
