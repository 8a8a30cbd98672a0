/// Reads the small documents of the S3 interface (Extensible Markup Language 1.0). Document types, and with them entities of
/// one's own, are refused: nobody needs them, and they have only ever been used to do harm.
public struct XMLReader {
    /// What a document may need.
    public struct Limits: Sendable {
        public var depth = 16
        public var elements = 50_000

        public init() {}
    }

    private let bytes: [UInt8]
    private let limits: Limits
    private var place = 0
    private var elements = 0

    /// - Parameter bytes: in UTF-8.
    /// - Throws: `XMLFault`.
    public static func parse(_ bytes: [UInt8], limits: Limits = Limits()) throws(XMLFault) -> XMLElement {
        var reader = XMLReader(bytes: bytes, limits: limits)
        return try reader.document()
    }

    private init(bytes: [UInt8], limits: Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    private mutating func document() throws(XMLFault) -> XMLElement {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw fault("the text is not UTF-8") }
        if starts([0xEF, 0xBB, 0xBF]) { place = 3 }
        if starts("<?xml") { try skip(to: "?>", "the declaration does not end") }
        try skipMisc()
        guard starts("<"), !starts("<!") else { throw fault("an element is missing") }
        let root = try element(depth: 1)
        try skipMisc()
        guard place == bytes.count else { throw fault("there is something behind the end") }
        return root
    }

    /// Blanks, comments and processing instructions between elements.
    private mutating func skipMisc() throws(XMLFault) {
        while place < bytes.count {
            if isBlank(bytes[place]) {
                place += 1
            } else if starts("<!--") {
                try skip(to: "-->", "a comment does not end")
            } else if starts("<?") {
                try skip(to: "?>", "an instruction does not end")
            } else {
                return
            }
        }
    }

    private mutating func element(depth: Int) throws(XMLFault) -> XMLElement {
        elements += 1
        guard depth <= limits.depth else { throw fault("elements lie too deep in each other") }
        guard elements <= limits.elements else { throw fault("there are too many elements") }
        place += 1
        let full = try name()
        try attributes()
        var element = XMLElement(XMLReader.local(full))
        if starts("/>") {
            place += 2
            return element
        }
        guard starts(">") else { throw fault("a tag does not end") }
        place += 1
        var text: [UInt8] = []
        while true {
            guard place < bytes.count else { throw fault("<\(element.name)> does not end") }
            if starts("</") {
                place += 2
                guard try name() == full else { throw fault("<\(element.name)> ends with another name") }
                skipBlanks()
                guard starts(">") else { throw fault("a tag does not end") }
                place += 1
                element.text = String(decoding: text, as: UTF8.self)
                return element
            } else if starts("<!--") {
                try skip(to: "-->", "a comment does not end")
            } else if starts("<![CDATA[") {
                let start = place + 9
                try skip(to: "]]>", "a CDATA section does not end")
                text += bytes[start..<(place - 3)]
            } else if starts("<?") {
                try skip(to: "?>", "an instruction does not end")
            } else if starts("<!") {
                throw fault("a document type has no place here")
            } else if bytes[place] == 0x3C {
                element.children.append(try self.element(depth: depth + 1))
            } else {
                try character(into: &text)
            }
        }
    }

    /// Attributes say nothing that the S3 interface needs; they have to be well-formed nevertheless.
    private mutating func attributes() throws(XMLFault) {
        while true {
            let hadBlank = place < bytes.count && isBlank(bytes[place])
            skipBlanks()
            if place >= bytes.count || bytes[place] == 0x3E || bytes[place] == 0x2F { return }
            guard hadBlank else { throw fault("a blank is missing in a tag") }
            _ = try name()
            skipBlanks()
            guard starts("=") else { throw fault("an attribute has no value") }
            place += 1
            skipBlanks()
            guard place < bytes.count, bytes[place] == 0x22 || bytes[place] == 0x27 else {
                throw fault("the value of an attribute is not in quotes")
            }
            let quote = bytes[place]
            place += 1
            var value: [UInt8] = []
            while place < bytes.count, bytes[place] != quote {
                guard bytes[place] != 0x3C else { throw fault("there is a < in an attribute") }
                try character(into: &value)
            }
            guard place < bytes.count else { throw fault("the value of an attribute does not end") }
            place += 1
        }
    }

    private mutating func character(into text: inout [UInt8]) throws(XMLFault) {
        let byte = bytes[place]
        switch byte {
        case 0x26: try reference(into: &text)
        case 0x0D:
            // The end of a line is one character (§2.11).
            text.append(0x0A)
            place += starts([0x0D, 0x0A]) ? 2 : 1
        case 0x00...0x08, 0x0B, 0x0C, 0x0E...0x1F: throw fault("there is a control character")
        default:
            text.append(byte)
            place += 1
        }
    }

    private mutating func reference(into text: inout [UInt8]) throws(XMLFault) {
        let end = bytes[place...].prefix(12).firstIndex(of: 0x3B)
        guard let end else { throw fault("a reference does not end") }
        let name = String(decoding: bytes[(place + 1)..<end], as: UTF8.self)
        switch name {
        case "lt": text.append(0x3C)
        case "gt": text.append(0x3E)
        case "amp": text.append(0x26)
        case "quot": text.append(0x22)
        case "apos": text.append(0x27)
        default:
            guard name.utf8.first == 0x23, let scalar = XMLReader.scalar(name.utf8.dropFirst()) else {
                throw fault("&\(name); is no reference that is known")
            }
            text += Array(String(Character(scalar)).utf8)
        }
        place = end + 1
    }

    /// Keys may hold any character; those that XML forbids are taken, too, since there is no other way to name them.
    private static func scalar(_ digits: Substring.UTF8View) -> Unicode.Scalar? {
        let isHexadecimal = digits.first == 0x78
        let text = String(Substring(isHexadecimal ? digits.dropFirst() : digits))
        guard text.utf8.first != 0x2B, text.utf8.first != 0x2D,
            let number = UInt32(text, radix: isHexadecimal ? 16 : 10)
        else { return nil }
        return Unicode.Scalar(number)
    }

    private mutating func name() throws(XMLFault) -> String {
        let start = place
        while place < bytes.count, XMLReader.isName(bytes[place], isFirst: place == start) { place += 1 }
        guard place > start else { throw fault("a name is missing") }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private static func isName(_ byte: UInt8, isFirst: Bool) -> Bool {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A, 0x5F, 0x3A, 0x80...0xFF: true
        case 0x30...0x39, 0x2D, 0x2E: !isFirst
        default: false
        }
    }

    private static func local(_ name: String) -> String {
        guard let colon = name.utf8.firstIndex(of: 0x3A) else { return name }
        return String(name[name.utf8.index(after: colon)...])
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }

    private mutating func skipBlanks() { while place < bytes.count, isBlank(bytes[place]) { place += 1 } }

    private func starts(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - place >= count else { return false }
        for index in 0..<count where bytes[place + index] != text.utf8Start[index] { return false }
        return true
    }

    private func starts(_ text: [UInt8]) -> Bool { bytes[place...].starts(with: text) }

    private mutating func skip(to end: StaticString, _ reason: String) throws(XMLFault) {
        while place < bytes.count {
            if starts(end) {
                place += end.utf8CodeUnitCount
                return
            }
            place += 1
        }
        throw fault(reason)
    }

    private func fault(_ reason: String) -> XMLFault {
        let before = bytes[..<min(place, bytes.count)]
        let line = before.count { $0 == 0x0A } + 1
        let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return XMLFault(line: line, column: before.count - start + 1, reason: reason)
    }
}
