import LilypadWorker
import Testing
import Workers
import WorkersTesting

@Suite struct StatusTests {
    private func fetch(_ method: String, _ path: String, bundle: String = "abc") async throws -> Response {
        let metadata = VersionMetadata { .init(id: bundle, tag: "0.1.0", timestamp: 100) }
        let worker = try TestWorker(
            LilypadWorker.self,
            bindings: ["CF_VERSION_METADATA": .versionMetadata(metadata), "ENVIRONMENT": .text("test")],
            clock: TestClock(now: 112.5))
        return try await worker.fetch(path, method: .init(rawValue: method)!)
    }

    @Test func `the status tells version, bundle, uptime and bindings, and is never stored`() async throws {
        let response = try await fetch("GET", "/api/v1/status")
        #expect(response.status == .ok)
        #expect(response.headers[.cacheControl] == "no-store")
        #expect(
            try await response.text() == """
                {"version":"0.1.0","bundle":"abc","uptimeSeconds":12.5,"environment":"test","bindings":\
                [{"name":"CF_VERSION_METADATA","kind":"version_metadata"},{"name":"ENVIRONMENT","kind":"var"}]}
                """)
    }

    @Test func `a site without a bundle says so`() async throws {
        #expect(try await fetch("GET", "/api/v1/status", bundle: "").text().contains("\"bundle\":null"))
    }

    @Test func `the status cannot be written`() async throws {
        let response = try await fetch("POST", "/api/v1/status")
        #expect(response.status == .methodNotAllowed)
        #expect(response.headers[.allow] == "GET, HEAD, OPTIONS")
    }

    @Test func `an unknown path is a problem with a stable code`() async throws {
        let response = try await fetch("GET", "/api/v1/nothing")
        #expect(response.status == .notFound)
        #expect(try await response.json()["code"]?.string == "not_found")
    }

    @Test func `every route says what it is and who may call it`() throws {
        let routes = try LilypadWorker().routes
        #expect(!routes.isEmpty)
        for route in routes { #expect(route.access != nil && !route.summary.isEmpty, "\(route)") }
    }
}
