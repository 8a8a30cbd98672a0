import EdgeServer
import Synchronization
import Workers

/// The Workers of this process by name. Bindings between them are made before all of them exist, so a name is looked up
/// when it is called.
final class ServiceRegistry: Sendable {
    private let hosts = Mutex<[String: WorkerHost]>([:])

    /// - Parameter entrypoint: `nil` for the default handlers.
    static func key(_ name: String, _ entrypoint: String?) -> String {
        entrypoint.map { name + "#" + $0 } ?? name
    }

    func add(_ host: WorkerHost, as key: String) { hosts.withLock { $0[key] = host } }

    func fetcher(_ key: String, props: JSON) -> any Fetcher { Registered(registry: self, key: key, props: props) }

    private struct Registered: Fetcher {
        let registry: ServiceRegistry
        let key: String
        let props: JSON

        func fetch(_ request: Request) async throws -> Response {
            guard let host = registry.hosts.withLock({ $0[key] }) else {
                throw WorkersError(.error, "The Worker “\(key)” is not running.")
            }
            return try await host.service(props: props).fetch(request)
        }
    }
}
