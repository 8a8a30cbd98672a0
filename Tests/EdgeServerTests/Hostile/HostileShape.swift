import Testing

/// Bytes that no honest client sends, or that two servers could read in two ways, and what has to come of them.
struct HostileShape: Sendable, CustomTestStringConvertible {
    /// What the client sees. A request that is answered gives back its method, its target and the size of its content.
    enum Outcome: Sendable, Equatable {
        /// All are answered, and the connection stays open.
        case answered([String])
        /// Behind these answers one refusal, which closes the connection.
        case refused(Int, after: [String] = [])
        /// Behind these answers nothing but the end of the connection.
        case closed(after: [String] = [])
    }

    let name: String
    let bytes: [UInt8]
    let outcome: Outcome
    /// Whether the client closes its side behind the bytes.
    let endsSending: Bool

    var testDescription: String { name }

    /// - Parameter text: each scalar below U+0100 is one byte.
    private init(_ name: String, _ text: String, _ outcome: Outcome, endsSending: Bool = false) {
        self.name = name
        bytes = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        self.outcome = outcome
        self.endsSending = endsSending
    }

    static func refused(_ status: Int, _ name: String, _ text: String, after: [String] = []) -> HostileShape {
        HostileShape(name, text, .refused(status, after: after))
    }

    /// As `refused`, for a message that breaks off.
    static func truncated(_ status: Int, _ name: String, _ text: String) -> HostileShape {
        HostileShape(name, text, .refused(status), endsSending: true)
    }

    static func answered(_ name: String, _ text: String, _ answers: String...) -> HostileShape {
        HostileShape(name, text, .answered(answers))
    }

    static func closed(_ name: String, _ text: String, after answers: String...) -> HostileShape {
        HostileShape(name, text, .closed(after: answers))
    }
}

/// Requests with one part that is hostile.
extension HostileShape {
    /// Would be seen by the handler if somebody took the content of a request for a request.
    static let smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

    /// A request with content of five bytes, or one empty chunk, and a smuggled request behind it.
    static func post(_ fields: String, version: String = "HTTP/1.1") -> String {
        "POST /a \(version)\r\nHost: a\r\n\(fields)\r\n\r\n0\r\n\r\n\(smuggled)"
    }

    /// A good request with further field lines.
    static func get(_ fields: String) -> String { "GET /a HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n" }

    /// A good request but for its first line.
    static func line(_ line: String) -> String { "\(line)\r\nHost: a\r\n\r\n" }

    /// A good request but for its target.
    static func target(_ target: String) -> String { line("GET \(target) HTTP/1.1") }

    /// A good request but for its host.
    static func host(_ host: String) -> String { "GET /a HTTP/1.1\r\nHost: \(host)\r\n\r\n" }

    /// A request whose content is framed by these bytes.
    static func chunks(_ body: String) -> String {
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(body)"
    }

    static func times(_ count: Int, _ text: String) -> String { String(repeating: text, count: count) }
}

/// What came back over one connection.
struct RawAnswers {
    var statuses: [Int] = []
    var bodies: [String] = []

    /// Complete final answers; interim ones are left out.
    init(_ text: String) {
        var rest = Substring(text)
        while let end = rest.range(of: "\r\n\r\n") {
            let lines = rest[..<end.lowerBound].split(separator: "\r\n")
            let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            rest = rest[end.upperBound...]
            if (100..<200).contains(status) { continue }
            let length = lines.first { $0.hasPrefix("content-length: ") }.flatMap { Int($0.dropFirst(16)) } ?? 0
            guard rest.utf8.count >= length else { return }
            statuses.append(status)
            bodies.append(String(decoding: rest.utf8.prefix(length), as: UTF8.self))
            rest = Substring(decoding: rest.utf8.dropFirst(length), as: UTF8.self)
        }
    }
}
