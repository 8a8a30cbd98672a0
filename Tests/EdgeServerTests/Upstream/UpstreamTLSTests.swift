import NIOHTTP1
import NIOSSL
import Testing

@testable import EdgeServer

@Suite struct UpstreamTLSTests {
    private static let ok = UpstreamPoolTests.ok

    private func client(
        _ origin: TLSOrigin, host: String = "localhost", _ change: (inout UpstreamOptions) -> Void = { _ in }
    ) async throws -> UpstreamClient {
        try await UpstreamClient(UpstreamOrigin(scheme: .https, host: host, port: origin.port)) { options in
            options.tls.authoritiesPath = origin.authorityPath
            change(&options)
        }
    }

    @Test func `an origin whose certificate is trusted and names it is spoken to, and its connection kept`()
        async throws
    {
        let origin = try await TLSOrigin(answer: UpstreamTLSTests.ok)
        let client = try await client(origin)
        #expect(try await client.fetch().body == "ok")
        #expect(try await client.fetch().isReused)
        #expect(try await client.counters == .init(opened: 1, refused: 0, reused: 1, retried: 0))
    }

    @Test func `a certificate that nobody vouches for is refused`() async throws {
        let origin = try await TLSOrigin(answer: UpstreamTLSTests.ok)
        let client = try await client(origin) { $0.tls.authoritiesPath = nil }
        let outcome = try await client.fetch()
        #expect(outcome.failure == .tlsFailed("the certificate is not trusted"))
        #expect(outcome.failure?.code == "tls_certificate_error")
        #expect(try await client.counters.refused == 1)
        #expect(try await client.on { $0.connectionCount } == 0)
    }

    @Test func `a certificate for another name is refused`() async throws {
        let origin = try await TLSOrigin(names: ["other.example"], answer: UpstreamTLSTests.ok)
        #expect(try await client(origin).fetch().failure == .tlsFailed("the certificate is not trusted"))
    }

    @Test func `the name to check can be another one than the host's`() async throws {
        let origin = try await TLSOrigin(names: ["other.example"], answer: UpstreamTLSTests.ok)
        let client = try await client(origin) { $0.tls.serverName = "other.example" }
        #expect(try await client.fetch().isComplete)
    }

    @Test func `an address is checked as an address`() async throws {
        let named = try await TLSOrigin(answer: UpstreamTLSTests.ok)
        let refused = try await client(named, host: "127.0.0.1").fetch()
        #expect(refused.failure == .tlsFailed("the certificate is not trusted"))
        let addressed = try await TLSOrigin(address: [127, 0, 0, 1], answer: UpstreamTLSTests.ok)
        #expect(try await client(addressed, host: "127.0.0.1").fetch().isComplete)
    }

    @Test func `verification can be switched off`() async throws {
        let origin = try await TLSOrigin(names: ["other.example"], answer: UpstreamTLSTests.ok)
        let client = try await client(origin) {
            $0.tls.authoritiesPath = nil
            $0.tls.verifiesCertificate = false
        }
        #expect(try await client.fetch().isComplete)
    }

    @Test func `a file without certificates is an error at once`() throws {
        var options = UpstreamOptions()
        options.tls.authoritiesPath = "/nonexistent/ca.pem"
        #expect(throws: (any Error).self) {
            try Upstream(UpstreamOrigin(scheme: .https, host: "a.example"), options: options)
        }
    }

    @Test(
        "the end of the connection ends a body only if the origin said so itself",
        arguments: [(TLSOrigin.Ending.closed, nil), (.cut, UpstreamFailure.bodyIncomplete)])
    func endings(ending: TLSOrigin.Ending, failure: UpstreamFailure?) async throws {
        let origin = try await TLSOrigin(answer: "HTTP/1.1 200 OK\r\n\r\nok", ending: ending)
        let outcome = try await client(origin).fetch()
        #expect(outcome.body == "ok")
        #expect(outcome.failure == failure)
    }

    @Test("a body with a length does not need that", arguments: [TLSOrigin.Ending.closed, .cut])
    func lengths(ending: TLSOrigin.Ending) async throws {
        let origin = try await TLSOrigin(answer: UpstreamTLSTests.ok, ending: ending)
        let client = try await client(origin)
        #expect(try await client.fetch().isComplete)
        #expect(try await client.fetch().isComplete)
    }

    @Test func `an origin that speaks no TLS is told so`() async throws {
        let origin = try ScriptedOrigin { peer in
            peer.send("HTTP/1.1 400 Bad Request\r\n\r\n")
            peer.readToEnd()
        }
        let client = try await UpstreamClient(UpstreamOrigin(scheme: .https, host: "127.0.0.1", port: origin.port))
        #expect(try await client.fetch().failure == .tlsFailed("the handshake failed"))
    }

    @Test func `a handshake that stands still is given up in time`() async throws {
        let origin = try ScriptedOrigin { peer in peer.readToEnd() }
        let client = try await UpstreamClient(UpstreamOrigin(scheme: .https, host: "127.0.0.1", port: origin.port)) {
            $0.connectTime = .milliseconds(50)
        }
        let outcome = try await client.fetch()
        #expect(outcome.failure == .connectTimeout)
        #expect(outcome.failure?.status == 504)
    }
}
