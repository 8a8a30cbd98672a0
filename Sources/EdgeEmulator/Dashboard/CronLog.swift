import EdgeServer
import Synchronization
import Workers

/// The last runs of each cron trigger, for the dashboard.
final class CronLog: Sendable {
    struct Run: Sendable {
        var worker: String
        var report: ScheduledRun.Report
        /// When it was over, in seconds since 1970.
        var time: Double
        var isManual: Bool

        var json: JSON {
            .object([
                .init("worker", .string(worker)), .init("cron", .string(report.cron)),
                .init("time", .integer(Int(time * 1000))),
                .init("outcome", .string(report.result.outcome.rawValue)),
                .init("milliseconds", .number((report.duration * 1000).rounded())),
                .init("trigger", .string(isManual ? "manual" : "schedule")),
                .init("error", report.failure.map { .string("\($0)") } ?? .null),
            ])
        }
    }

    /// Of one trigger.
    private static let most = 50

    private let runs = Mutex<[String: [Run]]>([:])
    private let tell = Mutex<(@Sendable (Run) -> Void)?>(nil)

    func observe(_ tell: @escaping @Sendable (Run) -> Void) { self.tell.withLock { $0 = tell } }

    func note(_ run: Run) {
        let key = CronLog.key(run.worker, run.report.cron)
        runs.withLock { runs in
            runs[key, default: []].append(run)
            if let count = runs[key]?.count, count > CronLog.most { runs[key]?.removeFirst(count - CronLog.most) }
        }
        tell.withLock { $0 }?(run)
    }

    /// Newest first.
    func runs(of cron: String, worker: String) -> [Run] {
        runs.withLock { $0[CronLog.key(worker, cron)]?.reversed() ?? [] }
    }

    private static func key(_ worker: String, _ cron: String) -> String { "\(worker)\n\(cron)" }
}
