import EdgeEmulator
import Foundation
import HTTPTypes
import Synchronization
import Testing
import Workers

private let file = VectorFile("cron.json")

@Suite struct CronVectors {
    @Test(.enabled(if: file.exists, file.missing), arguments: file.cases)
    func cron(_ vector: VectorCase) async throws {
        let operation = try #require(vector.when["op"]?.string)
        let result: JSON
        switch operation {
        case "parse": result = parse(try expression(vector))
        case "matches": result = try matches(vector)
        case "next": result = try next(vector)
        case "http": result = try await http(vector)
        default:
            Issue.record("unknown operation \(operation)")
            return
        }
        #expect(VectorMatch(earlier: []).verdict(result, vector.then) == [])
    }

    private func expression(_ vector: VectorCase) throws -> String {
        try #require(vector.given["expression"]?.string)
    }

    private func parse(_ text: String) -> JSON {
        .object([.init("valid", .bool((try? CronExpression(text)) != nil))])
    }

    private func matches(_ vector: VectorCase) throws -> JSON {
        let cron = try CronExpression(expression(vector))
        return .object([.init("matches", .bool(cron.matches(try time(vector.when["time"]))))])
    }

    private func next(_ vector: VectorCase) throws -> JSON {
        let cron = try CronExpression(expression(vector))
        var last = try time(vector.when["after"])
        var times: [JSON] = []
        while times.count < vector.when["count"]?.integer ?? 0, let next = cron.next(after: last) {
            times.append(.string(Date(timeIntervalSince1970: next).formatted(.iso8601)))
            last = next
        }
        return .object([.init("times", .array(times))])
    }

    private func time(_ text: JSON?) throws -> Double {
        try Date(try #require(text?.string), strategy: .iso8601).timeIntervalSince1970
    }

    /// The local trigger endpoint in front of a Worker: what a gateway does with the two decisions.
    private func http(_ vector: VectorCase) async throws -> JSON {
        let path = try #require(vector.when["path"]?.string)
        let url = RequestURL(scheme: "http", authority: "localhost:8787", target: path)
        let headers = vector.when["headers"]?.members ?? []
        let origin = headers.first { $0.name == "Origin" }?.value.string
        let given = vector.given
        let seen = Mutex<[(cron: String, time: Double)]>([])
        let run = ScheduledRun(clock: MovableClock(at: 1_700_000_000)) { event in
            seen.withLock { $0.append((event.cron, event.scheduledTime)) }
            if given["scheduled"]?["noRetry"] == .bool(true) { event.noRetry() }
            if given["scheduled"]?["outcome"]?.string != "ok" { throw WorkersError(.error, "as the vector says") }
        }

        var response = Response(.ok, body: Body(text: given["fetch"]?["body"]?.string ?? ""))
        if let refusal = LocalHostRule().refusal(path: url.path, authority: url.authority, origin: origin) {
            response = refusal
        } else if let trigger = try ScheduledTrigger(path: url.path, query: url.query) {
            response = trigger.answer(await run.run(trigger.event(now: 1_700_000_000)).result)
        }
        let body = try await response.text()
        var members: [JSON.Member] = [
            .init("status", .integer(response.status.code)), .init("body", .string(body)),
        ]
        if let json = try? JSON(parsing: Array(body.utf8)) { members.append(.init("json", json)) }
        if let call = seen.withLock({ $0.first }) {
            let controller: [JSON.Member] = [
                .init("cron", .string(call.cron)), .init("scheduledTime", .number(call.time)),
            ]
            members.append(.init("controller", .object(controller)))
        }
        return .object(members)
    }
}
