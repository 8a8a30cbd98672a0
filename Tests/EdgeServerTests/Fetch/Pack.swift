import CBrotli
import CZlib

/// Packs content as servers do.
enum Pack {
    /// - Parameter codings: one after the other, separated by commas; unknown ones change nothing.
    static func bytes(_ bytes: [UInt8], _ codings: String) -> [UInt8] {
        codings.split(separator: ",").reduce(bytes) { bytes, coding in
            switch coding.filter({ $0 != " " }) {
            case "gzip": zlib(bytes, windowBits: 31)
            case "deflate": zlib(bytes, windowBits: 15)
            case "raw": zlib(bytes, windowBits: -15)
            case "br": brotli(bytes)
            default: bytes
            }
        }
    }

    private static func zlib(_ bytes: [UInt8], windowBits: Int32) -> [UInt8] {
        var stream = z_stream()
        lilypad_deflate_init(&stream, 6, windowBits)
        defer { deflateEnd(&stream) }
        let bound = Int(deflateBound(&stream, UInt(bytes.count)))
        var input = bytes
        return input.withUnsafeMutableBufferPointer { input in
            [UInt8](unsafeUninitializedCapacity: bound) { space, count in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = space.baseAddress
                stream.avail_out = UInt32(bound)
                deflate(&stream, Z_FINISH)
                count = bound - Int(stream.avail_out)
            }
        }
    }

    private static func brotli(_ bytes: [UInt8]) -> [UInt8] {
        let bound = BrotliEncoderMaxCompressedSize(bytes.count)
        return [UInt8](unsafeUninitializedCapacity: bound) { space, count in
            var size = bound
            BrotliEncoderCompress(
                5, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC, bytes.count, bytes, &size, space.baseAddress)
            count = size
        }
    }
}
