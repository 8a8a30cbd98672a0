import HTTPTypes
import Workers

/// How a run of a `scheduled` handler ended, in the words of the runtime.
package enum ScheduledOutcome: String, Sendable {
    case ok
    /// The handler failed, or there is none.
    case exception
    /// It was ended before it returned: at the limit, or because the edge stops.
    case canceled
}

/// The result of one run.
package struct ScheduledResult: Sendable, Hashable {
    package var outcome: ScheduledOutcome
    /// Whether the handler asked not to be repeated.
    package var noRetry: Bool

    package init(outcome: ScheduledOutcome, noRetry: Bool) {
        self.outcome = outcome
        self.noRetry = noRetry
    }
}

/// A request to the local trigger endpoint, which runs the `scheduled` handler at once.
///
/// `/cdn-cgi/handler/scheduled?cron=…&time=…&format=json`, under this name, the one before and the one to come. Any other
/// path belongs to the Worker. See the Workers documentation, "Cron Triggers", "Test Cron Triggers locally".
package struct ScheduledTrigger: Sendable, Hashable {
    /// Passed through as it came, unparsed; empty without one.
    package var cron: String
    /// Milliseconds since 1970; `nil` means now.
    package var time: Double?
    private var wantsJSON: Bool

    package static let paths: Set<String> = [
        "/cdn-cgi/handler/scheduled", "/cdn-cgi/mf/scheduled", "/cdn-cgi/local/scheduled",
    ]

    /// What a request asks for; `nil` when it is none of ours.
    ///
    /// - Throws: a `Problem` for a time that is no number.
    package init?(path: String, query: String?) throws(Problem) {
        guard ScheduledTrigger.paths.contains(path) else { return nil }
        // The first of several values counts, as `URLSearchParams.get` has it.
        let values = URLQuery(parsing: query ?? "")
        cron = values["cron"] ?? ""
        wantsJSON = values["format"] == "json"
        if let text = values["time"], !text.isEmpty {
            guard let time = Double(text), time.isFinite, abs(time) <= ScheduledTrigger.lastTime else {
                throw Problem(
                    .badRequest, code: "invalid_time", "The time of a trigger is a number of milliseconds since 1970.")
            }
            self.time = time.rounded(.towardZero)
        }
    }

    /// The event to call the handler with.
    ///
    /// - Parameter now: in seconds since 1970.
    package func event(now: Double) -> ScheduledEvent {
        ScheduledEvent(cron: cron, scheduledTime: time ?? (now * 1000).rounded(.down))
    }

    /// 200 with `ok`, or 500 with how it ended; as text or as JSON, as was asked for.
    package func answer(_ result: ScheduledResult) -> Response {
        let status: HTTPResponse.Status = result.outcome == .ok ? .ok : .internalServerError
        guard wantsJSON else { return .text(result.outcome.rawValue, status: status) }
        return .json(
            .object([
                .init("outcome", .string(result.outcome.rawValue)),
                .init("noRetry", .bool(result.noRetry)),
            ]), status: status)
    }

    /// The last millisecond of an ECMAScript date.
    private static let lastTime = 8.64e15
}
