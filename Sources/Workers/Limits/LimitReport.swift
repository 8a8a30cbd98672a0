/// What one call used of what it may use, as values for a log line or a page.
public struct LimitReport: Sendable, Hashable {
    /// From this part of a limit on, the log says how near it is.
    public static let nearness = 0.8

    /// One limit.
    public struct Use: Sendable, Hashable, CustomStringConvertible {
        public enum Name: String, Sendable, Hashable, CaseIterable {
            case subrequests
            case serviceCalls = "service calls"
            case connections
            case requestBody = "request body"
            case cpu
            case memory
            case background = "background time"
            case invocations
        }

        public var name: Name
        public var used: Double
        public var limit: Double

        /// 1 is all of it.
        public var part: Double { limit > 0 ? used / limit : 0 }

        /// `cpu 25 ms of 30 ms`.
        public var description: String { "\(name.rawValue) \(text(used)) of \(text(limit))" }

        private func text(_ value: Double) -> String {
            switch name {
            case .subrequests, .serviceCalls, .connections, .invocations: "\(Int(value))"
            case .cpu: "\(Use.rounded(value)) ms"
            case .background: "\(Use.rounded(value)) s"
            case .memory: "\(Use.rounded(value / 1_048_576)) MiB"
            case .requestBody: "\(Use.rounded(value / 1_000_000)) MB"
            }
        }

        /// One digit behind the point, and none where it is 0.
        private static func rounded(_ value: Double) -> String {
            let tenths = (value * 10).rounded() / 10
            return tenths == tenths.rounded() ? String(Int(tenths)) : String(tenths)
        }
    }

    /// Every limit that was measured.
    public var uses: [Use]

    /// The limits of which at least 80 % are used up, the nearest first. Connections are left out: to wait for one's turn is
    /// no failure.
    public var approached: [Use] {
        uses.filter { $0.part >= LimitReport.nearness && $0.name != .connections }.sorted { $0.part > $1.part }
    }

    public subscript(name: Use.Name) -> Use? { uses.first { $0.name == name } }
}
