/// Lists whose members may hold quoted strings (RFC 9110 §5.6.1 and §5.6.4).
package enum QuotedList {
    /// The members, without blanks around them; empty ones are left out.
    package static func items(_ text: String) -> [Substring] {
        var items: [Substring] = []
        let bytes = text.utf8
        var start = text.startIndex
        var index = start
        var isQuoted = false
        while index < text.endIndex {
            let byte = bytes[index]
            if isQuoted, byte == UInt8(ascii: "\\") {
                index = bytes.index(after: index)
                if index == text.endIndex { break }
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if byte == UInt8(ascii: ","), !isQuoted {
                append(text[start..<index], to: &items)
                start = bytes.index(after: index)
            }
            index = bytes.index(after: index)
        }
        append(text[start...], to: &items)
        return items
    }

    private static func append(_ item: Substring, to items: inout [Substring]) {
        let item = item.trimmedOfBlanks
        if !item.isEmpty { items.append(item) }
    }

    /// Whether a quote begins that does not end.
    package static func isOpenEnded(_ text: String) -> Bool {
        var isQuoted = false
        var isEscaped = false
        for byte in text.utf8 {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\"), isQuoted {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            }
        }
        return isQuoted
    }

    /// The content of a quoted string; a token is itself.
    package static func unquoted(_ text: Substring) -> String {
        var rest = text.unicodeScalars[...]
        guard rest.count >= 2, rest.first == "\"", rest.last == "\"" else { return String(text) }
        rest = rest.dropFirst().dropLast()
        var output = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            if scalar == "\\", let next = rest.popFirst() {
                output.append(next)
            } else {
                output.append(scalar)
            }
        }
        return String(output)
    }
}
