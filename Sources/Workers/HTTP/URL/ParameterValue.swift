import FoundationEssentials

/// A type that a path parameter, a query parameter or a header can be read as.
///
/// A type with a failable initialiser from text conforms in one line:
/// ```swift
/// extension TraceID: ParameterValue {
///     init?(parameter text: String) { self.init(text) }
/// }
/// ```
/// `LosslessStringConvertible` types and enumerations of strings need only the declaration.
public protocol ParameterValue: Sendable {
    /// Refuses rather than repairs: `nil` for a text that is not of this type.
    init?(parameter text: String)

    /// How the type is described to clients.
    static var valueType: ValueType { get }
}

/// The description of a parameter's type, in the words of JSON Schema.
public struct ValueType: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable { case string, integer, number, boolean }

    public var kind: Kind
    /// A JSON Schema format such as `uuid` or `int64`.
    public var format: String?
    /// The texts that are allowed, in order; empty when they cannot be listed.
    public var allowed: [String]

    public init(_ kind: Kind, format: String? = nil, allowed: [String] = []) {
        self.kind = kind
        self.format = format
        self.allowed = allowed
    }

    /// For sentences: “must be …”.
    public var sentence: String {
        if !allowed.isEmpty { return "one of " + allowed.joined(separator: ", ") }
        return switch (kind, format) {
        case (.string, "uuid"): "a UUID"
        case (.string, let format?): "a text of the form \(format)"
        case (.string, nil): "a text of the expected form"
        case (.integer, _): "a whole number"
        case (.number, _): "a number"
        case (.boolean, _): "true or false"
        }
    }
}

extension ParameterValue {
    public static var valueType: ValueType { ValueType(.string) }
}

extension ParameterValue where Self: LosslessStringConvertible {
    public init?(parameter text: String) { self.init(text) }
}

extension ParameterValue where Self: RawRepresentable, RawValue == String {
    public init?(parameter text: String) { self.init(rawValue: text) }
}

extension ParameterValue where Self: RawRepresentable & CaseIterable, RawValue == String {
    public static var valueType: ValueType { ValueType(.string, allowed: allCases.map(\.rawValue)) }
}

extension ParameterValue where Self: FixedWidthInteger {
    /// Digits with an optional `-`; a leading `+` is refused.
    public init?(parameter text: String) {
        guard text.utf8.first != UInt8(ascii: "+") else { return nil }
        self.init(text, radix: 10)
    }

    public static var valueType: ValueType { ValueType(.integer, format: bitWidth > 32 ? "int64" : "int32") }
}

extension String: ParameterValue {}
extension Int: ParameterValue {}
extension Int32: ParameterValue {}
extension Int64: ParameterValue {}
extension UInt: ParameterValue {}
extension UInt32: ParameterValue {}
extension UInt64: ParameterValue {}

extension Bool: ParameterValue {
    public static var valueType: ValueType { ValueType(.boolean) }
}

extension Double: ParameterValue {
    /// A finite decimal number. Swift's own reading also takes `nan`, `inf` and hexadecimal, which no client means.
    public init?(parameter text: String) {
        let isDecimal = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x45, 0x65: true
            default: false
            }
        }
        guard isDecimal, let value = Double(text), value.isFinite else { return nil }
        self = value
    }

    public static var valueType: ValueType { ValueType(.number, format: "double") }
}

extension UUID: ParameterValue {
    public init?(parameter text: String) { self.init(uuidString: text) }
    public static var valueType: ValueType { ValueType(.string, format: "uuid") }
}
