import HTTPCaching
import NIOCore
import NIOHTTP1

/// One request to the origin, as it goes onto the wire.
package struct UpstreamRequest {
    package enum Body {
        case none
        case bytes(ByteBuffer)
        /// Its parts follow with `UpstreamCall.write` and `end`; a body of unknown length goes in chunks.
        case stream(length: Int?)
    }

    package var method: HTTPMethod
    /// The request target: origin form, or `*`.
    package var target: String
    /// All fields with `Host`, in their order and spelling. Their `Content-Length` and `Transfer-Encoding` are
    /// replaced by what `body` says.
    package var headers: HTTPHeaders
    package var body: Body
    /// Whether the origin may see it twice: it is sent again once if a kept connection turns out to be dead.
    package var isRepeatable: Bool

    /// - Parameter isRepeatable: safe methods are, unless this says otherwise (RFC 9110 §9.2.1).
    package init(
        method: HTTPMethod, target: String, headers: HTTPHeaders, body: Body = .none, isRepeatable: Bool? = nil
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.isRepeatable = isRepeatable ?? UpstreamRequest.isSafe(method)
    }

    /// RFC 9110 §9.2.1.
    package static func isSafe(_ method: HTTPMethod) -> Bool {
        switch method {
        case .GET, .HEAD, .OPTIONS, .TRACE: true
        default: false
        }
    }
}

/// A request's head in bytes, and what the connection has to know of it.
struct UpstreamRequestHead {
    enum Framing: Equatable { case none, length(Int), chunked }

    let bytes: ByteBuffer
    let framing: Framing
    /// Whether the request itself ends the connection.
    let closes: Bool

    /// Of a request that is never sent.
    static let empty = UpstreamRequestHead()

    private init() {
        bytes = ByteBuffer()
        framing = .none
        closes = false
    }

    /// A body up to this size goes out in one write with its head.
    private static let smallBody = 16 * 1024

    init(_ request: UpstreamRequest) throws(UpstreamFailure) {
        let method = request.method.rawValue
        guard request.method != .CONNECT else { throw .badRequest("CONNECT needs a tunnel") }
        guard UpstreamRequestHead.isToken(method) else { throw .badRequest("its method is not a token") }
        guard !request.target.isEmpty, request.target.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw .badRequest("its target has spaces or control characters")
        }
        var size = method.utf8.count + request.target.utf8.count + 128
        var closes = false
        for (name, value) in request.headers {
            guard UpstreamRequestHead.isToken(name), !value.hasControls else {
                throw .badRequest("a field has characters that fields cannot have")
            }
            size += name.utf8.count + value.utf8.count + 4
            if name.utf8.count == 10, name.isField("connection"), value.hasToken("close") { closes = true }
        }
        let framing = UpstreamRequestHead.framing(of: request)
        self.framing = framing
        self.closes = closes
        var small: ByteBuffer?
        if case .bytes(let body) = request.body, body.readableBytes <= UpstreamRequestHead.smallBody { small = body }
        var buffer = ByteBufferAllocator().buffer(capacity: size + (small?.readableBytes ?? 0))
        buffer.writeBytes(atMost: size) { UpstreamRequestHead.write(request, framing, to: &$0) }
        if let small { buffer.writeImmutableBuffer(small) }
        bytes = buffer
    }

    /// The body that is too large to go with the head.
    static func largeBody(of request: UpstreamRequest) -> ByteBuffer? {
        guard case .bytes(let body) = request.body, body.readableBytes > smallBody else { return nil }
        return body
    }

    private static func framing(of request: UpstreamRequest) -> Framing {
        switch request.body {
        case .bytes(let body): return .length(body.readableBytes)
        case .stream(let length): return length.map(Framing.length) ?? .chunked
        case .none:
            // RFC 9110 §8.6: where content is usual, its absence is said.
            switch request.method {
            case .POST, .PUT, .PATCH: return .length(0)
            default: return request.headers.contains(name: "content-length") ? .length(0) : .none
            }
        }
    }

    private static func write(_ request: UpstreamRequest, _ framing: Framing, to out: inout ByteWriter) {
        out.add(request.method.rawValue)
        out.add(" " as StaticString)
        out.add(request.target)
        out.add(" HTTP/1.1\r\n" as StaticString)
        var saidLength = false
        for (name, value) in request.headers {
            switch name.utf8.count {
            case 14 where name.isField("content-length"):
                // In the sender's own words, if they are right.
                guard !saidLength, case .length(let length) = framing, value == String(length) else { continue }
                saidLength = true
            case 17 where name.isField("transfer-encoding"): continue
            default: break
            }
            out.addField(name, value)
        }
        switch framing {
        case .none: break
        case .length(let length): if !saidLength { out.addLength(length) }
        case .chunked: out.add("transfer-encoding: chunked\r\n" as StaticString)
        }
        out.add("\r\n" as StaticString)
    }

    /// RFC 9110 §5.6.2, as strict as keeps one message from becoming two.
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x3A }
    }
}

extension String {
    /// Whether there are characters that a field's value cannot have (RFC 9110 §5.5): all controls but the tab.
    var hasControls: Bool { utf8.contains { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F } }

    /// Whether a comma-separated list has this lower-case member.
    func hasToken(_ lowercased: StaticString) -> Bool {
        if isField(lowercased) { return true }
        guard utf8.count > lowercased.utf8CodeUnitCount else { return false }
        return listMembers.contains { String($0).isField(lowercased) }
    }

    /// The members of a comma-separated list without the white space around them; empty ones are left out
    /// (RFC 9110 §5.6.1). Not for lists whose members can be quoted.
    var listMembers: [Substring] {
        membersOfList.compactMap { member in
            let trimmed = member.trimmedOfBlanks
            return trimmed.isEmpty ? nil : trimmed
        }
    }
}
