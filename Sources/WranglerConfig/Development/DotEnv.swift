/// The format of `.dev.vars` and `.env`, as the dotenv family reads it.
///
/// `KEY=value` or `KEY: value` a line, `export` before it, `#` comments. Single quotes and backticks are literal;
/// double quotes know `\n` and `\r` and nothing else; all three may span lines. A quote that is not closed, or is
/// followed by more than a comment, is an ordinary character. Lines that are none of this are skipped.
struct DotEnv {
    /// Names and values in the order of the first mention; a later value replaces an earlier one in its place.
    private(set) var names: [String] = []
    private(set) var values: [String: String] = [:]

    init() {}

    init(parsing text: String) {
        var parser = DotEnvParser(text)
        while let (name, value) = parser.next() { set(name, value) }
    }

    mutating func set(_ name: String, _ value: String) {
        if values.updateValue(value, forKey: name) == nil { names.append(name) }
    }

    mutating func merge(_ later: DotEnv) {
        for name in later.names { set(name, later.values[name] ?? "") }
    }
}

private struct DotEnvParser {
    private let characters: [Character]
    private var index = 0

    init(_ text: String) {
        // A carriage return and a newline are one Character in Swift, and one line end to dotenv.
        characters = text.map { $0 == "\r\n" || $0 == "\r" ? "\n" : $0 }
    }

    /// The next assignment; `nil` at the end.
    mutating func next() -> (String, String)? {
        while index < characters.count {
            let start = index
            if let name = scanName() { return (name, scanValue()) }
            index = start
            skipLine()
        }
        return nil
    }

    private var character: Character? { index < characters.count ? characters[index] : nil }

    private mutating func skipSpaces() {
        while let character, character.isWhitespace, character != "\n" { index += 1 }
    }

    private mutating func skipLine() {
        while let character, character != "\n" { index += 1 }
        index += 1
    }

    private mutating func scanWord() -> String {
        var word = ""
        while let character, character.isASCII, character.isLetter || character.isNumber || "_.-".contains(character) {
            word.append(character)
            index += 1
        }
        return word
    }

    /// Everything up to and including the `=`.
    private mutating func scanName() -> String? {
        skipSpaces()
        var name = scanWord()
        let end = index
        skipSpaces()
        if name == "export", index > end, character != "=", character != ":" {
            name = scanWord()
            skipSpaces()
        }
        guard !name.isEmpty else { return nil }
        if character == "=" {
            index += 1
            return name
        }
        guard character == ":", index + 1 < characters.count, characters[index + 1].isWhitespace else { return nil }
        index += 1
        return name
    }

    private mutating func scanValue() -> String {
        skipSpaces()
        if let quoted = scanQuoted() { return quoted }
        var value = ""
        while let character, character != "\n", character != "#" {
            value.append(character)
            index += 1
        }
        skipLine()
        while value.last?.isWhitespace == true { value.removeLast() }
        return value.first == "\"" ? Self.unescaped(value) : value
    }

    private mutating func scanQuoted() -> String? {
        guard let quote = character, quote == "\"" || quote == "'" || quote == "`" else { return nil }
        let start = index
        index += 1
        var value = ""
        while let next = character, next != quote {
            // An escaped quote does not end the text; its backslash stays, as it does in dotenv.
            if next == "\\", index + 1 < characters.count, characters[index + 1] == quote {
                value.append(next)
                index += 1
            }
            value.append(characters[index])
            index += 1
        }
        guard character == quote else {
            index = start
            return nil
        }
        index += 1
        skipSpaces()
        guard character == nil || character == "\n" || character == "#" else {
            index = start
            return nil
        }
        skipLine()
        return quote == "\"" ? Self.unescaped(value) : value
    }

    private static func unescaped(_ text: String) -> String {
        var result = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                result += character == "n" ? "\n" : character == "r" ? "\r" : "\\\(character)"
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                result.append(character)
            }
        }
        return isEscaped ? result + "\\" : result
    }
}
