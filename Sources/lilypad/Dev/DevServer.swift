import EdgeEmulator
import EdgeServer
import NIOCore
import WranglerConfig

#if canImport(Glibc)
    import Glibc
#endif

/// The port of a session.
struct DevPort: Sendable {
    var number: Int
    /// What to say about it when it is not the one that was expected.
    var remarks: [String]

    var url: String { "http://127.0.0.1:\(number)" }
}

/// Why a session cannot begin, in one sentence.
struct DevFailure: Error {
    var message: String
}

extension EdgeServer {
    /// Opens the app's port on 127.0.0.1 and ::1 alike.
    ///
    /// - Throws: `DevFailure` when it is taken.
    func listenForDevelopment(
        _ plan: PortPlan, handler: @escaping @Sendable (any EventLoop) -> any RequestHandler
    ) async throws -> DevPort {
        for port in plan.candidates {
            guard let bound = try await open("127.0.0.1", port, handler) else { continue }
            var remarks: [String] = []
            let holder = bound == plan.wish.port ? nil : PortHolder.find(port: plan.wish.port)
            if plan.wish.port != 0, let moved = plan.moved(to: bound, holder: holder) { remarks.append(moved) }
            do {
                if try await open("::1", bound, handler) == nil {
                    remarks.append("Port \(bound) of ::1 is taken; only 127.0.0.1 answers.")
                }
            } catch let error as IOError where [EADDRNOTAVAIL, EAFNOSUPPORT].contains(error.errnoCode) {
                // A machine without IPv6.
            }
            return DevPort(number: bound, remarks: remarks)
        }
        throw DevFailure(message: plan.refusal(holder: PortHolder.find(port: plan.wish.port)))
    }

    /// - Returns: the port in use; `nil` when it is taken.
    private func open(
        _ host: String, _ port: Int, _ handler: @escaping @Sendable (any EventLoop) -> any RequestHandler
    ) async throws -> Int? {
        do {
            return try await listen(on: .tcp(host: host, port: port), handler: handler)?.port ?? port
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            return nil
        } catch let error as IOError where error.errnoCode == EACCES {
            throw DevFailure(
                message: "Port \(port) needs more rights than this user has; take one above 1023 with --port.")
        }
    }
}
