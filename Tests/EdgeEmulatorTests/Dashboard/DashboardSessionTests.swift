import HTTPTypes
import Testing
import Workers

@testable import EdgeEmulator

@Suite struct DashboardSessionTests {
    private static let credentials: Credentials = {
        var generator = SystemRandomNumberGenerator()
        return Credentials(using: &generator)
    }()
    private static let session = DashboardSession(credentials)
    private static let host = "127.0.0.1:8788"
    private static let origin = "http://127.0.0.1:8788"

    private static var cookie: String {
        let field = session.signIn(session.token)?.headers[.setCookie] ?? ""
        return String(decoding: field.utf8.prefix { $0 != 0x3B }, as: UTF8.self)
    }

    @Test func `the token opens the door, and leaves the address`() {
        let response = Self.session.signIn(Self.session.token)
        #expect(response?.status == .seeOther)
        #expect(response?.headers[.location] == "/")
        let cookie = response?.headers[.setCookie] ?? ""
        #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
        #expect(!cookie.contains(Self.session.token))
        #expect(!cookie.contains(Self.credentials.apiToken))
    }

    @Test(arguments: ["", "x", String(repeating: "0", count: 64)])
    func `another token does not`(token: String) {
        #expect(Self.session.signIn(token) == nil)
    }

    private enum Who: CaseIterable { case nobody, cookie, wrongCookie, token, wrongToken }

    private static func fields(_ who: Who, _ origin: String?, _ site: String?) -> Headers {
        var fields = Headers()
        switch who {
        case .nobody: break
        case .cookie: fields[.cookie] = "other=1; \(cookie)"
        case .wrongCookie: fields[.cookie] = "lilypad_dashboard=\(session.token)"
        case .token: fields[.authorization] = "Bearer \(credentials.apiToken)"
        case .wrongToken: fields[.authorization] = "Bearer \(session.token)"
        }
        fields[.origin] = origin
        if let name = HTTPField.Name("Sec-Fetch-Site") { fields[name] = site }
        return fields
    }

    private static func outcome(
        _ who: Who, _ method: HTTPRequest.Method, origin: String? = nil, site: String? = nil
    ) -> String {
        do {
            try session.check(method, fields(who, origin, site), host: host)
            return "passes"
        } catch {
            return error.code
        }
    }

    @Test func `who is not known passes with nothing`() {
        for who in [Who.nobody, .wrongCookie, .wrongToken] {
            #expect(Self.outcome(who, .get) == "not_signed_in")
            #expect(Self.outcome(who, .put, origin: Self.origin) == "not_signed_in")
        }
    }

    @Test func `a browser changes something only from the dashboard's own pages`() {
        #expect(Self.outcome(.cookie, .get) == "passes")
        #expect(Self.outcome(.cookie, .get, site: "same-origin") == "passes")
        #expect(Self.outcome(.cookie, .get, site: "cross-site") == "foreign_origin")
        #expect(Self.outcome(.cookie, .get, site: "same-site") == "foreign_origin")
        #expect(Self.outcome(.cookie, .put, origin: Self.origin) == "passes")
        for origin in [nil, "null", "http://127.0.0.1:8787", "https://127.0.0.1:8788", "http://evil.example"] {
            #expect(Self.outcome(.cookie, .put, origin: origin) == "foreign_origin")
        }
    }

    @Test func `a tool with the API token needs no origin`() {
        #expect(Self.outcome(.token, .post) == "passes")
    }
}
