#if canImport(Glibc)
    import Glibc
#endif

/// Tells the process manager that started this process how it is, by the rules of `sd_notify(3)`.
struct ServiceManager: Sendable {
    enum Notice: String { case ready = "READY=1", stopping = "STOPPING=1" }

    /// A path, or a name in the abstract namespace behind `@`; `nil` where nobody listens.
    private let socket: String?

    /// - Parameter environment: `NOTIFY_SOCKET` names a datagram socket.
    init(_ environment: [String: String]) {
        socket = environment["NOTIFY_SOCKET"].flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
    }

    /// A manager that does not hear it is its own problem.
    func tell(_ notice: Notice) {
        guard let socket else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var path = Array(socket.utf8)
        if path[0] == 0x40 { path[0] = 0 }
        let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { field in
            guard path.count < field.count else { return false }
            field.copyBytes(from: path)
            return true
        }
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard fits, descriptor >= 0 else { return }
        defer { close(descriptor) }
        let message = Array(notice.rawValue.utf8)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = sendto(
                    descriptor, message, message.count, Int32(MSG_NOSIGNAL), $0, socklen_t(start + path.count))
            }
        }
    }
}
