import EdgeServer
import Logging
import Workers

/// A Worker that is linked into this program, without its type: the configuration chooses it by name.
public struct LinkedWorker: Sendable {
    let makeHost: @Sendable (Bindings, HostServices, Logger) throws -> WorkerHost

    public init<Application: Worker>(_ application: Application.Type) {
        makeHost = { try WorkerHost(application, bindings: $0, services: $1, logger: $2) }
    }
}
