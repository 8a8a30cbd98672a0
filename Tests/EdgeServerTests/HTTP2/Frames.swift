import NIOCore
import NIOHPACK

/// A frame of HTTP/2 as bytes, well-formed or not (RFC 9113 §4.1).
struct Frame: Equatable {
    enum Kind {
        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let priority: UInt8 = 2
        static let reset: UInt8 = 3
        static let settings: UInt8 = 4
        static let push: UInt8 = 5
        static let ping: UInt8 = 6
        static let goAway: UInt8 = 7
        static let windowUpdate: UInt8 = 8
        static let continuation: UInt8 = 9
    }

    var kind: UInt8
    var flags: UInt8 = 0
    var stream: UInt32 = 0
    var payload: [UInt8] = []

    static let endStream: UInt8 = 1
    static let endHeaders: UInt8 = 4
    static let padded: UInt8 = 8
    static let acknowledges: UInt8 = 1

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    var bytes: [UInt8] {
        let size = payload.count
        return [UInt8(size >> 16 & 255), UInt8(size >> 8 & 255), UInt8(size & 255), kind, flags] + Frame.number(stream)
            + payload
    }

    var endsStream: Bool { (kind == Kind.data || kind == Kind.headers) && flags & Frame.endStream != 0 }

    /// The error code of RST_STREAM and GOAWAY.
    var code: UInt32? {
        switch kind {
        case Kind.reset where payload.count == 4: Frame.number(payload[0...])
        case Kind.goAway where payload.count >= 8: Frame.number(payload[4...])
        default: nil
        }
    }

    static func number(_ value: UInt32) -> [UInt8] {
        [UInt8(value >> 24), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
    }

    static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) } }

    // MARK: What a client sends

    static func settings(_ pairs: [(UInt16, UInt32)] = []) -> Frame {
        Frame(
            kind: Kind.settings, payload: pairs.flatMap { [UInt8($0.0 >> 8), UInt8($0.0 & 255)] + number($0.1) })
    }

    static let settingsAcknowledged = Frame(kind: Kind.settings, flags: acknowledges)

    static func data(_ stream: UInt32, _ bytes: [UInt8] = [], ends: Bool = false) -> Frame {
        Frame(kind: Kind.data, flags: ends ? endStream : 0, stream: stream, payload: bytes)
    }

    static func headers(_ stream: UInt32, _ fields: [(String, String)], ends: Bool = true) -> Frame {
        Frame(
            kind: Kind.headers, flags: endHeaders | (ends ? endStream : 0), stream: stream, payload: block(fields))
    }

    static func reset(_ stream: UInt32, _ code: UInt32 = 8) -> Frame {
        Frame(kind: Kind.reset, stream: stream, payload: number(code))
    }

    static func windowUpdate(_ stream: UInt32, _ increment: UInt32) -> Frame {
        Frame(kind: Kind.windowUpdate, stream: stream, payload: number(increment))
    }

    static func ping() -> Frame { Frame(kind: Kind.ping, payload: [UInt8](repeating: 7, count: 8)) }

    /// The fields of a request, with further ones behind them.
    static func request(
        _ path: String, method: String = "GET", _ further: [(String, String)] = []
    ) -> [(String, String)] {
        [(":method", method), (":scheme", "http"), (":authority", "a.test"), (":path", path)] + further
    }

    /// Literal fields that no table remembers: any bytes can be said so (RFC 7541 §6.2.2).
    static func block(_ fields: [(String, String)]) -> [UInt8] {
        fields.flatMap { [0] + literal($0.0) + literal($0.1) }
    }

    private static func literal(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard bytes.count >= 127 else { return [UInt8(bytes.count)] + bytes }
        var length: [UInt8] = [127]
        var rest = bytes.count - 127
        while rest >= 128 {
            length.append(UInt8(rest & 127 | 128))
            rest >>= 7
        }
        return length + [UInt8(rest)] + bytes
    }
}

/// What came back on one stream.
struct StreamAnswer {
    /// The heads in order: interim ones, the final one, trailers.
    var heads: [[(name: String, value: String)]] = []
    var content: [UInt8] = []
    var hasEnded = false
    var reset: UInt32?

    /// Of the final head.
    var status: String? {
        heads.compactMap { $0.first { $0.name == ":status" }?.value }.last { !$0.hasPrefix("1") }
    }
    var text: String { String(decoding: content, as: UTF8.self) }

    func value(_ name: String) -> String? { heads.flatMap { $0 }.first { $0.name == name }?.value }
}
