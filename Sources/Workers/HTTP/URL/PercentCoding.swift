/// Percent-encoding on bytes: RFC 3986 §2.1 and the URL standard's "percent-encoded bytes".
package enum PercentCoding {
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// The bytes that `text` stands for, or `nil` where a `%` is not followed by two hexadecimal digits or the result is
    /// not UTF-8. Used where a sloppy reading would let two spellings of one path differ.
    package static func decodedStrictly(_ text: UnsafeBufferPointer<UInt8>) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var position = 0
        while position < text.count {
            let byte = text[position]
            guard byte == 0x25 else {
                bytes.append(byte)
                position += 1
                continue
            }
            guard position + 2 < text.count, let high = hexValue(text[position + 1]),
                let low = hexValue(text[position + 2])
            else { return nil }
            bytes.append(high << 4 | low)
            position += 3
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Decodes what is well formed and keeps the rest as it is, as the URL standard's "percent-decode" does; with
    /// `plusIsSpace` a `+` becomes a space (`application/x-www-form-urlencoded`).
    package static func decodedLeniently(_ text: Substring.UTF8View, plusIsSpace: Bool) -> String {
        guard text.contains(where: { $0 == 0x25 || (plusIsSpace && $0 == 0x2B) }) else {
            return String(Substring(text))
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        let source = Array(text)
        var position = 0
        while position < source.count {
            let byte = source[position]
            if byte == 0x25, position + 2 < source.count, let high = hexValue(source[position + 1]),
                let low = hexValue(source[position + 2])
            {
                bytes.append(high << 4 | low)
                position += 3
                continue
            }
            bytes.append(plusIsSpace && byte == 0x2B ? 0x20 : byte)
            position += 1
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends `%XX` to `output`.
    package static func append(_ byte: UInt8, to output: inout [UInt8]) {
        output.append(0x25)
        output.append(digits[Int(byte >> 4)])
        output.append(digits[Int(byte & 15)])
    }

    /// `text` with every byte escaped that `isPlain` refuses.
    package static func encoded(_ text: some StringProtocol, isPlain: (UInt8) -> Bool) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if isPlain(byte) { output.append(byte) } else { append(byte, to: &output) }
        }
        return String(decoding: output, as: UTF8.self)
    }

    package static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}

/// Classes of bytes that the parsers of this folder share.
package enum ByteClass {
    package static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    /// RFC 3986 §2.3, unreserved.
    package static func isUnreserved(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F || byte == 0x7E
    }

    /// RFC 9110 §5.6.2, token.
    package static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true
        default: isAlphanumeric(byte)
        }
    }

    package static func isToken(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(isToken)
    }
}

extension String {
    /// The text as one path segment: everything outside RFC 3986's unreserved characters is escaped, so that a slash in
    /// a name does not become a separator.
    ///
    /// ```swift
    /// let path = "/projects/\("a/b".encodedAsPathSegment)"   // /projects/a%2Fb
    /// ```
    public var encodedAsPathSegment: String { PercentCoding.encoded(self, isPlain: ByteClass.isUnreserved) }

    /// The text of one path segment with its escapes resolved; `nil` where an escape is malformed or the bytes are not
    /// UTF-8.
    public var decodedFromPathSegment: String? {
        var text = self
        return text.withUTF8 { PercentCoding.decodedStrictly($0) }
    }
}
