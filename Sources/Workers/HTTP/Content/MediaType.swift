/// A media type with its parameters, as in `Content-Type`: RFC 9110 §8.3.1.
///
/// ```swift
/// MediaType("text/html; charset=utf-8")?.essence    // "text/html"
/// ```
public struct MediaType: Sendable, Hashable, CustomStringConvertible {
    public struct Parameter: Sendable, Hashable {
        /// In lower case.
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// In lower case, as is `subtype`.
    public var type: String
    public var subtype: String
    public var parameters: [Parameter]

    /// Reads `type/subtype; name=value; name="value"`. `nil` when type or subtype is not a token, or a parameter is not
    /// `token=token` or `token="quoted"`. Empty parameters (`a/b;`) are skipped, as RFC 9110 §5.6.6 allows.
    public init?(_ text: some StringProtocol) {
        var reader = FieldReader(text)
        guard let type = reader.token(), reader.take("/"), let subtype = reader.token() else { return nil }
        guard let parameters = reader.parameters(), reader.isAtEnd else { return nil }
        self.type = type.lowercased()
        self.subtype = subtype.lowercased()
        self.parameters = parameters
    }

    /// Type and subtype without parameters: `text/html`.
    public var essence: String { "\(type)/\(subtype)" }

    /// The value of a parameter; the name in lower case.
    public subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

    /// `application/json`, `text/json` and everything that ends in `+json` (RFC 6839 §3.1).
    public var isJSON: Bool {
        subtype.hasSuffix("+json") || (subtype == "json" && (type == "application" || type == "text"))
    }

    public var description: String {
        parameters.reduce(essence) { text, parameter in
            text + "; \(parameter.name)=\(FieldReader.tokenOrQuoted(parameter.value))"
        }
    }
}

extension Request {
    /// The media type of the body, when there is a well-formed `Content-Type`.
    public var contentType: MediaType? { headers[.contentType].flatMap { MediaType($0) } }
}

/// Reads the pieces that field values are made of: RFC 9110 §5.6.
package struct FieldReader {
    private let bytes: [UInt8]
    private var position = 0

    package init(_ text: some StringProtocol) {
        bytes = Array(text.utf8)
        skipSpace()
    }

    package var isAtEnd: Bool { position == bytes.count }

    /// Skips optional white space.
    package mutating func skipSpace() {
        while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
    }

    package mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    package mutating func token() -> String? {
        let start = position
        while position < bytes.count, ByteClass.isToken(bytes[position]) { position += 1 }
        return position == start ? nil : String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// A quoted string, escapes resolved; `nil` when it does not end or has a control character.
    ///
    /// - Parameter isLenient: a backslash before anything but `"` and `\` stands for itself. Forms need that: browsers
    ///   that send a Windows path as file name do not escape it.
    package mutating func quoted(isLenient: Bool = false) -> String? {
        guard take("\"") else { return nil }
        var output: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case 0x22: return String(decoding: output, as: UTF8.self)
            case 0..<0x09, 0x0A..<0x20, 0x7F: return nil
            case 0x5C where position < bytes.count:
                let next = bytes[position]
                if isLenient, next != 0x22, next != 0x5C {
                    output.append(byte)
                } else if next == 0x09 || (next >= 0x20 && next != 0x7F) {
                    output.append(next)
                    position += 1
                } else {
                    // An escape does not make a control character part of a field (RFC 9110 §5.6.4).
                    return nil
                }
            default: output.append(byte)
            }
        }
        return nil
    }

    /// What follows a value: `; name=value` any number of times. `nil` when malformed.
    package mutating func parameters(isLenient: Bool = false) -> [MediaType.Parameter]? {
        var parameters: [MediaType.Parameter] = []
        skipSpace()
        while take(";") {
            skipSpace()
            guard let name = token() else { continue }
            guard take("="), let value = token() ?? quoted(isLenient: isLenient) else { return nil }
            parameters.append(.init(name.lowercased(), value))
            skipSpace()
        }
        return parameters
    }

    /// Goes on after the next comma that is not inside quotes.
    package mutating func skipElement() {
        while position < bytes.count {
            if bytes[position] == 0x22 {
                if quoted() == nil { position = bytes.count }
            } else {
                position += 1
                if bytes[position - 1] == 0x2C { return }
            }
        }
    }

    package static func tokenOrQuoted(_ text: String) -> String {
        guard !ByteClass.isToken(text) else { return text }
        var output = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { output += "\\" }
            output.unicodeScalars.append(scalar)
        }
        return output + "\""
    }
}
