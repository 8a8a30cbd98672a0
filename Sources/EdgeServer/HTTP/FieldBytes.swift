/// What the bytes of names and values may be (RFC 9110 §5.5, §5.6.2).
enum FieldBytes {
    /// Whether a byte may be part of a token: letters, digits and ``!#$%&'*+-.^_`|~``.
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        // One bit for each of the characters below 64, and for each of those above.
        let below: UInt64 = 0x3FF_6CFA_0000_0000
        let above: UInt64 = 0x57FF_FFFF_C7FF_FFFE
        return byte < 128 && (byte < 64 ? below : above) >> UInt64(byte & 63) & 1 == 1
    }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    enum Content { case ascii, text, forbidden }

    /// Looks at a value: eight bytes at once, one by one where something is suspicious.
    ///
    /// - Returns: `forbidden` if there is a control character other than a tab, `text` if there are bytes above 0x7F.
    static func content(of bytes: UnsafeRawBufferPointer) -> Content {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        var seen: UInt64 = 0
        var place = 0
        while place + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            let low = (word &- (ones &* 0x20)) & ~word
            let deleted = word ^ (ones &* 0x7F)
            if (low | ((deleted &- ones) & ~deleted)) & tops != 0 {
                for byte in bytes[place..<place + 8] where isForbidden(byte) { return .forbidden }
            }
            seen |= word
            place += 8
        }
        while place < bytes.count {
            let byte = bytes[place]
            if isForbidden(byte) { return .forbidden }
            seen |= UInt64(byte)
            place += 1
        }
        return seen & tops == 0 ? .ascii : .text
    }

    @inline(__always)
    private static func isForbidden(_ byte: UInt8) -> Bool { (byte < 0x20 && byte != 0x09) || byte == 0x7F }
}
