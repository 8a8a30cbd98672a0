/// A value of a TOML document.
///
/// Dates and times keep their RFC 3339 form (`2025-06-01`, `07:32:00`, `1979-05-27T07:32:00Z`) and are not text: a
/// caller that wants a string must be able to tell the reader that the quotes are missing.
public enum TOMLNode: Sendable, Equatable {
    case string(String)
    case integer(Int)
    case float(Double)
    case boolean(Bool)
    case date(String)
    case array([TOMLNode])
    case table([String: TOMLNode])
}

extension TOMLNode {
    public var string: String? { if case .string(let value) = self { value } else { nil } }
    public var integer: Int? { if case .integer(let value) = self { value } else { nil } }
    public var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }
    public var date: String? { if case .date(let value) = self { value } else { nil } }
    public var array: [TOMLNode]? { if case .array(let value) = self { value } else { nil } }
    public var table: [String: TOMLNode]? { if case .table(let value) = self { value } else { nil } }

    /// An integer or a float: for settings where `1` and `1.0` mean the same.
    public var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .float(let value): value
        default: nil
        }
    }

    /// The strings of an array that holds nothing else.
    public var strings: [String]? {
        guard let array else { return nil }
        var result: [String] = []
        for element in array {
            guard let text = element.string else { return nil }
            result.append(text)
        }
        return result
    }

    /// The value under `key` if this is a table that has it.
    public subscript(key: String) -> TOMLNode? { table?[key] }

    /// The element at `index` if this is an array that long.
    public subscript(index: Int) -> TOMLNode? {
        guard let array, array.indices.contains(index) else { return nil }
        return array[index]
    }

    /// What the value is, for a sentence: "a string", "an array" …
    public var kind: String {
        switch self {
        case .string: "a string"
        case .integer: "an integer"
        case .float: "a float"
        case .boolean: "a boolean"
        case .date: "a date"
        case .array: "an array"
        case .table: "a table"
        }
    }
}

/// One step on the way to a value: the key of a table or the index of an array, from 0.
///
/// Literals do: `document.position(of: ["kv_namespaces", 0, "binding"])`.
public enum TOMLKey: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    case key(String)
    case index(Int)

    public init(stringLiteral value: String) { self = .key(value) }
    public init(integerLiteral value: Int) { self = .index(value) }
}

/// What makes a text not TOML 1.0, and where. `line` and `column` count from 1; the column counts characters.
public struct TOMLSyntaxError: Error, Sendable, Equatable {
    public var line: Int
    public var column: Int
    public var message: String
    /// The line of the text, without its newline.
    public var sourceLine: String

    public init(line: Int, column: Int, message: String, sourceLine: String) {
        self.line = line
        self.column = column
        self.message = message
        self.sourceLine = sourceLine
    }
}
