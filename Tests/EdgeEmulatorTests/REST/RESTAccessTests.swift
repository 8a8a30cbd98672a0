import HTTPTypes
import Testing
import Workers

@testable import EdgeEmulator

@Suite struct RESTAccessTests {
    @Test func `a call needs the token, as a bearer or as a key`() async throws {
        try await RESTHarness.with { rest async throws in
            let token = rest.platform.credentials.apiToken
            let url = RequestURL(
                scheme: "http", authority: "127.0.0.1", path: "/client/v4/accounts/\(rest.account)/queues")
            func status(_ fields: [(String, String)]) async throws -> [Int] {
                var request = Request(.get, url)
                for (name, value) in fields { request.headers[try #require(HTTPField.Name(name))] = value }
                let response = await rest.service.fetch(request)
                let json = try await response.json()
                return [response.status.code, json["errors"]?[0]?["code"]?.integer ?? 0]
            }
            #expect(try await status([]) == [400, 9106])
            #expect(try await status([("Authorization", "Bearer")]) == [400, 9106])
            #expect(try await status([("Authorization", "Basic \(token)")]) == [400, 9106])
            #expect(try await status([("X-Auth-Key", token)]) == [400, 9106])
            #expect(try await status([("Authorization", "Bearer \(token)x")]) == [403, 10000])
            #expect(try await status([("X-Auth-Key", "x"), ("X-Auth-Email", "ada@lily.test")]) == [403, 10000])
            #expect(try await status([("Authorization", "bearer \(token)")]) == [200, 0])
            #expect(try await status([("X-Auth-Key", token), ("X-Auth-Email", "ada@lily.test")]) == [200, 0])
        }
    }

    @Test func `who may not come in learns nothing about paths`() async throws {
        try await RESTHarness.with { rest async throws in
            #expect(try await rest.ask(.get, "/nothing", token: "x").refusal == [403, 10000])
            #expect(try await rest.ask(.get, "/nothing").refusal == [404, 7003])
            #expect(try await rest.ask(.get, "/client/v4/accounts/other/queues").refusal == [403, 10000])
        }
    }

    @Test func `another method is told which there are`() async throws {
        try await RESTHarness.with { rest async throws in
            let answer = try await rest.ask(.patch, "/queues")
            #expect(answer.refusal == [405, 10405])
            #expect(answer.headers[.allow] == "GET, POST")
            #expect(answer.json?["success"] == .bool(false))
            #expect(answer.json?["result"] == .null)
            #expect(answer.json?["messages"] == .array([]))
        }
    }

    @Test func `calls are limited where limits are enforced, and pulling is not`() async throws {
        let policy = try #require(HTTPField.Name("Ratelimit-Policy"))
        try await RESTHarness.with(enforcesLimits: true) { rest async throws in
            let queue = try #require(
                try await rest.result(.post, "/queues", #"{"queue_name":"q"}"#)["queue_id"]?.string)
            try await rest.result(.post, "/queues/\(queue)/consumers", #"{"type":"http_pull"}"#)
            for _ in 0..<1198 { #expect(try await rest.ask(.get, "/queues").status == 200) }
            let answer = try await rest.ask(.get, "/queues")
            #expect(answer.refusal == [429, 10429])
            #expect(Int(answer.headers[.retryAfter] ?? "").map { (1...300).contains($0) } == true)
            #expect(answer.headers[policy] == "\"default\";q=1200;w=300")
            #expect(try await rest.ask(.get, "/nothing").status == 429)
            #expect(try await rest.ask(.post, "/queues/\(queue)/messages/pull").status == 200)
            rest.clock?.move(by: 301)
            #expect(try await rest.ask(.get, "/queues").status == 200)
        }
        try await RESTHarness.with { rest async throws in
            #expect(try await rest.ask(.get, "/queues").headers[policy] == nil)
        }
    }
}
