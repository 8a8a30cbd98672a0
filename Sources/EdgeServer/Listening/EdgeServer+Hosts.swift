import NIOCore

#if canImport(Glibc)
    import Glibc
#endif

extension EdgeServer {
    /// Opens the first free port of a plan, the same on every host, with the console's request log.
    ///
    /// - Returns: where the first host listens, as a URL.
    /// - Throws: `StartFailure`, one sentence that says what to do.
    package func listen(_ door: Door, console: Console) async throws -> String {
        try await listen([door], console: console)[0].url
    }

    /// Opens a port for each door. When a default port is taken, all default ports move up together.
    ///
    /// - Returns: what listens where, in the order of the doors.
    /// - Throws: `StartFailure`, one sentence that says what to do; then nothing listens.
    package func listen(_ doors: [Door], console: Console) async throws -> [(name: String, url: String)] {
        let before = listenerCount
        var cause: Door?
        for step in 0..<PortPlan.steps {
            let ports = doors.map { $0.plan.port(step: step) }
            guard ports.allSatisfy({ $0 <= 65_535 }) else { break }
            var urls: [(name: String, url: String)] = []
            var taken: Door?
            do {
                for (door, port) in zip(doors, ports) where taken == nil {
                    if let bound = try await open(door, port, console) {
                        urls.append((door.name, door.url(port: bound)))
                    } else {
                        taken = door
                    }
                }
            } catch {
                await keepListeners(before)
                throw error
            }
            guard let door = taken else {
                if let cause { console.say(moved(cause, doors, ports), level: "warning") }
                for warning in doors.compactMap({ $0.tls?.warning }) { console.say(warning, level: "warning") }
                return urls
            }
            await keepListeners(before)
            cause = cause ?? door
            if door.plan.wish.isExplicit {
                throw StartFailure(door.plan.refusal(holder: PortHolder.find(port: door.plan.wish.port)))
            }
        }
        let plan = (cause ?? doors[0]).plan
        throw StartFailure(plan.refusal(holder: PortHolder.find(port: plan.wish.port)))
    }

    private func moved(_ cause: Door, _ doors: [Door], _ ports: [Int]) -> String {
        let moved = zip(doors, ports).filter { !$0.0.plan.wish.isExplicit }.map { (name: $0.name, port: $1) }
        return cause.plan.moved(to: moved, holder: PortHolder.find(port: cause.plan.wish.port))
    }

    /// - Returns: the port in use; nil when it is taken.
    private func open(_ door: Door, _ port: Int, _ console: Console) async throws -> Int? {
        var bound = port
        for (index, host) in door.hosts.enumerated() {
            do {
                let endpoint = Endpoint.tcp(host: host, port: bound)
                let address = try await listen(
                    on: endpoint, tls: door.tls, log: door.log ?? console.accessLog, handler: door.handler)
                bound = address?.port ?? bound
            } catch let error as IOError where error.errnoCode == EADDRINUSE {
                if index == 0 { return nil }
                console.say("\(host) port \(bound) is taken; only \(door.hosts[0]) answers.", level: "warning")
            } catch let error as IOError where index > 0 && [EADDRNOTAVAIL, EAFNOSUPPORT].contains(error.errnoCode) {
                continue
            } catch let error as IOError where error.errnoCode == EACCES {
                throw StartFailure(
                    "Port \(port) needs more rights than this user has; take one above 1023 with \(door.plan.flag).")
            } catch {
                throw StartFailure(
                    "The address \(host) cannot be listened on; --host takes one of this machine's own (\(error)).")
            }
        }
        return bound
    }
}
