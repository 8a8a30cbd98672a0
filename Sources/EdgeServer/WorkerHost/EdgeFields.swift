import HTTPTypes
import Synchronization
import Workers

/// What the edge in front of a Worker knows about a request and tells it: the client's address, a ray, `request.cf`.
///
/// Fields of these names that a client sent are replaced. In front of the emulator its `X-Forwarded-For` is continued, as
/// Cloudflare does; in production nothing of it is passed on, because nobody has checked it.
/// See the Workers documentation, "Request", `cf`, and Cloudflare's "HTTP request headers".
public struct EdgeFields: Sendable {
    private let about: ClientFacts
    /// What all requests of a scheme are told.
    private let plain: [HTTPField]
    private let secure: [HTTPField]
    /// Three letters: the data centre.
    private let colo: String
    private let place: Place

    /// Where requests come from.
    public enum Place: Sendable {
        /// Somewhere in Texas, as Cloudflare's local tools say.
        case madeUp
        /// Nobody has looked the address up.
        case unknown
    }

    /// - Parameter cf: members that replace those of the place, or come to them.
    public init(_ place: Place = .madeUp, overriding cf: [JSON.Member] = []) {
        self.place = place
        var members = place == .madeUp ? EdgeFields.somewhere : EdgeFields.nowhere
        for member in cf {
            if let index = members.firstIndex(where: { $0.name == member.name }) {
                members[index] = member
            } else {
                members.append(member)
            }
        }
        about = ClientFacts(members)
        let country = members.first { $0.name == "country" }?.value.string ?? "XX"
        plain = EdgeFields.fields(scheme: "http", country: country)
        secure = EdgeFields.fields(scheme: "https", country: country)
        colo = members.first { $0.name == "colo" }?.value.string ?? "XXX"
    }

    /// - Parameters:
    ///   - fields: of the request.
    ///   - number: another one for each request.
    /// - Returns: the ray of the request, and its `cf`.
    func apply(to fields: inout Headers, client: ClientIdentity, number: UInt64) -> (ray: String, cf: JSON) {
        let address = client.address
        var ray = EdgeFields.ray(number, colo)
        var accepted = ""
        var forwarded = address
        var country: String?
        if fields.contains(where: { EdgeFields.isOwn($0.name) }) {
            accepted = fields[.acceptEncoding] ?? ""
            if place == .madeUp { forwarded = fields[EdgeFields.forwardedFor].map { "\($0), \(address)" } ?? address }
            if client.source == .field(.connectingIP) {
                // Cloudflare itself is in front and knows better.
                country = fields[EdgeFields.ipCountry]
                ray = fields[EdgeFields.rayID] ?? ray
            }
            fields.removeAll { EdgeFields.isOwn($0.name) }
        }
        fields.append(HTTPField(name: EdgeFields.connectingIP, value: address))
        fields.append(HTTPField(name: EdgeFields.realIP, value: address))
        fields.append(HTTPField(name: EdgeFields.forwardedFor, value: forwarded))
        fields.append(HTTPField(name: EdgeFields.rayID, value: ray))
        // One by one: that is the shortest way into this collection.
        for field in client.scheme == "https" ? secure : plain { fields.append(field) }
        if let country { fields[EdgeFields.ipCountry] = country }
        return (ray, about.accepting(accepted))
    }

    /// How many fields `apply` adds.
    static let count = 8

    /// Whether the edge says this itself. The length sorts out most fields before a comparison.
    private static func isOwn(_ name: HTTPField.Name) -> Bool {
        switch name.canonicalName.utf8.count {
        case 6: name == rayID
        case 9: name == realIP || name == standardForwarded
        case 10: name == visitor
        case 12: name == ipCountry
        case 15: name == .acceptEncoding || name == forwardedFor
        case 16: name == connectingIP || name == forwardedHost
        case 17: name == forwardedProto
        default: false
        }
    }

    /// 16 hexadecimal digits and the data centre.
    private static func ray(_ number: UInt64, _ colo: String) -> String {
        var colo = colo
        return colo.withUTF8 { colo in
            String(unsafeUninitializedCapacity: 17 + colo.count) { text in
                for place in 0..<16 {
                    let digit = UInt8(truncatingIfNeeded: number >> (60 - 4 * place)) & 15
                    text[place] = digit < 10 ? 0x30 + digit : 0x57 + digit
                }
                text[16] = 0x2D
                for (place, byte) in colo.enumerated() { text[17 + place] = byte }
                return 17 + colo.count
            }
        }
    }

    private static func fields(scheme: String, country: String) -> [HTTPField] {
        [
            HTTPField(name: forwardedProto, value: scheme),
            HTTPField(name: visitor, value: "{\"scheme\":\"\(scheme)\"}"),
            HTTPField(name: ipCountry, value: country),
            HTTPField(name: .acceptEncoding, value: "br, gzip"),
        ]
    }

    private static func name(_ text: String) -> HTTPField.Name { HTTPField.Name(text) ?? .accept }
    private static let connectingIP = name("CF-Connecting-IP")
    private static let realIP = name("X-Real-IP")
    private static let forwardedFor = name("X-Forwarded-For")
    private static let forwardedProto = name("X-Forwarded-Proto")
    private static let forwardedHost = name("X-Forwarded-Host")
    private static let standardForwarded = name("Forwarded")
    private static let visitor = name("CF-Visitor")
    static let rayID = name("CF-Ray")
    private static let ipCountry = name("CF-IPCountry")

    /// `XX` is Cloudflare's country of addresses it knows nothing about.
    private static let nowhere: [JSON.Member] = [
        .init("country", .string("XX")), .init("httpProtocol", .string("HTTP/1.1")),
    ]

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

/// `request.cf`. It differs between requests only by the `Accept-Encoding` that the client sent, and the next client
/// usually sends the same, so the last one is kept.
private final class ClientFacts: Sendable {
    private let members: [JSON.Member]
    private let last: Mutex<(encoding: String, cf: JSON)>

    init(_ members: [JSON.Member]) {
        self.members = members
        last = Mutex((encoding: "", cf: ClientFacts.cf(members, "")))
    }

    func accepting(_ encoding: String) -> JSON {
        last.withLock { last in
            if last.encoding != encoding { last = (encoding: encoding, cf: ClientFacts.cf(members, encoding)) }
            return last.cf
        }
    }

    private static func cf(_ members: [JSON.Member], _ encoding: String) -> JSON {
        .object(members + [JSON.Member("clientAcceptEncoding", .string(encoding))])
    }
}
