import Dispatch

#if canImport(Glibc)
    import Glibc
#endif

/// What is said to the edge over its private socket, apart from what browsers ask.
enum EdgeControl {
    static let reloadTarget = "/@lilypad/assets/reload"

    /// Makes the edge read its asset folder again.
    ///
    /// - Returns: whether it has; false when it does not answer within ten seconds.
    static func reloadAssets(socket path: String) async -> Bool {
        await withCheckedContinuation { continuation in
            // The calls below wait: not on a thread that others need.
            DispatchQueue.global().async {
                let lines = [
                    "POST \(reloadTarget) HTTP/1.1", "host: edge", "content-length: 0", "connection: close", "", "",
                ]
                let answer = exchange(lines.joined(separator: "\r\n"), path)
                continuation.resume(returning: answer.hasPrefix("HTTP/1.1 204"))
            }
        }
    }

    private static func exchange(_ text: String, _ path: String) -> String {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return "" }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected == 0 else { return "" }
        let request = Array(text.utf8)
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return "" }
        var buffer = [UInt8](repeating: 0, count: 1024)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : ""
    }
}
