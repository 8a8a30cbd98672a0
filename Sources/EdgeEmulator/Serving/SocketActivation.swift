import EdgeServer
#if canImport(Glibc)
    import Glibc
#endif

/// The sockets that a process manager opened before it started this process, by the rules of `sd_listen_fds(3)`.
struct SocketActivation: Equatable {
    /// From here on they are numbered without gaps.
    static let first: Int32 = 3
    /// More sockets than anybody listens on with one process.
    private static let most = 64

    /// None if the process was started in any other way.
    let descriptors: [Int32]

    /// - Parameters:
    ///   - environment: `LISTEN_PID` says for which process, `LISTEN_FDS` how many. The names in `LISTEN_FDNAMES` mean
    ///     nothing here: all sockets are served alike.
    ///   - process: the number of this one.
    /// - Throws: `StartFailure` when the sockets are meant for this process and their number is none.
    init(_ environment: [String: String], process: Int32) throws(StartFailure) {
        guard environment["LISTEN_PID"] == String(process), let text = environment["LISTEN_FDS"] else {
            descriptors = []
            return
        }
        guard let count = Int32(text), (0...Int32(SocketActivation.most)).contains(count), !text.hasPrefix("+") else {
            throw StartFailure(
                "LISTEN_FDS is “\(text)”; it has to be the number of sockets, \(SocketActivation.most) at most.")
        }
        descriptors = (0..<count).map { SocketActivation.first + $0 }
    }

    /// Keeps the sockets from processes that this one starts, and looks at what they are.
    ///
    /// - Throws: `StartFailure` naming the first that does not listen for connections.
    func take() throws(StartFailure) {
        for descriptor in descriptors {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            guard option(SO_TYPE, of: descriptor) == Int32(SOCK_STREAM.rawValue),
                option(SO_ACCEPTCONN, of: descriptor) == 1
            else {
                throw StartFailure(
                    "Descriptor \(descriptor) that this process was started with is no socket that listens for "
                        + "connections; a systemd unit needs ListenStream= and Accept=no.")
            }
        }
    }

    private func option(_ name: Int32, of descriptor: Int32) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
    }
}
