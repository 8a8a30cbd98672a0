import NIOCore

#if canImport(Glibc)
    import Glibc
#endif

extension EdgeServer {
    /// Opens the first free port of a plan, the same on every host, with the console's request log.
    ///
    /// A machine without IPv6 has no `::1`: the first host decides.
    ///
    /// - Parameter tls: `nil` for plain HTTP.
    /// - Returns: where the first host listens, as a URL.
    /// - Throws: `StartFailure`, one sentence that says what to do.
    package func listen(
        _ hosts: [String], _ plan: PortPlan, tls: TLSOptions? = nil, console: Console,
        handler: @escaping @Sendable (any EventLoop) -> any RequestHandler
    ) async throws -> String {
        for port in plan.candidates {
            guard let bound = try await open(hosts, port, tls, console, handler) else { continue }
            if port != 0, let sentence = plan.moved(to: port, holder: PortHolder.find(port: plan.wish.port)) {
                console.say(sentence, level: "warning")
            }
            let shown = hosts[0].contains(":") ? "[\(hosts[0])]" : hosts[0]
            return "\(tls == nil ? "http" : "https")://\(shown):\(bound)"
        }
        throw StartFailure(plan.refusal(holder: PortHolder.find(port: plan.wish.port)))
    }

    /// - Returns: the port in use; nil when it is taken.
    private func open(
        _ hosts: [String], _ port: Int, _ tls: TLSOptions?, _ console: Console,
        _ handler: @escaping @Sendable (any EventLoop) -> any RequestHandler
    ) async throws -> Int? {
        var bound = port
        for (index, host) in hosts.enumerated() {
            do {
                let endpoint = Endpoint.tcp(host: host, port: bound)
                let address = try await listen(on: endpoint, tls: tls, log: console.accessLog, handler: handler)
                bound = address?.port ?? bound
            } catch let error as IOError where error.errnoCode == EADDRINUSE {
                if index == 0 { return nil }
                console.say("\(host) port \(bound) is taken; only \(hosts[0]) answers.", level: "warning")
            } catch let error as IOError where index > 0 && [EADDRNOTAVAIL, EAFNOSUPPORT].contains(error.errnoCode) {
                continue
            } catch let error as IOError where error.errnoCode == EACCES {
                throw StartFailure(
                    "Port \(port) needs more rights than this user has; take one above 1023 with --port.")
            } catch {
                throw StartFailure(
                    "The address \(host) cannot be listened on; --host takes one of this machine's own (\(error)).")
            }
        }
        return bound
    }
}
