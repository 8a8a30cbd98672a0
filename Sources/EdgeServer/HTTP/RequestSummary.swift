import NIOHTTP1

/// The fields of a request that the server itself acts on, gathered in one pass over the head.
struct RequestSummary {
    var host: String?
    var hostCount = 0
    var contentLength: Int?
    var hasBadLength = false
    var codings = TransferCodings.none
    var wantsUpgrade = false
    var expectsContinue = false
    /// An expectation other than `100-continue`.
    var hasUnknownExpectation = false
    private var saysClose = false
    private var saysKeepAlive = false
    var acceptEncoding: String?
    var ifNoneMatch: String?
    var range: String?
    var ifRange: String?
    var hasAuthorization = false
    var fetchMode: String?

    /// Whether there is a `Cache-Control`, `Pragma`, or a condition that only caches and origins look at.
    var hasCacheFields = false

    /// Whether nothing in the request has a say in how a fresh response is reused.
    var isPlain: Bool {
        !hasCacheFields && range == nil && ifRange == nil && ifNoneMatch == nil && !hasAuthorization && !wantsUpgrade
            && !hasBody
    }

    var isChunked: Bool { if case .chunked = codings { true } else { false } }
    var hasBody: Bool { isChunked || (contentLength ?? 0) > 0 }

    init() {}

    init(_ headers: HTTPHeaders) {
        for (name, value) in headers { note(name, value) }
    }

    /// Whether `note` may care about a field whose name has this length and begins with this byte.
    static func mayNote(length: Int, first: UInt8) -> Bool {
        switch (length, first | 0x20) {
        // host; range; pragma and expect; upgrade; if-range and if-match; connection
        case (4, 0x68), (5, 0x72), (6, 0x70), (6, 0x65), (7, 0x75), (8, 0x69), (10, 0x63): true
        // if-none-match, authorization and cache-control; content-length and sec-fetch-mode; accept-encoding
        case (13, 0x69), (13, 0x61), (13, 0x63), (14, 0x63), (14, 0x73), (15, 0x61): true
        // transfer-encoding and if-modified-since; if-unmodified-since
        case (17, 0x74), (17, 0x69), (19, 0x69): true
        default: false
        }
    }

    /// Looks at one more field.
    mutating func note(_ name: String, _ value: String) {
        // The length sorts out nearly every field before a comparison.
        switch name.utf8.count {
        case 4 where name.isField("host"):
            host = value
            hostCount += 1
        case 5 where name.isField("range"): range = value
        case 6 where name.isField("pragma"): hasCacheFields = true
        case 6 where name.isField("expect"):
            // An empty list of expectations expects nothing (RFC 9110 §5.6.1.2).
            if value.isField("100-continue") {
                expectsContinue = true
            } else if !value.isEmpty {
                hasUnknownExpectation = true
            }
        case 7 where name.isField("upgrade"): wantsUpgrade = true
        case 8 where name.isField("if-range"): ifRange = value
        case 8 where name.isField("if-match"): hasCacheFields = true
        case 10 where name.isField("connection"): noteConnection(value)
        case 13 where name.isField("if-none-match"): ifNoneMatch = ifNoneMatch.map { $0 + ", " + value } ?? value
        case 13 where name.isField("authorization"): hasAuthorization = true
        case 13 where name.isField("cache-control"): hasCacheFields = true
        case 14 where name.isField("content-length"):
            // Twice is refused even if both say the same (RFC 9112 §6.3 allows either).
            if contentLength != nil || hasBadLength { hasBadLength = true }
            contentLength = MessageLength.parse(value)
            if contentLength == nil { hasBadLength = true }
        case 14 where name.isField("sec-fetch-mode"): fetchMode = value
        case 15 where name.isField("accept-encoding"):
            acceptEncoding = acceptEncoding.map { $0 + ", " + value } ?? value
        case 17 where name.isField("transfer-encoding"): codings.add(value)
        case 17 where name.isField("if-modified-since"): hasCacheFields = true
        case 19 where name.isField("if-unmodified-since"): hasCacheFields = true
        default: break
        }
    }

    private mutating func noteConnection(_ value: String) {
        if value.isField("close") {
            saysClose = true
        } else if value.isField("keep-alive") {
            saysKeepAlive = true
        } else {
            for option in value.split(whereSeparator: { $0 == "," || $0 == " " || $0 == "\t" }).map(String.init) {
                if option.isField("close") { saysClose = true }
                if option.isField("keep-alive") { saysKeepAlive = true }
            }
        }
    }

    /// Whether the client will send more over the connection (RFC 9112 §9.3).
    func keepsAlive(_ version: HTTPVersion) -> Bool {
        !saysClose && (saysKeepAlive || version != .http1_0)
    }

    /// Whether the end of the content cannot be told for certain (RFC 9112 §6.1, §6.3).
    func hasBadFraming(_ version: HTTPVersion) -> Bool {
        switch codings {
        case .none: hasBadLength
        case .chunked: hasBadLength || contentLength != nil || version == .http1_0
        case .others, .nonsense: true
        }
    }

    /// The origin form of a target in absolute form, as for a proxy: a server has to take it (RFC 9112 §3.2.2).
    ///
    /// - Returns: `nil` for every other target, and for one that names another host than the `Host` field.
    mutating func originForm(of target: String) -> String? {
        guard target.utf8.first != 0x2F, let colon = target.utf8.firstIndex(of: 0x3A),
            target[colon...].hasPrefix("://")
        else { return nil }
        let scheme = String(target[..<colon])
        guard scheme.isField("http") || scheme.isField("https") else { return nil }
        let rest = target[colon...].dropFirst(3)
        let authority = String(rest.prefix { $0 != "/" && $0 != "?" })
        guard !authority.isEmpty, authority.lowercased() == (host ?? authority).lowercased() else { return nil }
        host = authority
        let path = rest.dropFirst(authority.count)
        return path.utf8.first == 0x2F ? String(path) : "/" + path
    }
}

enum MessageLength {
    /// The value of `Content-Length` (RFC 9110 §8.6): digits and nothing else, no sign, and no more than a number needs.
    static func parse(_ text: String) -> Int? {
        guard !text.isEmpty, text.utf8.count <= 19, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}

extension String {
    /// Compares with a lower-case field name or token, ignoring the case of ASCII letters and allocating nothing.
    func isField(_ lowercased: StaticString) -> Bool {
        guard utf8.count == lowercased.utf8CodeUnitCount else { return false }
        var expected = lowercased.utf8Start
        for byte in utf8 {
            let folded = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
            if folded != expected.pointee { return false }
            expected += 1
        }
        return true
    }
}
