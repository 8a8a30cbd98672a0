import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A client that sends exactly the bytes it is told to: what no HTTP library would.
final class RawClient: Sendable {
    private let descriptor: Int32
    /// What `readNow` has read so far.
    private let text = Mutex("")

    struct Failure: Error {}

    /// - Parameter receiveBuffer: bytes that the kernel takes before the client reads; its own choice if nil.
    init(port: Int, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Failure() }
        // A deadline for every test: a server that never answers fails it instead of hanging it.
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// - Returns: whether the server took all of them.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Reads until the server closes, or until `enough` says the text is complete.
    func read(until enough: (String) -> Bool = { _ in false }) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !enough(String(decoding: bytes, as: UTF8.self)) {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What has come in since the last call, without waiting for anything.
    func readNow() -> String {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        guard count > 0 else { return "" }
        let part = String(decoding: buffer[..<count], as: UTF8.self)
        text.withLock { $0 += part }
        return part
    }

    /// Everything that `readNow` has read.
    var all: String { text.withLock { $0 } }

    /// Reads until the server closes, and returns only how many bytes came.
    func count() -> Int {
        var total = 0
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return total }
            total += count
        }
    }
}

extension String {
    /// How often `part` occurs.
    func occurrences(of part: String) -> Int { components(separatedBy: part).count - 1 }
}

/// Holds the thread for a millisecond, as a call that blocks does.
func blockThread() { usleep(1000) }

/// A listening socket that was opened before the server. Whoever listens on it closes it.
struct BoundSocket {
    let descriptor: Int32
    let port: Int

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) + listen(descriptor, 16) + getsockname(descriptor, $0, &size)
            }
        }
        guard status == 0 else { throw RawClient.Failure() }
        port = Int(UInt16(bigEndian: address.sin_port))
    }
}
