import HTTPTypes
import Testing
import Workers

@Suite struct SecureHeadersTests {
    private func router(_ layer: SecureHeaders<Env>) throws -> Router<Env> {
        try Router { routes in
            routes.use(layer)
            routes.get("/a") { _ in .text("a") }
            routes.get("/own") { _ in Response(headers: [.contentSecurityPolicy: "default-src 'self'"]) }
        }
    }

    @Test func `the defaults are those of an API`() async throws {
        let headers = try await router(SecureHeaders()).get("/a").headers
        #expect(headers[.xContentTypeOptions] == "nosniff")
        #expect(headers[.contentSecurityPolicy] == "default-src 'none'; frame-ancestors 'none'")
        #expect(headers[.strictTransportSecurity] == "max-age=31536000; includeSubDomains")
        #expect(headers[.init("Referrer-Policy")!] == "strict-origin-when-cross-origin")
        #expect(headers[.init("X-Frame-Options")!] == "DENY")
        #expect(headers[.init("Cross-Origin-Opener-Policy")!] == "same-origin")
        #expect(headers[.init("Cross-Origin-Resource-Policy")!] == "same-origin")
        #expect(headers[.init("Permissions-Policy")!] == nil)
    }

    @Test func `over http nothing is said about https`() async throws {
        let response = try await router(SecureHeaders()).ask(.get, "/a", scheme: "http")
        #expect(response.headers[.strictTransportSecurity] == nil)
        #expect(response.headers[.xContentTypeOptions] == "nosniff")
    }

    @Test func `a handler's own field stays, and nil leaves one out`() async throws {
        let router = try router(SecureHeaders(referrerPolicy: nil, permissionsPolicy: "camera=()"))
        let response = try await router.get("/own")
        #expect(response.headers[values: .contentSecurityPolicy] == ["default-src 'self'"])
        #expect(response.headers[.init("Referrer-Policy")!] == nil)
        #expect(response.headers[.init("Permissions-Policy")!] == "camera=()")
        #expect(try await router.get("/none").headers[.xContentTypeOptions] == "nosniff")
    }
}
