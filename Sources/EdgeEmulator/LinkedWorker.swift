import EdgeServer
import Logging
import Workers

/// A Worker that is linked into this program, without its type: the configuration chooses it by name.
public struct LinkedWorker: Sendable {
    let makeHost: @Sendable (Bindings, HostServices, Logger) throws -> WorkerHost
    let entrypoints: [String: LinkedWorker]

    /// - Parameter entrypoints: handlers beside the default ones that a service binding can name by `entrypoint`. They have
    ///   the bindings of the same configuration.
    public init<Application: Worker>(_ application: Application.Type, entrypoints: [String: LinkedWorker] = [:]) {
        makeHost = { try WorkerHost(application, bindings: $0, services: $1, logger: $2) }
        self.entrypoints = entrypoints
    }
}
