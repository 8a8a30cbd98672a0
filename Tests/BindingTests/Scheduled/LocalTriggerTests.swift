import EdgeEmulator
import Testing
import Workers

@Suite struct LocalTriggerTests {
    @Test("all three spellings of the path are the endpoint", arguments: ["handler", "mf", "local"])
    func spellings(name: String) throws {
        let trigger = try #require(try ScheduledTrigger(path: "/cdn-cgi/\(name)/scheduled", query: nil))
        let event = trigger.event(now: 1_700_000_000.25)
        #expect(event.cron == "")
        #expect(event.scheduledTime == 1_700_000_000_250)
    }

    @Test func `the query is decoded as a form`() throws {
        let query = "cron=%2A%2f5+%2A&time=12.9&cron=second&format=%"
        let trigger = try #require(try ScheduledTrigger(path: "/cdn-cgi/mf/scheduled", query: query))
        #expect(trigger.cron == "*/5 *")
        #expect(trigger.time == 12)
    }

    @Test("a time that is no number is refused", arguments: ["noon", "nan", "inf", "1e99", "0x"])
    func times(text: String) {
        #expect(throws: Problem.self) {
            try ScheduledTrigger(path: "/cdn-cgi/handler/scheduled", query: "time=\(text)")
        }
    }

    @Test(
        "names of this machine and of the routes may come in",
        arguments: [
            "localhost", "LocalHost:8787", "app.localhost", "127.0.0.1:8787", "127.8.9.1", "[::1]", "[::1]:8787",
            "localhost.",
            "shop.test", "a.wild.test:80", "deep.a.wild.test", "both.test", "x.both.test",
        ])
    func allowed(host: String) {
        let rule = LocalHostRule(routes: ["https://shop.test/*", "*.wild.test/api", "*both.test/*"])
        #expect(rule.refusal(path: "/cdn-cgi/handler/scheduled", authority: host, origin: nil) == nil)
        #expect(rule.refusal(path: "/cdn-cgi/x", authority: "localhost", origin: "http://\(host)") == nil)
    }

    @Test(
        "other names may not",
        arguments: [
            "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "wild.test", "evil@localhost",
            "127.0.0.256", "128.0.0.1", "[::2]", "", "notlocalhost",
        ])
    func refused(host: String) async throws {
        let rule = LocalHostRule(routes: ["*.wild.test/api", "*", "*/*"])
        let path = "/cdn-cgi/handler/scheduled"
        let byHost = try #require(rule.refusal(path: path, authority: host, origin: nil))
        #expect(byHost.status == .forbidden)
        #expect(try await byHost.text() == "Invalid Host header")
        let byOrigin = try #require(rule.refusal(path: path, authority: "localhost", origin: "https://\(host)"))
        #expect(byOrigin.status == .forbidden)
        #expect(try await byOrigin.text() == "Invalid Origin header")
    }

    @Test func `an origin that is nobody's is refused`() {
        #expect(LocalHostRule().refusal(path: "/cdn-cgi/x", authority: "localhost", origin: "null") != nil)
    }

    @Test func `other paths are everybody's`() {
        #expect(LocalHostRule().refusal(path: "/cdn-cgix", authority: "evil.example", origin: "null") == nil)
    }
}
