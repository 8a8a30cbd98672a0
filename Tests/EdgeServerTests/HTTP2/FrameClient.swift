import Foundation
import NIOCore
import NIOHPACK

#if canImport(Glibc)
    import Glibc
#endif

/// A client that sends exactly the frames it is told to, over a plain socket.
final class FrameClient {
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var decoder = HPACKDecoder(allocator: ByteBufferAllocator())
    private(set) var frames: [Frame] = []
    private(set) var answers: [UInt32: StreamAnswer] = [:]

    struct Failure: Error {}

    /// - Parameters:
    ///   - greets: whether it sends the preface and settings.
    ///   - receiveBuffer: bytes that the kernel takes before the client reads; its own choice if nil.
    init(port: Int, greets: Bool = true, settings: [(UInt16, UInt32)] = [], receiveBuffer: Int32? = nil) throws {
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
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        if greets { send(Frame.preface + Frame.settings(settings).bytes) }
    }

    deinit { close(descriptor) }

    /// - Returns: false when the server has closed.
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

    @discardableResult
    func send(_ frames: Frame...) -> Bool { send(frames.flatMap(\.bytes)) }

    func get(_ stream: UInt32, _ path: String, _ further: [(String, String)] = []) {
        send(.headers(stream, Frame.request(path, further)))
    }

    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// The next frame; `nil` when the server has closed, or after a long silence.
    @discardableResult
    func next() -> Frame? {
        while true {
            if buffer.count >= 9 {
                let size = Int(buffer[0]) << 16 | Int(buffer[1]) << 8 | Int(buffer[2])
                if buffer.count >= 9 + size {
                    let frame = Frame(
                        kind: buffer[3], flags: buffer[4], stream: Frame.number(buffer[5...]) & 0x7FFF_FFFF,
                        payload: Array(buffer[9..<9 + size]))
                    buffer.removeFirst(9 + size)
                    note(frame)
                    return frame
                }
            }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            buffer += chunk[..<count]
        }
    }

    /// Reads until a frame is what the test waits for, or the server closes.
    @discardableResult
    func read(until enough: (Frame) -> Bool) -> Frame? {
        while let frame = next() { if enough(frame) { return frame } }
        return nil
    }

    /// Reads until a stream is over.
    func answer(_ stream: UInt32) -> StreamAnswer {
        while !(answers[stream]?.hasEnded ?? false), answers[stream]?.reset == nil, next() != nil {}
        return answers[stream] ?? StreamAnswer()
    }

    /// Reads until the server closes.
    ///
    /// - Returns: the error code of its GOAWAY, if there was one.
    @discardableResult
    func readToEnd() -> UInt32? {
        while next() != nil {}
        return frames.last { $0.kind == Frame.Kind.goAway }?.code
    }

    private func note(_ frame: Frame) {
        frames.append(frame)
        if frame.kind == Frame.Kind.settings, frame.flags == 0 { send(.settingsAcknowledged) }
        guard frame.stream > 0 else { return }
        var answer = answers[frame.stream, default: StreamAnswer()]
        switch frame.kind {
        case Frame.Kind.data: answer.content += frame.payload
        case Frame.Kind.headers:
            var block = ByteBuffer(bytes: frame.payload)
            let fields = (try? decoder.decodeHeaders(from: &block)) ?? HPACKHeaders()
            answer.heads.append(fields.map { (name: $0.name, value: $0.value) })
        case Frame.Kind.reset: answer.reset = frame.code
        default: break
        }
        if frame.endsStream { answer.hasEnded = true }
        answers[frame.stream] = answer
    }
}
