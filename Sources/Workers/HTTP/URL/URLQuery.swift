/// The names and values of a query or of a form: an ordered list in which a name may occur several times.
///
/// Parsing and serialising follow the URL standard's `application/x-www-form-urlencoded`: `+` is a space, escapes that
/// are malformed stay as they are, bytes that are not UTF-8 become U+FFFD. Parsing never fails.
///
/// ```swift
/// let query = request.query                         // ?tag=new&tag=red&limit=20
/// query["tag"]                                      // "new"
/// query.all("tag")                                  // ["new", "red"]
/// let limit = try query("limit", as: Int.self, in: 1...200) ?? 50
/// ```
public struct URLQuery: Sendable, Hashable {
    public struct Item: Sendable, Hashable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// All items in the order they were written.
    public var items: [Item]

    public init(_ items: [Item] = []) { self.items = items }

    /// Reads `name=value&name=value`, without a leading `?`.
    public init(parsing text: some StringProtocol) {
        items = []
        for piece in String(text).utf8.split(separator: UInt8(ascii: "&")) {
            let half = piece.firstIndex(of: UInt8(ascii: "="))
            let name = Substring(piece[..<(half ?? piece.endIndex)])
            let value = half.map { Substring(piece[piece.index(after: $0)...]) } ?? ""
            items.append(
                Item(
                    PercentCoding.decodedLeniently(name.utf8, plusIsSpace: true),
                    PercentCoding.decodedLeniently(value.utf8, plusIsSpace: true)))
        }
    }

    /// The serialised form, without a leading `?`.
    public var text: String {
        var output: [UInt8] = []
        for item in items {
            if !output.isEmpty { output.append(UInt8(ascii: "&")) }
            Self.write(item.name, to: &output)
            output.append(UInt8(ascii: "="))
            Self.write(item.value, to: &output)
        }
        return String(decoding: output, as: UTF8.self)
    }

    public var isEmpty: Bool { items.isEmpty }

    /// The first value of this name.
    public subscript(name: String) -> String? { items.first { $0.name.hasSameBytes(as: name) }?.value }

    /// All values of this name, in order.
    public func all(_ name: String) -> [String] { items.filter { $0.name.hasSameBytes(as: name) }.map(\.value) }

    public func contains(_ name: String) -> Bool { items.contains { $0.name.hasSameBytes(as: name) } }

    /// Adds an item at the end, whether or not the name is there already.
    public mutating func append(_ name: String, _ value: String) { items.append(Item(name, value)) }

    /// Gives the name this one value: the first item of the name keeps its place, further ones go.
    public mutating func set(_ name: String, _ value: String) {
        guard let first = items.firstIndex(where: { $0.name.hasSameBytes(as: name) }) else {
            return append(name, value)
        }
        items[first].value = value
        let others = items[(first + 1)...].filter { $0.name != name }
        items.replaceSubrange((first + 1)..., with: others)
    }

    /// Removes every item of this name.
    public mutating func remove(_ name: String) { items.removeAll { $0.name.hasSameBytes(as: name) } }

    // The application/x-www-form-urlencoded percent-encode set leaves these alone.
    private static func write(_ text: String, to output: inout [UInt8]) {
        for byte in text.utf8 {
            switch byte {
            case 0x20: output.append(0x2B)
            case 0x2A, 0x2D, 0x2E, 0x5F: output.append(byte)
            default:
                if ByteClass.isAlphanumeric(byte) {
                    output.append(byte)
                } else {
                    PercentCoding.append(byte, to: &output)
                }
            }
        }
    }
}

// MARK: - Typed look-ups

extension URLQuery {
    /// The first value of this name, read as `type`; `nil` when the name is absent.
    ///
    /// - Parameter range: what the value may be, ends included.
    /// - Throws: `Problem` 400 `invalid_query_parameter` when the value is not of the type or outside the range. The
    ///   sentence names the parameter, never its value.
    public func callAsFunction<Value: ParameterValue>(
        _ name: String, as type: Value.Type = Value.self
    ) throws -> Value? {
        guard let text = self[name] else { return nil }
        guard let value = Value(parameter: text) else {
            throw Self.problem("The query parameter “\(name)” must be \(Value.valueType.sentence).")
        }
        return value
    }

    /// As above, with the ends of what is allowed.
    public func callAsFunction<Value: ParameterValue & Comparable>(
        _ name: String, as type: Value.Type = Value.self, in range: ClosedRange<Value>
    ) throws -> Value? {
        guard let value = try self(name, as: type) else { return nil }
        guard range.contains(value) else {
            throw Self.problem(
                "The query parameter “\(name)” must lie between \(range.lowerBound) and \(range.upperBound).")
        }
        return value
    }

    /// The first value of this name, which must be there.
    ///
    /// - Throws: `Problem` 400 `missing_query_parameter` or `invalid_query_parameter`.
    public func required<Value: ParameterValue>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        guard let value = try self(name, as: type) else {
            throw Problem(
                .badRequest, code: "missing_query_parameter", "The query parameter “\(name)” is missing.",
                hint: "It must be \(Value.valueType.sentence).")
        }
        return value
    }

    /// All values of this name, each read as `type`.
    public func all<Value: ParameterValue>(_ name: String, as type: Value.Type) throws -> [Value] {
        try all(name).map { text in
            guard let value = Value(parameter: text) else {
                throw Self.problem("Each query parameter “\(name)” must be \(Value.valueType.sentence).")
            }
            return value
        }
    }

    private static func problem(_ message: String) -> Problem {
        Problem(.badRequest, code: "invalid_query_parameter", message)
    }
}

extension Request {
    /// The query of the URL, parsed at each access; keep the value when you ask it several times.
    public var query: URLQuery { url.queryItems }
}
