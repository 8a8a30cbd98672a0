import FoundationEssentials
import HTTPTypes

extension Request {
    /// The body read as `type` from JSON.
    ///
    /// ```swift
    /// struct NewProject: Decodable { var name: String; var slug: String }
    /// let project = try await request.json(as: NewProject.self)
    /// ```
    /// - Parameter limit: bytes of the body at most.
    /// - Throws: `Problem` 415 `unsupported_media_type` when a `Content-Type` says the body is something else; 400
    ///   `invalid_json` when it is not JSON; 400 `invalid_member` when a member is missing or of another type: the
    ///   sentence says which by its path, `spans[2].name`, and never what it holds. `BodyTooLarge` beyond the limit,
    ///   which becomes a 413.
    public func json<Value: Decodable>(as type: Value.Type, limit: Int = 4 << 20) async throws -> Value {
        if headers[.contentType] != nil, contentType?.isJSON != true {
            throw Problem(
                .unsupportedMediaType, code: "unsupported_media_type", "The body must be JSON.",
                hint: "Send it with Content-Type: application/json.")
        }
        let bytes = try await bytes(limit: limit)
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw Problem.decoding(error, of: bytes)
        }
    }
}

extension Response {
    /// A value as a JSON document. Members are sorted by name, so that equal values are equal bytes; like every answer
    /// of an API it is not stored by caches unless the handler says otherwise.
    ///
    /// ```swift
    /// return try .json(project, status: .created)
    /// ```
    public static func json<Value: Encodable>(
        _ value: Value, status: HTTPResponse.Status = .ok
    ) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Response(
            status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: Body(bytes: Array(try encoder.encode(value))))
    }
}

extension Problem {
    static func decoding(_ error: DecodingError, of bytes: [UInt8]) -> Problem {
        func member(_ message: String) -> Problem { Problem(.badRequest, code: "invalid_member", message) }
        switch error {
        case .keyNotFound(let key, let context):
            return member("\(path(context.codingPath + [key])) is missing.")
        case .valueNotFound(let type, let context):
            return member("\(path(context.codingPath)) must be \(noun(type)), not null.")
        case .typeMismatch(let type, let context):
            return member("\(path(context.codingPath)) must be \(noun(type)).")
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            return member("\(path(context.codingPath)) is not of the expected form.")
        default:
            return Problem(.badRequest, code: "invalid_json", syntaxMessage(bytes))
        }
    }

    /// The decoder's own text may quote the body; our parser tells the place.
    private static func syntaxMessage(_ bytes: [UInt8]) -> String {
        if bytes.isEmpty { return "The body is empty; it must be JSON." }
        do {
            _ = try JSON(parsing: bytes)
            return "The body is not well-formed JSON."
        } catch {
            let reason = (error as? WorkersError)?.message ?? "unknown"
            return "The body is not well-formed JSON: \(reason)."
        }
    }

    /// `spans[2].name`, in quotes.
    private static func path(_ keys: [any CodingKey]) -> String {
        var text = ""
        for key in keys {
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += text.isEmpty ? key.stringValue : "." + key.stringValue
            }
        }
        return text.isEmpty ? "The document" : "The member “\(text)”"
    }

    private static func noun(_ type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a text"
        case is Bool.Type: "true or false"
        case is any FixedWidthInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type, is Decimal.Type: "a number"
        case is any DictionaryType.Type: "an object"
        case is any ListType.Type: "a list"
        default: "of another type"
        }
    }
}

// JSONDecoder names the container it looked for as `[Any]` or `[String: Any]`.
private protocol ListType {}
extension Array: ListType {}
extension Set: ListType {}
private protocol DictionaryType {}
extension Dictionary: DictionaryType {}
