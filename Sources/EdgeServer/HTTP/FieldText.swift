import NIOCore

/// Values of fields as text, whatever bytes they have.
///
/// Bytes above 0x7F in a value mean nothing to HTTP and have to be passed on as they came (RFC 9110 §5.5). UTF-8 becomes the
/// text it is. A string cannot hold anything else, so each byte that is not part of UTF-8 becomes one of 128 characters of
/// private use, U+10FE80 to U+10FEFF, and becomes that byte again when the value is sent. The same characters in a value that
/// came in are taken as strange bytes, too, so that every value has one text and every text one value.
enum FieldText {
    /// The first byte of those characters in UTF-8, and of few others.
    static let lead: UInt8 = 0xF4
    /// What the strange byte 0x80 becomes, minus 0x80.
    private static let base: UInt32 = 0x10FE00

    /// The text of a value with bytes above 0x7F.
    static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        let bytes = bytes.bindMemory(to: UInt8.self)
        if !bytes.contains(lead), let text = String(validating: bytes, as: UTF8.self) { return text }
        var text = String.UnicodeScalarView()
        var place = 0
        while place < bytes.count {
            if let scalar = scalar(in: bytes, at: place), scalar.value & ~0xFF != base {
                text.append(scalar)
                place += UTF8.width(scalar)
            } else {
                if let escaped = Unicode.Scalar(base | UInt32(bytes[place])) { text.append(escaped) }
                place += 1
            }
        }
        return String(text)
    }

    /// The well-formed character at a place.
    private static func scalar(in bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> Unicode.Scalar? {
        var decoder = UTF8()
        var rest = bytes[place..<min(place + 4, bytes.count)].makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&rest) else { return nil }
        return scalar
    }

    /// The bytes that a value is sent as.
    ///
    /// - Parameter text: as UTF-8.
    static func bytes(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var place = 0
        while place < text.count {
            if let byte = strange(in: text, at: place) {
                bytes.append(byte)
                place += 4
            } else {
                bytes.append(text[place])
                place += 1
            }
        }
        return bytes
    }

    /// The byte that the character at a place stands for: F4 8F BA 80 is 0x80, F4 8F BB BF is 0xFF.
    private static func strange(in text: UnsafeBufferPointer<UInt8>, at place: Int) -> UInt8? {
        guard place + 4 <= text.count, text[place] == lead, text[place + 1] == 0x8F, text[place + 2] | 1 == 0xBB else {
            return nil
        }
        return text[place + 2] << 6 | text[place + 3] & 0x3F
    }
}

extension UTF8 {
    fileprivate static func width(_ scalar: Unicode.Scalar) -> Int { UTF8.encode(scalar)?.count ?? 1 }
}
