import EdgeServer
import NIOCore

#if canImport(Glibc)
    import Glibc
#endif

/// Opens the door of a production server: the sockets it was started with, or one of its own.
struct OriginListener {
    static let standardHost = "127.0.0.1"
    static let standardPort = 8080

    let server: EdgeServer
    let tls: TLSOptions?
    let clients: ClientRules
    let log: AccessLog?
    let console: Console
    let handler: @Sendable (any EventLoop) -> any RequestHandler

    /// - Returns: the URLs of what listens.
    /// - Throws: `StartFailure`
    func open(_ activation: SocketActivation, host: String?, port: Int?) async throws -> [String] {
        if let warning = tls?.warning { console.say(warning, level: "warning") }
        guard activation.descriptors.isEmpty else {
            if host != nil || port != nil {
                console.say("--host and --port mean nothing: this process was started with sockets.", level: "warning")
            }
            return try await openInherited(activation.descriptors)
        }
        let host = host ?? OriginListener.standardHost
        let wish = PortPlan.Wish(flag: port, configured: nil, standard: OriginListener.standardPort)
        let plan = PortPlan(wish: wish)
        for candidate in plan.candidates {
            guard let url = try await openOwn(host, candidate) else { continue }
            if candidate != 0, let sentence = plan.moved(to: candidate, holder: PortHolder.find(port: wish.port)) {
                console.say(sentence, level: "warning")
            }
            return [url]
        }
        throw StartFailure(plan.refusal(holder: PortHolder.find(port: wish.port)))
    }

    private func openInherited(_ descriptors: [Int32]) async throws -> [String] {
        var urls: [String] = []
        for descriptor in descriptors {
            let address = try await server.listen(
                on: .inherited(descriptor: descriptor), tls: tls, clients: clients, log: log, handler: handler)
            urls.append(url(of: address))
        }
        return urls
    }

    /// - Returns: `nil` when the port is taken.
    private func openOwn(_ host: String, _ port: Int) async throws -> String? {
        do {
            let address = try await server.listen(
                on: .tcp(host: host, port: port), tls: tls, clients: clients, log: log, handler: handler)
            return url(of: address)
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            return nil
        } catch let error as IOError where error.errnoCode == EACCES {
            throw StartFailure("Port \(port) needs more rights than this user has; take one above 1023 with --port.")
        } catch {
            throw StartFailure(
                "The address \(host) cannot be listened on; --host takes one of this machine's own (\(error)).")
        }
    }

    private func url(of address: SocketAddress?) -> String {
        guard let address else { return "unix:" }
        guard let host = address.ipAddress, let port = address.port else { return "unix:\(address.pathname ?? "")" }
        let scheme = tls == nil ? "http" : "https"
        return host.contains(":") ? "\(scheme)://[\(host)]:\(port)" : "\(scheme)://\(host):\(port)"
    }
}
