/// Values of `x-amz-meta-*`, which fields can carry only in ASCII: others are written as encoded words (RFC 2047 §2).
public enum S3MetadataValue {
    /// - Returns: the text; what is no encoded word stays as it is.
    public static func decoded(_ field: String) -> String {
        guard field.utf8.contains(0x3D) else { return field }
        var output: [UInt8] = []
        var lastWasWord = false
        var pending: [UInt8] = []
        for piece in field.utf8.split(separator: 0x20, omittingEmptySubsequences: false) {
            let word = word(piece)
            if word != nil, lastWasWord {
                // Blanks between two words are not part of the text (§6.2).
                pending = []
            }
            output += pending
            output += word ?? Array(piece)
            lastWasWord = word != nil
            pending = [0x20]
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// - Returns: the text as it is if a field can carry it, else one word of base64.
    public static func encoded(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } && !text.utf8.starts(with: "=?".utf8)
        return isPlain ? text : "=?UTF-8?B?\(Base64.encoded(Array(text.utf8)))?="
    }

    private static func word(_ text: Substring.UTF8View) -> [UInt8]? {
        guard text.count >= 8, text.starts(with: "=?".utf8), text.suffix(2).elementsEqual("?=".utf8) else { return nil }
        let parts = text.dropFirst(2).dropLast(2).split(separator: 0x3F, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        let charset = String(decoding: parts[0], as: UTF8.self).lowercased()
        guard ["utf-8", "us-ascii", "iso-8859-1"].contains(charset) else { return nil }
        let bytes: [UInt8]?
        switch String(decoding: parts[1], as: UTF8.self) {
        case "B", "b": bytes = Base64.decoded(String(decoding: parts[2], as: UTF8.self))
        case "Q", "q": bytes = quoted(Array(parts[2]))
        default: bytes = nil
        }
        guard let bytes else { return nil }
        if charset == "iso-8859-1" { return bytes.flatMap { Array(String(Character(Unicode.Scalar($0))).utf8) } }
        return String(validating: bytes, as: UTF8.self) == nil ? nil : bytes
    }

    /// §4.2.
    private static func quoted(_ text: [UInt8]) -> [UInt8]? {
        var output: [UInt8] = []
        var place = 0
        while place < text.count {
            switch text[place] {
            case 0x5F: output.append(0x20)
            case 0x3D:
                guard place + 2 < text.count, let high = SignedText.value(text[place + 1]),
                    let low = SignedText.value(text[place + 2])
                else { return nil }
                output.append(high << 4 | low)
                place += 2
            default: output.append(text[place])
            }
            place += 1
        }
        return output
    }
}

extension Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encoded(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for place in 0..<4 {
                let isFilled = place <= group.count
                output.append(isFilled ? digits[Int(bits >> UInt32(18 - 6 * place) & 63)] : 0x3D)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
