/// Booleans, numbers and dates.
extension TOMLParser {
    mutating func parseScalar() throws(Fault) -> TOMLNode {
        let start = index
        var word = scanWord()
        // A date and a time may be separated by a space.
        if word.count == 10, word.contains("-"), byte == UInt8(ascii: " "), index + 1 < bytes.count,
            Self.isDigit(bytes[index + 1]), Self.isDay(word[...])
        {
            index += 1
            word += "T" + scanWord()
        }
        if word.isEmpty { throw Fault(offset: start, message: "A value is missing.") }
        if let node = try Self.scalar(word, at: start) { return node }
        let isWord = word.first?.isLetter == true
        throw Fault(
            offset: start,
            message: isWord ? "A text needs quotes: \"\(word)\"." : "\(word) is neither a number nor a date.")
    }

    private mutating func scanWord() -> String {
        let start = index
        while let next = byte, !Self.isSpace(next), next > 0x20, !Self.endsWord(next) { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        byte == comma || byte == closeBracket || byte == closeBrace || byte == hash || byte == equals
            || byte == quote || byte == apostrophe || byte == openBracket || byte == openBrace
    }

    private static func scalar(_ word: String, at offset: Int) throws(Fault) -> TOMLNode? {
        switch word {
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        case "inf", "+inf": return .float(.infinity)
        case "-inf": return .float(-.infinity)
        case "nan", "+nan", "-nan": return .float(.nan)
        default: break
        }
        if let date = date(word) { return .date(date) }
        guard let digits = number(word) else { return nil }
        switch digits {
        case .float(let text): return Double(text).map { .float($0) }
        case .integer(let text, let radix):
            guard let value = Int(text, radix: radix) else {
                throw Fault(offset: offset, message: "\(word) does not fit into 64 bits.")
            }
            return .integer(value)
        }
    }

    // MARK: Numbers

    private enum Number {
        case integer(String, radix: Int)
        case float(String)
    }

    /// The number without its underscores; `nil` if the word is none.
    private static func number(_ word: String) -> Number? {
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where word.hasPrefix(prefix) {
            guard let digits = digits(word.dropFirst(2), radix: radix) else { return nil }
            return .integer(digits, radix: radix)
        }
        var rest = Substring(word)
        var sign = ""
        if rest.first == "+" || rest.first == "-" { sign = rest.removeFirst() == "-" ? "-" : "" }
        let whole = rest.prefix { $0 != "." && $0 != "e" && $0 != "E" }
        guard let integer = digits(whole, radix: 10), integer.count == 1 || integer.first != "0" else { return nil }
        rest = rest.dropFirst(whole.count)
        if rest.isEmpty { return .integer(sign + integer, radix: 10) }
        var text = sign + integer
        if rest.first == "." {
            let part = rest.dropFirst().prefix { $0 != "e" && $0 != "E" }
            guard let fraction = digits(part, radix: 10) else { return nil }
            text += "." + fraction
            rest = rest.dropFirst(part.count + 1)
        }
        if let first = rest.first {
            guard first == "e" || first == "E" else { return nil }
            var part = rest.dropFirst()
            text += "e"
            if part.first == "+" || part.first == "-" { text.append(part.removeFirst()) }
            guard let exponent = digits(part, radix: 10) else { return nil }
            text += exponent
        }
        return .float(text)
    }

    /// Digits, with single underscores between them.
    private static func digits(_ text: Substring, radix: Int) -> String? {
        var result = ""
        var mayUnderscore = false
        for character in text {
            if character == "_" && mayUnderscore {
                mayUnderscore = false
                continue
            }
            guard character.isASCII, let value = character.hexDigitValue, value < radix else { return nil }
            result.append(character)
            mayUnderscore = true
        }
        return mayUnderscore ? result : nil
    }

    // MARK: Dates and times

    private static func date(_ word: String) -> String? {
        let characters = Array(word)
        if characters.count > 2, characters[2] == ":" { return isTime(word[...], mayHaveOffset: false) ? word : nil }
        guard characters.count >= 10, isDay(word.prefix(10)) else { return nil }
        let rest = word.dropFirst(10)
        guard let separator = rest.first else { return word }
        guard separator == "T" || separator == "t", isTime(rest.dropFirst(), mayHaveOffset: true) else { return nil }
        return word.uppercased()
    }

    private static func isDay(_ text: Substring) -> Bool { CalendarDate.isDate(String(text)) }

    /// `07:32:00`, with an optional fraction of a second and, where allowed, an offset.
    private static func isTime(_ text: Substring, mayHaveOffset: Bool) -> Bool {
        guard isClock(text.prefix(5)), text.dropFirst(5).first == ":" else { return false }
        guard let second = twoDigits(text.dropFirst(6).prefix(2)), second < 60 else { return false }
        var rest = text.dropFirst(8)
        if rest.first == "." {
            let fraction = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
            guard !fraction.isEmpty else { return false }
            rest = rest.dropFirst(fraction.count + 1)
        }
        guard let first = rest.first else { return true }
        guard mayHaveOffset else { return false }
        if first == "Z" || first == "z" { return rest.count == 1 }
        return (first == "+" || first == "-") && rest.count == 6 && isClock(rest.dropFirst())
    }

    /// `07:32`.
    private static func isClock(_ text: Substring) -> Bool {
        guard text.count == 5, text.dropFirst(2).first == ":" else { return false }
        guard let hour = twoDigits(text.prefix(2)), let minute = twoDigits(text.suffix(2)) else { return false }
        return hour < 24 && minute < 60
    }

    private static func twoDigits(_ text: Substring) -> Int? {
        guard text.count == 2, text.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return Int(text)
    }
}
