import CLinux
import NIOCore

#if canImport(Glibc)
    import Glibc
#endif

/// One socket that listens.
struct Listener: Sendable {
    let channel: any Channel
    /// Whether another process has the socket, too, and goes on with it: `systemd` keeps those that it passes on.
    let isShared: Bool

    /// How long connections that are just being made are waited for, at most.
    private static let patience = 100

    /// Stops listening, and loses none of the connections that clients believe they have.
    ///
    /// The kernel completes connections before the server takes them, and a closed socket resets those that wait. So new
    /// ones are kept from beginning: their first packet is dropped, which the client repeats a second later and then hears
    /// that nobody listens. Those that wait are taken; then nothing is left to reset.
    func stop() async {
        if !isShared, channel.localAddress?.ipAddress != nil, let socket = channel as? any SocketOptionProvider {
            await letNoneBegin(socket)
        }
        try? await channel.close()
    }

    private func letNoneBegin(_ socket: any SocketOptionProvider) async {
        let filter = Filter(program: lilypad_no_new_connections())
        let option = NIOBSDSocket.Option(rawValue: SO_ATTACH_FILTER)
        guard (try? await socket.unsafeSetSocketOption(level: .socket, name: option, value: filter).get()) != nil else {
            return
        }
        for _ in 0..<Listener.patience {
            // A handshake takes a moment, too.
            try? await Task.sleep(for: .milliseconds(5))
            // Of a socket that listens this is how many connections wait (tcp(7)).
            guard let info = try? await socket.getTCPInfo().get(), info.tcpi_unacked > 0 else { return }
        }
    }

    /// unsafe: points to a constant.
    private struct Filter: @unchecked Sendable {
        let program: sock_fprog
    }
}
