import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// An origin that does what its script says, byte for byte: blocking calls on a thread for each connection.
final class ScriptedOrigin: Sendable {
    let port: Int
    /// Connections that were accepted.
    let accepted = Tally()
    private let listener: Int32

    struct Failure: Error {}

    /// - Parameters:
    ///   - path: of a unix socket to listen on instead of a port.
    ///   - script: runs for each connection, which closes when it returns.
    init(path: String? = nil, _ script: @escaping @Sendable (Peer) -> Void) throws {
        let listener: Int32
        if let path {
            listener = try ScriptedOrigin.bound(path: path)
            port = 0
        } else {
            (listener, port) = try ScriptedOrigin.bound()
        }
        self.listener = listener
        let accepted = accepted
        Thread.detachNewThread {
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { break }
                let peer = Peer(descriptor, number: accepted.add() - 1)
                Thread.detachNewThread {
                    script(peer)
                    peer.close()
                }
            }
            close(listener)
        }
    }

    /// Ends the thread that accepts.
    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    private static func bound() throws -> (Int32, Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, size) + listen(descriptor, 64) + getsockname(descriptor, address, &size)
            }
        }
        guard result == 0 else { throw Failure() }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    private static func bound(path: String) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, socklen_t(MemoryLayout<sockaddr_un>.size)) + listen(descriptor, 64)
            }
        }
        guard result == 0 else { throw Failure() }
        return descriptor
    }
}

/// The origin's end of one connection.
final class Peer: Sendable {
    /// 0 for the first connection.
    let number: Int
    private let descriptor: Int32
    private let unread = Mutex<[UInt8]>([])
    private let isClosed = Atomic(false)

    init(_ descriptor: Int32, number: Int) {
        self.descriptor = descriptor
        self.number = number
        // A deadline for every script: a client that never sends fails the test instead of hanging it.
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Reads up to the mark and returns it with what is before it, or everything if the client closes first.
    @discardableResult
    func read(until mark: String) -> String {
        unread.withLock { unread in
            let mark = Array(mark.utf8)
            var searched = 0
            while true {
                if let range = unread[searched...].firstRange(of: mark) {
                    defer { unread.removeFirst(range.upperBound) }
                    return String(decoding: unread[..<range.upperBound], as: UTF8.self)
                }
                searched = max(0, unread.count - mark.count)
                guard fill(&unread) else {
                    defer { unread = [] }
                    return String(decoding: unread, as: UTF8.self)
                }
            }
        }
    }

    @discardableResult
    func readHead() -> String { read(until: "\r\n\r\n") }

    @discardableResult
    func read(count: Int) -> String {
        unread.withLock { unread in
            while unread.count < count, fill(&unread) {}
            let bytes = unread.prefix(count)
            defer { unread.removeFirst(bytes.count) }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// What comes until the client closes.
    @discardableResult
    func readToEnd() -> String {
        unread.withLock { unread in
            while fill(&unread) {}
            defer { unread = [] }
            return String(decoding: unread, as: UTF8.self)
        }
    }

    private func fill(_ unread: inout [UInt8]) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        unread += buffer[..<count]
        return true
    }

    /// - Returns: how many bytes the client took; fewer than given if it closed.
    @discardableResult
    func send(_ text: String) -> Int { send(Array(text.utf8)) }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Int {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { break }
            sent += count
        }
        return sent
    }

    func close() { if !isClosed.exchange(true, ordering: .relaxed) { Glibc.close(descriptor) } }

    /// Closes so that the client is told the connection is broken.
    func reset() {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        close()
    }
}

func removeFile(_ path: String) { unlink(path) }
