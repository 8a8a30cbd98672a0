import Dispatch
import Foundation

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
        await ask("POST \(reloadTarget)", host: "edge", path).hasPrefix("HTTP/1.1 204")
    }

    /// Runs a cron trigger now.
    ///
    /// - Returns: whether its handler ran without a failure.
    static func runCron(_ cron: String, socket path: String) async -> Bool {
        let query = cron.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let answer = await ask("GET /cdn-cgi/local/scheduled?cron=\(query)", host: "localhost", path)
        return answer.hasPrefix("HTTP/1.1 200")
    }

    /// - Returns: the beginning of the answer; empty when there is none within ten seconds.
    private static func ask(_ request: String, host: String, _ path: String) async -> String {
        await withCheckedContinuation { continuation in
            // The calls below wait: not on a thread that others need.
            DispatchQueue.global().async {
                let lines = [
                    "\(request) HTTP/1.1", "host: \(host)", "content-length: 0", "connection: close", "", "",
                ]
                continuation.resume(returning: exchange(lines.joined(separator: "\r\n"), path))
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
