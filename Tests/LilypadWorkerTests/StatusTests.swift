import LilypadWorker
import Testing
import Workers

@Suite struct StatusTests {
    private func fetch(_ method: String, _ path: String, bundle: String = "abc") async throws -> Response {
        let metadata = VersionMetadata { .init(id: bundle, tag: "0.1.0", timestamp: 100) }
        let bindings = Bindings(["CF_VERSION_METADATA": .versionMetadata(metadata), "ENVIRONMENT": .text("test")])
        let env = try LilypadWorker.Env(bindings)
        let context = ExecutionContext(now: { 112.5 }, extend: { _ in })
        let request = Request(.init(rawValue: method)!, RequestURL(authority: "localhost", path: path))
        return try await LilypadWorker().fetch(request, env: env, context: context)
    }

    @Test func `the status tells version, bundle, uptime and bindings, and is never stored`() async throws {
        let response = try await fetch("GET", "/api/v1/status")
        #expect(response.status == .ok)
        #expect(response.headers[.cacheControl] == "no-store")
        #expect(
            response.body.text == """
                {"version":"0.1.0","bundle":"abc","uptimeSeconds":12.5,"environment":"test","bindings":\
                [{"name":"CF_VERSION_METADATA","kind":"version_metadata"},{"name":"ENVIRONMENT","kind":"var"}]}
                """)
    }

    @Test func `a site without a bundle says so`() async throws {
        #expect(try await fetch("GET", "/api/v1/status", bundle: "").body.text.contains("\"bundle\":null"))
    }

    @Test func `the status cannot be written`() async throws {
        let problem = await #expect(throws: Problem.self) { try await fetch("POST", "/api/v1/status") }
        #expect(problem?.response.headers[.allow] == "GET, HEAD")
    }

    @Test func `an unknown path is a problem with a stable code`() async throws {
        let problem = await #expect(throws: Problem.self) { try await fetch("GET", "/api/v1/nothing") }
        #expect(problem?.code == "not_found")
    }
}
