import Crypto
import HTTPTypes
import Workers

/// Who may use the dashboard: whoever has the URL that the start prints, and from then on the browser that opened it.
///
/// Another page in the same browser can send requests here, but has neither the token nor an `Origin` that is ours; the
/// cookie does not go along with requests of other sites (RFC 6265bis §5.6.7, `SameSite=Strict`).
struct DashboardSession: Sendable {
    static let cookieName = "lilypad_dashboard"
    /// Seconds.
    private static let lifetime = 30 * 86_400

    /// In the URL. It follows from the API token, so it survives a restart and ends with the credentials.
    let token: String
    private let cookie: String
    private let apiToken: String

    init(_ credentials: Credentials) {
        apiToken = credentials.apiToken
        token = DashboardSession.derived(apiToken, "lilypad dashboard")
        cookie = DashboardSession.derived(apiToken, "lilypad dashboard cookie")
    }

    private static func derived(_ secret: String, _ purpose: String) -> String {
        let key = SymmetricKey(data: Array(secret.utf8))
        return Hexadecimal.text(Array(HMAC<SHA256>.authenticationCode(for: Array(purpose.utf8), using: key)))
    }

    /// The answer to a visit with a token: a cookie, and the page without the token in its address.
    ///
    /// - Returns: `nil` for a wrong one.
    func signIn(_ given: String) -> Response? {
        guard ConstantTime.areEqual(given, token) else { return nil }
        let value =
            "\(DashboardSession.cookieName)=\(cookie); Path=/; Max-Age=\(DashboardSession.lifetime); HttpOnly; "
            + "SameSite=Strict"
        return Response(
            .seeOther,
            headers: [.location: "/", .setCookie: value, .cacheControl: "no-store", .referrer: "no-referrer"])
    }

    /// Whether a browser has signed in before.
    func isKnown(cookies: String?) -> Bool {
        guard let cookies else { return false }
        let name = Array("\(DashboardSession.cookieName)=".utf8)
        return cookies.utf8.split(separator: 0x3B).contains { item in
            let pair = item.drop { $0 == 0x20 || $0 == 0x09 }
            guard pair.starts(with: name) else { return false }
            return ConstantTime.areEqual(String(decoding: pair.dropFirst(name.count), as: UTF8.self), cookie)
        }
    }

    /// - Throws: `Problem` for a request that must not pass.
    func check(_ method: HTTPRequest.Method, _ headers: Headers, host: String) throws(Problem) {
        if let field = headers[.authorization] {
            let parts = field.utf8.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
            guard parts.count == 2, parts[0].lowercased() == "bearer", ConstantTime.areEqual(parts[1], apiToken) else {
                throw DashboardSession.unknown
            }
            return
        }
        guard isKnown(cookies: headers[.cookie]) else { throw DashboardSession.unknown }
        let site = headers[.fetchSite]
        guard site == nil || site == "same-origin" || site == "none" else { throw DashboardSession.foreign }
        if method == .get || method == .head { return }
        guard let origin = headers[.origin], origin.utf8.elementsEqual("http://\(host)".utf8) else {
            throw DashboardSession.foreign
        }
    }

    private static let unknown = Problem(
        .unauthorized, code: "not_signed_in", "The dashboard is open to whoever has its URL with the token.",
        hint: "`lilypad-edge emulate` prints it at the start, and `d` opens it.")
    private static let foreign = Problem(
        .forbidden, code: "foreign_origin", "Only the dashboard's own pages may do this.")
}

extension HTTPField.Name {
    fileprivate static let fetchSite = HTTPField.Name("Sec-Fetch-Site") ?? .via
    fileprivate static let referrer = HTTPField.Name("Referrer-Policy") ?? .via
}
