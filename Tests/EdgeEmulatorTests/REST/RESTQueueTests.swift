import Testing
import Workers

@testable import EdgeEmulator

@Suite struct RESTQueueTests {
    private func queue(
        _ rest: RESTHarness, _ name: String, consumer: String? = #"{"type":"http_pull"}"#
    ) async throws -> String {
        let made = try await rest.result(.post, "/queues", #"{"queue_name":"\#(name)"}"#)
        let path = "/queues/" + (try #require(made["queue_id"]?.string))
        if let consumer { try await rest.result(.post, path + "/consumers", consumer) }
        return path
    }

    private func pulled(_ rest: RESTHarness, _ path: String) async throws -> [JSON] {
        try #require(try await rest.result(.post, path + "/messages/pull", #"{"batch_size":100}"#)["messages"]?.array)
    }

    @Test func `a message is pulled, retried, and acknowledged after its lease`() async throws {
        try await RESTHarness.with { rest async throws in
            let path = try await queue(rest, "q", consumer: #"{"type":"http_pull","settings":{"max_retries":2}}"#)
            let pushed = try await rest.result(.post, path + "/messages", #"{"body":{"n":1}}"#)
            #expect(
                pushed.text
                    == #"{"metadata":{"metrics":{"backlog_count":0,"backlog_bytes":0,"oldest_message_timestamp_ms":0}}}"#
            )
            let first = try await pulled(rest, path)
            #expect(first.map { $0["body"]?.string } == ["eyJuIjoxfQ=="])
            #expect(first[0]["metadata"]?["CF-Content-Type"]?.string == "json")
            #expect(try await pulled(rest, path).isEmpty)
            let lease = try #require(first[0]["lease_id"]?.string)
            // The lease ends.
            rest.clock?.move(by: 31)
            let second = try await pulled(rest, path)
            #expect(second.map { $0["attempts"]?.integer } == [2])
            let late = try await rest.result(.post, path + "/messages/ack", #"{"acks":[{"lease_id":"\#(lease)"}]}"#)
            #expect(late["ackCount"] == .integer(0))
            #expect(late["warnings"]?[lease] != nil)
            let newer = try #require(second[0]["lease_id"]?.string)
            let retried = try await rest.result(
                .post, path + "/messages/ack", #"{"retries":[{"lease_id":"\#(newer)","delay_seconds":10}]}"#)
            #expect(retried.text == #"{"ackCount":0,"retryCount":1,"warnings":{}}"#)
            #expect(try await pulled(rest, path).isEmpty)
            rest.clock?.move(by: 10)
            let third = try #require(try await pulled(rest, path).first?["lease_id"]?.string)
            try await rest.result(.post, path + "/messages/ack", #"{"acks":[{"lease_id":"\#(third)"}]}"#)
            #expect(try await rest.result(.get, path + "/metrics")["backlog_count"] == .integer(0))
        }
    }

    @Test(
        "a body decides its type where none is given",
        arguments: [
            (#"{"body":[1]}"#, "json"), (#"{"body":{}}"#, "json"), (#"{"body":"t"}"#, "text"),
            (#"{"body":"t","content_type":"json"}"#, "json"), (#"{"body":7,"content_type":"json"}"#, "json"),
            (#"{"body":"t","content_type":"text"}"#, "text"),
        ])
    func types(message: String, type: String) async throws {
        try await RESTHarness.with { rest async throws in
            let path = try await queue(rest, "q")
            try await rest.result(.post, path + "/messages", message)
            try await rest.result(.post, path + "/messages/batch", #"{"messages":[\#(message)]}"#)
            #expect(
                try await pulled(rest, path).map { $0["metadata"]?["CF-Content-Type"]?.string } == [type, type])
        }
    }

    @Test func `a message that is wrong is refused with Cloudflare's number`() async throws {
        try await RESTHarness.with { rest async throws in
            let path = try await queue(rest, "q")
            let long = String(repeating: "x", count: 128_001)
            let cases: [(String, Int)] = [
                ("", 10207), ("{", 10207), ("[]", 10207), ("{}", 10207), (#"{"body":1}"#, 10207),
                (#"{"body":{},"content_type":"text"}"#, 10207), (#"{"body":"x","content_type":"v8"}"#, 10207),
                (#"{"body":"x","content_type":1}"#, 10207), (#"{"body":"x","delay_seconds":86401}"#, 10202),
                (#"{"body":"x","delay_seconds":-1}"#, 10202), (#"{"body":"x","delay_seconds":0.5}"#, 10207),
                (#"{"body":"\#(long)"}"#, 10204),
            ]
            for (body, code) in cases {
                let answer = try await rest.ask(.post, path + "/messages", Body(text: body))
                #expect(answer.refusal == [400, code], "\(body.prefix(60))")
            }
            let batch = Array(repeating: #"{"body":"x"}"#, count: 101).joined(separator: ",")
            let heavy = Array(repeating: #"{"body":"\#(long.dropLast(1))"}"#, count: 3).joined(separator: ",")
            for (body, code) in [(batch, 10206), (heavy, 10205)] {
                let answer = try await rest.ask(
                    .post, path + "/messages/batch", Body(text: #"{"messages":[\#(body)]}"#))
                #expect(answer.refusal == [400, code])
            }
            #expect(try await rest.ask(.post, path + "/messages/batch", Body(text: "{}")).refusal == [400, 10207])
            #expect(
                try await rest.ask(.post, path + "/messages/batch", Body(text: #"{"messages":[]}"#)).refusal
                    == [400, 10207])
            let huge = Body(bytes: Array(repeating: 0x20, count: 5 << 20))
            #expect(try await rest.ask(.post, path + "/messages", huge).refusal == [413, 10207])
            #expect(
                try await rest.ask(.post, path + "/messages/pull", Body(text: #"{"batch_size":101}"#)).refusal
                    == [400, 10201])
            #expect(try await rest.result(.get, path + "/metrics")["backlog_count"] == .integer(0))
        }
    }

    @Test func `the queue of a Worker gets what is pushed here`() async throws {
        try await RESTHarness.with { rest async throws in
            let listed = try await rest.result(.get, "/queues")
            #expect(listed.array?.map { $0["queue_name"]?.string } == ["jobs"])
            #expect(listed[0]?["producers"]?.text == #"[{"type":"worker","script":"app"}]"#)
            #expect(listed[0]?["consumers"]?[0]?["script_name"]?.string == "app")
            let path = "/queues/" + (try #require(listed[0]?["queue_id"]?.string))
            let consumer = try #require(listed[0]?["consumers"]?[0]?["consumer_id"]?.string)
            try await rest.result(.post, path + "/messages", #"{"body":"hello"}"#)
            let notes = rest.platform.kv.namespace("0123456789abcdef0123456789abcdef") { 0 }
            let deadline = ContinuousClock.now + .seconds(30)
            while try await notes.list().keys.isEmpty, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(5))
            }
            let name = try #require(try await notes.list().keys.first?.name)
            #expect(try await notes.get(name) == "hello")
            // What wrangler.toml says is changed there.
            for (method, place, body) in [
                ("DELETE", path, ""), ("PUT", path, #"{"queue_name":"other"}"#),
                ("DELETE", path + "/consumers/\(consumer)", ""),
                ("PUT", path + "/consumers/\(consumer)", #"{"type":"http_pull"}"#),
            ] {
                let answer = try await rest.ask(try #require(.init(method)), place, Body(text: body))
                #expect(answer.refusal == [400, 10207])
                #expect(answer.message.contains("wrangler.toml"))
            }
            #expect(
                try await rest.ask(.post, path + "/consumers", .object([.init("type", .string("http_pull"))])).refusal
                    == [400, 11004])
        }
    }

    @Test func `a queue keeps its settings, its consumer and its messages over a restart`() async throws {
        try await withTemporaryFolder { folder in
            var path = ""
            var before = JSON.null
            try await RESTHarness.with(folder) { rest async throws in
                path = try await queue(
                    rest, "kept",
                    consumer: #"{"type":"http_pull","dead_letter_queue":"graves","settings":{"batch_size":3,"#
                        + #""visibility_timeout_ms":5}}"#)
                try await rest.result(
                    .patch, path, #"{"settings":{"delivery_delay":0,"message_retention_period":999}}"#)
                try await rest.result(.patch, path, #"{"queue_name":"renamed","settings":{"delivery_paused":true}}"#)
                try await rest.result(.post, path + "/messages", #"{"body":"waits"}"#)
                before = try await rest.result(.get, path)
                // A queue of the configuration keeps what is set here, too.
                let jobs = try #require(try await rest.result(.get, "/queues?name=jobs")[0]?["queue_id"]?.string)
                try await rest.result(.patch, "/queues/\(jobs)", #"{"settings":{"delivery_paused":true}}"#)
            }
            let (kept, described) = (path, before)
            try await RESTHarness.with(folder) { rest async throws in
                #expect(try await rest.result(.get, kept) == described)
                #expect(described["settings"]?["message_retention_period"] == .integer(999))
                #expect(described["consumers"]?[0]?["settings"]?["batch_size"] == .integer(3))
                #expect(try await pulled(rest, kept).map { $0["body"]?.string } == ["waits"])
                let jobs = try await rest.result(.get, "/queues?name=jobs")
                #expect(jobs[0]?["settings"]?["delivery_paused"] == .bool(true))
                #expect(jobs[0]?["consumers_total_count"] == .integer(1))
                try await rest.result(.delete, kept)
                #expect(try await rest.ask(.get, kept).refusal == [404, 11000])
                #expect(try await rest.ask(.post, kept + "/messages/pull").refusal == [404, 10104])
            }
            try await RESTHarness.with(folder) { rest async throws in
                #expect(try await rest.ask(.get, kept).refusal == [404, 11000])
            }
        }
    }

    @Test func `a delay of the configuration goes when the configuration drops it`() async throws {
        try await withTemporaryFolder { folder in
            let delayed = RESTHarness.config.replacing(
                "queue = \"jobs\"\n[[queues.consumers]]",
                with: "queue = \"jobs\"\ndelivery_delay = 7\n[[queues.consumers]]")
            try await RESTHarness.with(folder, config: delayed) { rest async throws in
                let jobs = try await rest.result(.get, "/queues")[0]
                #expect(jobs?["settings"]?["delivery_delay"] == .integer(7))
                let path = "/queues/" + (try #require(jobs?["queue_id"]?.string))
                let paused = try await rest.result(.patch, path, #"{"settings":{"delivery_paused":true}}"#)
                #expect(paused["settings"]?["delivery_delay"] == .integer(7))
                let answer = try await rest.ask(.patch, path, Body(text: #"{"settings":{"delivery_delay":8}}"#))
                #expect(answer.refusal == [400, 10207])
            }
            try await RESTHarness.with(folder) { rest async throws in
                let jobs = try await rest.result(.get, "/queues")[0]
                #expect(jobs?["settings"]?["delivery_delay"] == .integer(0))
                #expect(jobs?["settings"]?["delivery_paused"] == .bool(true))
            }
        }
    }

    @Test func `a consumer whose Worker does not run waits for it`() async throws {
        try await withTemporaryFolder { folder in
            var path = ""
            try await RESTHarness.with(folder) { rest async throws in
                path = try await queue(rest, "q", consumer: nil)
                try await rest.result(.patch, path, #"{"settings":{"delivery_paused":true}}"#)
                try await rest.result(
                    .post, path + "/consumers", #"{"type":"worker","script_name":"app","settings":{"max_retries":0}}"#)
                try await rest.result(.post, path + "/messages", #"{"body":"kept"}"#)
                try await rest.result(.patch, path, #"{"settings":{"delivery_paused":false}}"#)
                // It stays in the file whatever becomes of the Worker.
                try await rest.result(.patch, path, #"{"settings":{"delivery_paused":true}}"#)
            }
            let kept = path
            let other = RESTHarness.config.replacing("name = \"app\"", with: "name = \"other\"")
            try await RESTHarness.with(folder, config: other) { rest async throws in
                try await rest.result(.patch, kept, #"{"settings":{"delivery_delay":1}}"#)
                #expect(rest.platform.queues.queues.consumer(of: "q") == nil)
                let described = try await rest.result(.get, kept)
                #expect(described["consumers"]?[0]?["script_name"]?.string == "app")
            }
        }
    }

    @Test func `messages are looked at, and purged by reference or all of them`() async throws {
        try await RESTHarness.with { rest async throws in
            let path = try await queue(rest, "q", consumer: nil)
            for body in ["a", "b", "c"] {
                try await rest.result(.post, path + "/messages", #"{"body":"\#(body)"}"#)
            }
            let seen = try await rest.result(.post, path + "/messages/peek", #"{"batch_size":2}"#)["messages"]
            #expect(seen?.array?.map { $0["body"]?.string } == ["a", "b"])
            #expect(seen?[0]?["lease_id"] == nil)
            let ref = try #require(seen?[0]?["ref"]?.string)
            let purged = try await rest.result(
                .post, path + "/messages/purge", #"{"refs":[{"ref":"\#(ref)"},"gone"]}"#)
            #expect(purged["warnings"]?.members?.map(\.name) == ["gone"])
            #expect(try await rest.result(.get, path + "/metrics")["backlog_count"] == .integer(2))
            #expect(try await rest.ask(.post, path + "/messages/purge", Body(text: "{}")).refusal == [400, 10207])
            #expect(try await rest.ask(.post, path + "/purge", Body(text: "{}")).refusal == [400, 10207])
            #expect(try await rest.result(.get, path + "/purge")["started_at"] == .null)
            try await rest.result(.post, path + "/purge", #"{"delete_messages_permanently":true}"#)
            #expect(try await rest.result(.get, path + "/purge")["completed"]?.string == "true")
            #expect(try await rest.result(.get, path + "/metrics")["backlog_count"] == .integer(0))
        }
    }

    @Test(
        "a name has lower-case letters, digits and inner hyphens",
        arguments: ["", "-a", "a-", "A", "a_b", "é", "e\u{301}", String(repeating: "a", count: 64)])
    func names(name: String) async throws {
        try await RESTHarness.with { rest async throws in
            let body = JSON.object([.init("queue_name", .string(name))])
            #expect(try await rest.ask(.post, "/queues", body).refusal == [400, 11003])
        }
    }

    @Test func `names are taken once, and ids have a form`() async throws {
        try await RESTHarness.with { rest async throws in
            let path = try await queue(rest, "a", consumer: nil)
            _ = try await queue(rest, "b", consumer: nil)
            for name in ["a", "jobs"] {
                let body = JSON.object([.init("queue_name", .string(name))])
                #expect(try await rest.ask(.post, "/queues", body).refusal == [400, 11009])
            }
            #expect(
                try await rest.ask(.patch, path, .object([.init("queue_name", .string("b"))])).refusal == [400, 11009])
            #expect(try await rest.ask(.get, "/queues/a").refusal == [400, 10107])
            for settings in [
                #"{"delivery_delay":86401}"#, #"{"message_retention_period":59}"#, #"{"delivery_paused":1}"#, "[]",
                #"{"delivery_delay":"1"}"#,
            ] {
                let answer = try await rest.ask(.patch, path, Body(text: #"{"settings":\#(settings)}"#))
                #expect(answer.refusal == [400, 10207])
            }
            for body in [
                #"{"type":"x"}"#, #"{"type":"http_pull","settings":{"batch_size":101}}"#,
                #"{"type":"http_pull","dead_letter_queue":"a"}"#, #"{"type":"worker"}"#,
            ] {
                #expect(try await rest.ask(.post, path + "/consumers", Body(text: body)).refusal == [400, 10207])
            }
            let stranger = Body(text: #"{"type":"worker","script_name":"stranger"}"#)
            #expect(try await rest.ask(.post, path + "/consumers", stranger).refusal == [400, 11001])
        }
    }
}
