/// Reads TOML 1.0 and notes where everything is written.
///
/// Written by hand for three reasons: the place of every key (a parser that gives values only cannot point at a wrong
/// one), mistakes named in words that say what to do, and no text that can stop the process. It works on bytes, since
/// all of TOML's structure is ASCII; the caller has made sure that they are UTF-8.
struct TOMLParser {
    /// What is wrong, and the byte where.
    struct Fault: Error {
        var offset: Int
        var message: String
    }

    /// Deeper nesting is taken for an attack on the stack, not for a configuration.
    private static let deepest = 100

    let bytes: [UInt8]
    var index = 0
    /// Where each path is first written. The path of an array of tables and that of its first element are one place.
    private(set) var offsets: [[TOMLKey]: Int] = [:]
    private let root = TOMLTable(.header)
    private var depth = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func parse() throws(Fault) -> TOMLNode {
        var table = root
        var path: [TOMLKey] = []
        var section = 0
        while true {
            try skipBlank()
            guard let byte else { return root.node }
            if byte == Self.openBracket {
                section += 1
                (table, path) = try parseHeader()
            } else {
                try parsePair(into: table, at: path, section: section)
            }
            skipSpaces()
            try endLine()
        }
    }

    // MARK: Headers

    /// `[a.b]` or `[[a.b]]`: the table that the lines below it fill.
    private mutating func parseHeader() throws(Fault) -> (TOMLTable, [TOMLKey]) {
        let isElement = index + 1 < bytes.count && bytes[index + 1] == Self.openBracket
        index += isElement ? 2 : 1
        let parts = try parseKey()
        for _ in 0..<(isElement ? 2 : 1) { try expect(Self.closeBracket, "A table header ends with ].") }
        var table = root
        var path: [TOMLKey] = []
        for part in parts.dropLast() {
            path.append(.key(part.name))
            try note(path, at: part.offset)
            switch table.entries[part.name] {
            case nil: table = table.addTable(part.name, .implied)
            case .table(let next)?: table = next
            case .tables(let elements)?:
                path.append(.index(elements.tables.count - 1))
                table = elements.tables[elements.tables.count - 1]
            case .value?:
                throw Fault(offset: part.offset, message: "\(part.name) is a value, which cannot have keys below it.")
            }
        }
        guard let last = parts.last else { throw Fault(offset: index, message: "A table header needs a name.") }
        path.append(.key(last.name))
        try note(path, at: last.offset)
        guard isElement else { return (try define(last, in: table), path) }
        let (element, number) = try addElement(last, in: table)
        path.append(.index(number))
        try note(path, at: last.offset)
        return (element, path)
    }

    private func define(_ part: KeyPart, in table: TOMLTable) throws(Fault) -> TOMLTable {
        switch table.entries[part.name] {
        case nil: return table.addTable(part.name, .header)
        case .table(let next)? where next.origin == .implied:
            next.origin = .header
            return next
        default: throw Fault(offset: part.offset, message: "\(part.name) is already defined.")
        }
    }

    private func addElement(_ part: KeyPart, in table: TOMLTable) throws(Fault) -> (TOMLTable, Int) {
        let element = TOMLTable(.header)
        switch table.entries[part.name] {
        case nil:
            table.entries[part.name] = .tables(TOMLTableList(first: element))
            return (element, 0)
        case .tables(let elements)?:
            elements.tables.append(element)
            return (element, elements.tables.count - 1)
        default: throw Fault(offset: part.offset, message: "\(part.name) is already defined, and not by [[ ]].")
        }
    }

    // MARK: Keys and values

    /// `key = value`, the key possibly dotted. `section` numbers the headers: a table made by dotted keys can only be
    /// extended below the same header.
    private mutating func parsePair(into start: TOMLTable, at base: [TOMLKey], section: Int) throws(Fault) {
        let parts = try parseKey()
        try expect(Self.equals, "A key is followed by = and a value.")
        var table = start
        var path = base
        for part in parts.dropLast() {
            path.append(.key(part.name))
            try note(path, at: part.offset)
            switch table.entries[part.name] {
            case nil: table = table.addTable(part.name, .dotted(section: section))
            case .table(let next)? where next.origin == .implied || next.origin == .dotted(section: section):
                next.origin = .dotted(section: section)
                table = next
            default: throw Fault(offset: part.offset, message: "\(part.name) is already defined.")
            }
        }
        guard let last = parts.last else { return }
        if table.entries[last.name] != nil {
            throw Fault(offset: last.offset, message: "\(last.name) is already defined.")
        }
        path.append(.key(last.name))
        try note(path, at: last.offset)
        skipSpaces()
        table.entries[last.name] = .value(try parseValue(at: path))
    }

    mutating func parseValue(at path: [TOMLKey]) throws(Fault) -> TOMLNode {
        depth += 1
        defer { depth -= 1 }
        if depth > Self.deepest { throw Fault(offset: index, message: "Values are nested too deeply.") }
        switch byte {
        case Self.quote?, Self.apostrophe?: return .string(try parseString(isKey: false))
        case Self.openBracket?: return try parseArray(at: path)
        case Self.openBrace?: return try parseInlineTable(at: path)
        default: return try parseScalar()
        }
    }

    private mutating func parseArray(at path: [TOMLKey]) throws(Fault) -> TOMLNode {
        let start = index
        index += 1
        var elements: [TOMLNode] = []
        while true {
            try skipBlank()
            guard let next = byte else { throw Fault(offset: start, message: "This list is not closed with ].") }
            if next == Self.closeBracket { break }
            let elementPath = path + [.index(elements.count)]
            try note(elementPath, at: index)
            elements.append(try parseValue(at: elementPath))
            try skipBlank()
            guard let after = byte else { throw Fault(offset: start, message: "This list is not closed with ].") }
            if after == Self.closeBracket { break }
            try expect(Self.comma, "The elements of a list are separated by commas.")
        }
        index += 1
        return .array(elements)
    }

    private mutating func parseInlineTable(at path: [TOMLKey]) throws(Fault) -> TOMLNode {
        let start = index
        index += 1
        let table = TOMLTable(.header)
        skipSpaces()
        if byte == Self.closeBrace {
            index += 1
            return table.node
        }
        while true {
            skipSpaces()
            try parsePair(into: table, at: path, section: 0)
            skipSpaces()
            if byte == Self.closeBrace { break }
            guard byte == Self.comma else {
                let message =
                    byte == nil || byte == Self.newline || byte == Self.carriageReturn
                    ? "This table is not closed with } on its line." : "The keys of { } are separated by commas."
                throw Fault(offset: byte == nil ? start : index, message: message)
            }
            index += 1
            skipSpaces()
            if byte == Self.closeBrace { throw Fault(offset: index, message: "No comma may stand before }.") }
        }
        index += 1
        return table.node
    }

    private mutating func note(_ path: [TOMLKey], at offset: Int) throws(Fault) {
        // Dotted keys nest as brackets do, and what is nested has to be taken apart again. Both may come together.
        if path.count > 2 * Self.deepest { throw Fault(offset: offset, message: "Keys are nested too deeply.") }
        if offsets[path] == nil { offsets[path] = offset }
    }
}

/// A part of a dotted key and where it is written.
struct KeyPart {
    let name: String
    let offset: Int
}

/// A table while it grows. A class, because headers come back to tables that others hold.
private final class TOMLTable {
    /// How a table came to be, which decides who may add to it.
    enum Origin: Equatable {
        /// By a header of its own, or by `{ }`: complete.
        case header
        /// By the header of a table inside it; its own may follow.
        case implied
        /// By dotted keys below the header with this number.
        case dotted(section: Int)
    }

    enum Entry {
        case value(TOMLNode)
        case table(TOMLTable)
        case tables(TOMLTableList)
    }

    var origin: Origin
    var entries: [String: Entry] = [:]

    init(_ origin: Origin) { self.origin = origin }

    func addTable(_ name: String, _ origin: Origin) -> TOMLTable {
        let table = TOMLTable(origin)
        entries[name] = .table(table)
        return table
    }

    var node: TOMLNode {
        var result: [String: TOMLNode] = [:]
        for (name, entry) in entries {
            switch entry {
            case .value(let node): result[name] = node
            case .table(let table): result[name] = table.node
            case .tables(let list): result[name] = .array(list.tables.map(\.node))
            }
        }
        return .table(result)
    }
}

/// The tables of one name in double brackets. A class, so that another one costs the same however many there are.
private final class TOMLTableList {
    var tables: [TOMLTable]

    init(first: TOMLTable) { tables = [first] }
}
