import CZlib

/// gzip at level 9 with a header that says nothing: no time, no name (RFC 1952), so equal input gives equal bytes.
enum Gzip {
    /// The library's version, part of the cache key.
    static var version: String { String(cString: zlibVersion()) }

    /// `nil` if the library runs out of memory.
    static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        // 31 = the largest window (15) and a gzip frame (16).
        guard lilypad_deflate_init(&stream, 9, 31) == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        let bound = Int(deflateBound(&stream, UInt(bytes.count)))
        var done = false
        let packed = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            bytes.withUnsafeBufferPointer { input in
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = UInt32(input.count)
                stream.next_out = buffer.baseAddress
                stream.avail_out = UInt32(bound)
                done = deflate(&stream, Z_FINISH) == Z_STREAM_END
            }
            count = done ? bound - Int(stream.avail_out) : 0
        }
        return done ? packed : nil
    }

    /// The bytes of a whole frame, or `nil` if it is not one or does not have exactly `size` bytes.
    static func decompress(_ packed: [UInt8], size: Int) -> [UInt8]? {
        var stream = z_stream()
        guard lilypad_inflate_init(&stream, 31) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var done = false
        let bytes = [UInt8](unsafeUninitializedCapacity: size + 1) { buffer, count in
            packed.withUnsafeBufferPointer { input in
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = UInt32(input.count)
                stream.next_out = buffer.baseAddress
                stream.avail_out = UInt32(size + 1)
                done = inflate(&stream, Z_FINISH) == Z_STREAM_END && Int(stream.total_out) == size
            }
            count = done ? size : 0
        }
        return done ? bytes : nil
    }
}
