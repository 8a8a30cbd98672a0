import Workers
import WranglerConfig

/// What runs here, for the first page of the dashboard.
struct DashboardOverview: Sendable {
    /// What only the start knows.
    struct About: Sendable {
        var version: String
        /// In seconds since 1970.
        var started: Double
        var stateFolder: String
        /// What listens where.
        var urls: @Sendable () -> [(name: String, url: String)]
    }

    private let platform: LocalPlatform
    private let about: About

    init(_ platform: LocalPlatform, _ about: About) {
        self.platform = platform
        self.about = about
    }

    /// - Parameter requests: how many there have been.
    func json(_ requests: Int) async throws -> JSON {
        let now = platform.clock.now
        let workers = platform.fleet.members.map(DashboardOverview.described)
        let urls = about.urls().map { JSON.object([.init("what", .string($0.name)), .init("url", .string($0.url))]) }
        let namespaces = try await KVDirectory(platform).all().count
        let buckets = try await platform.r2.bucketNames().count
        let counts: [JSON.Member] = [
            .init("kvNamespaces", .integer(namespaces)), .init("r2Buckets", .integer(buckets)),
            .init("queues", .integer(QueueRegister(platform).all.count)), .init("requests", .integer(requests)),
        ]
        let offset = now - WallClock().now
        let clock: [JSON.Member] = [
            .init("movable", .bool(platform.clock is MovableClock)),
            .init("offsetSeconds", .integer(max(0, Int(offset.rounded())))),
        ]
        return .object([
            .init("version", .string(about.version)), .init("startedAt", .milliseconds(about.started)),
            .init("now", .milliseconds(now)), .init("stateFolder", .string(about.stateFolder)),
            .init("urls", .array(urls)), .init("workers", .array(workers)), .init("counts", .object(counts)),
            .init("clock", .object(clock)),
        ])
    }

    private static func described(_ member: WorkerFleet.Member) -> JSON {
        let config = member.config
        var resources: [String: String] = [:]
        for entry in config.kvNamespaces { resources[entry.binding] = entry.localName }
        for entry in config.r2Buckets { resources[entry.binding] = entry.localName }
        for entry in config.queueProducers { resources[entry.binding] = entry.localName }
        for entry in config.services { resources[entry.binding] = entry.service }
        var bindings: [JSON] = []
        var variables: [JSON] = []
        for binding in member.host.bindings.sorted(by: { $0.name < $1.name }) {
            if ["var", "json var"].contains(binding.kind) {
                variables.append(.string(binding.name))
                continue
            }
            bindings.append(
                .object([
                    .init("kind", .string(binding.kind)), .init("name", .string(binding.name)),
                    .init("resource", .string(resources[binding.name] ?? "")),
                ]))
        }
        return .object([
            .init("name", .string(WorkerFleet.name(config))), .init("bindings", .array(bindings)),
            .init("crons", .array(member.crons.map { .string($0.text) })), .init("vars", .array(variables)),
        ])
    }
}
