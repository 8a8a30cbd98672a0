import FoundationEssentials

/// The content of a message.
public enum QueueBody: Sendable, Hashable {
    /// Anything JSON can express; Cloudflare's default.
    case json(JSON)
    case text(String)
    case bytes([UInt8])

    /// A value in its JSON form.
    ///
    /// ```swift
    /// try await env.jobs.send(.encoding(Invoice(number: 42)))
    /// ```
    public static func encoding(_ value: some Encodable) throws -> QueueBody {
        .json(try JSON(parsing: Array(JSONEncoder().encode(value))))
    }

    /// The value that a JSON body holds; the body of a text or byte message is read as JSON, too.
    ///
    /// - Throws: `DecodingError` when the body is of another shape.
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(encoded))
    }

    /// The text of a text message or of a JSON string; nil for everything else.
    public var text: String? {
        switch self {
        case .text(let text), .json(.string(let text)): text
        case .json, .bytes: nil
        }
    }

    /// The type that the body has by itself.
    public var contentType: QueueContentType {
        switch self {
        case .json: .json
        case .text: .text
        case .bytes: .bytes
        }
    }

    /// The bytes that count against the limits and that are stored.
    package var encoded: [UInt8] {
        switch self {
        case .json(let json): Array(json.text.utf8)
        case .text(let text): Array(text.utf8)
        case .bytes(let bytes): bytes
        }
    }

    /// Refuses what JavaScript calls undefined, for callers that read messages from elsewhere.
    package static func required(_ body: QueueBody?) throws(WorkersError) -> QueueBody {
        guard let body else { throw WorkersError(.typeError, "Message body cannot be undefined") }
        return body
    }

    /// The body as it travels with a content type.
    ///
    /// Text and bytes are strict about what they take; JSON takes any text as a string.
    package func converted(to type: QueueContentType) throws(WorkersError) -> QueueBody {
        switch (type.name, self) {
        case ("json", .json), ("text", .text), ("bytes", .bytes): return self
        case ("json", .text(let text)): return .json(.string(text))
        case ("text", .json(.string(let text))): return .text(text)
        case ("json", .bytes): throw QueueBody.mismatch("json", needs: "that JSON can express", self)
        case ("text", _): throw QueueBody.mismatch("text", needs: "of type string", self)
        case ("bytes", _): throw QueueBody.mismatch("bytes", needs: "of type ArrayBufferView", self)
        // v8, JavaScript's own serialisation, is one of these: nothing but JavaScript could read it.
        default: throw WorkersError(.typeError, "Unsupported queue message content type: \(type.spelling)")
        }
    }

    private static func mismatch(_ type: String, needs: String, _ body: QueueBody) -> WorkersError {
        WorkersError(
            .typeError, "Content Type \"\(type)\" requires a value \(needs), but received: \(body.scriptType)")
    }

    /// What JavaScript's `typeof` says of such a value.
    private var scriptType: String {
        switch self {
        case .text, .json(.string): "string"
        case .json(.bool): "boolean"
        case .json(.integer), .json(.number): "number"
        case .json(.null), .json(.array), .json(.object), .bytes: "object"
        }
    }
}

/// How the body of a message travels. Names are compared without regard to case; an unknown one is refused by the send.
public struct QueueContentType: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// In lower case.
    public let name: String
    /// As it was given, for messages.
    let spelling: String

    public init(_ name: some StringProtocol) {
        spelling = String(name)
        self.name = name.lowercased()
    }

    public init(stringLiteral value: String) { self.init(value) }

    public static let json: QueueContentType = "json"
    public static let text: QueueContentType = "text"
    public static let bytes: QueueContentType = "bytes"

    public var description: String { name }

    public static func == (left: QueueContentType, right: QueueContentType) -> Bool { left.name == right.name }
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
