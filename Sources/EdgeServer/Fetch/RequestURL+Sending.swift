import Workers

extension RequestURL {
    /// The URL with the bytes that RFC 3986 §3.3 and §3.4 do not allow in a path and a query percent-encoded, and with a
    /// path. Escapes stay as they are; a percent sign that begins none becomes `%25`.
    var textForSending: String {
        let path = path.isEmpty ? "/" : RequestURL.encoded(path)
        return "\(scheme)://\(authority)\(path)" + (query.map { "?" + RequestURL.encoded($0) } ?? "")
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func encoded(_ text: String) -> String {
        let bytes = Array(text.utf8)
        if bytes.allSatisfy({ isPlain($0) && $0 != UInt8(ascii: "%") }) { return text }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + 16)
        for (index, byte) in bytes.enumerated() {
            let beginsEscape = index + 2 < bytes.count && isHex(bytes[index + 1]) && isHex(bytes[index + 2])
            if byte == UInt8(ascii: "%") ? beginsEscape : isPlain(byte) {
                output.append(byte)
            } else {
                output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }

    /// `pchar` of RFC 3986 without its escapes, the slash and the question mark.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        // Letters and digits, and ! $ & ' ( ) * + , - . / : ; = ? @ _ ~
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x21, 0x24, 0x26...0x2F, 0x3A, 0x3B, 0x3D, 0x3F, 0x40, 0x5F, 0x7E:
            true
        default: false
        }
    }
}
