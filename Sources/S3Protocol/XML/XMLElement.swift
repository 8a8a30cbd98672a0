/// An element of a document, with what is in it. Names are without their namespace's prefix.
public struct XMLElement: Sendable, Hashable {
    public var name: String
    public var children: [XMLElement]
    /// All character data directly in it, blanks included.
    public var text: String

    public init(_ name: String, children: [XMLElement] = [], text: String = "") {
        self.name = name
        self.children = children
        self.text = text
    }

    /// The first child of a name.
    public subscript(name: String) -> XMLElement? { children.first { $0.name == name } }

    public func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    /// The text of the first child of a name.
    public func text(_ name: String) -> String? { self[name]?.text }

    /// The text without blanks at its ends.
    public var trimmed: String {
        let bytes = text.utf8
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
        guard let first = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) })
        else { return "" }
        return String(text[first...last])
    }
}

/// Why a text is no document: where, and what is wrong there.
public struct XMLFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// From 1.
    public var line: Int
    /// From 1, in bytes.
    public var column: Int
    public var reason: String

    public var description: String { "Line \(line), column \(column): \(reason)." }
}
