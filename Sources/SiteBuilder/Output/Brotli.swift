import CBrotli

/// Brotli at its strongest, for files that are packed once and read often (RFC 7932).
enum Brotli {
    /// The library's version, part of the cache key: another version may give other bytes.
    static var version: String {
        let number = BrotliEncoderVersion()
        return "\(number >> 24).\((number >> 12) & 0xFFF).\(number & 0xFFF)"
    }

    /// `nil` if the library runs out of memory. Same bytes in, same bytes out.
    static func compress(_ bytes: [UInt8], text: Bool) -> [UInt8]? {
        // The one-shot call tells the encoder the size beforehand, which its block splitting uses.
        let bound = max(64, BrotliEncoderMaxCompressedSize(bytes.count))
        var done = false
        let packed = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            var size = bound
            let ok = bytes.withUnsafeBufferPointer {
                BrotliEncoderCompress(
                    11, window(for: bytes.count), text ? BROTLI_MODE_TEXT : BROTLI_MODE_GENERIC, $0.count,
                    // An empty array may have no address, and the encoder wants one.
                    $0.baseAddress ?? UnsafePointer(buffer.baseAddress!), &size, buffer.baseAddress!)
            }
            done = ok == BROTLI_TRUE
            count = done ? size : 0
        }
        return done ? packed : nil
    }

    /// The window that just covers the file, in bits, between the format's bounds. Beyond 24 begins the "large window"
    /// format, which browsers refuse; below, a smaller window spares the reader memory and changes no match.
    static func window(for size: Int) -> Int32 {
        var bits: Int32 = 16
        while bits < 24 && (1 << Int(bits)) - 16 < size { bits += 1 }
        return bits
    }

    /// The bytes of a whole stream, or `nil` if it is not one or does not have exactly `size` bytes.
    static func decompress(_ packed: [UInt8], size: Int) -> [UInt8]? {
        var done = false
        let bytes = [UInt8](unsafeUninitializedCapacity: max(1, size)) { buffer, count in
            var length = max(1, size)
            let result = packed.withUnsafeBufferPointer {
                BrotliDecoderDecompress(
                    $0.count, $0.baseAddress ?? UnsafePointer(buffer.baseAddress!), &length, buffer.baseAddress!)
            }
            done = result == BROTLI_DECODER_RESULT_SUCCESS && length == size
            count = done ? size : 0
        }
        return done ? bytes : nil
    }
}
