#if canImport(Glibc)
    import Glibc
#endif

/// Cuts lines off the bytes that have come in.
///
/// A line ends with CR LF; a bare LF is refused, although RFC 9112 §2.2 would allow it: two servers that disagree about the
/// end of a line disagree about everything behind it.
struct LineCursor {
    let bytes: UnsafeRawBufferPointer
    /// Where the next line begins.
    private(set) var position = 0
    /// Bytes of the next line that are known to have no LF, so that a line that comes byte by byte is searched once.
    private(set) var searched: Int

    init(_ bytes: UnsafeRawBufferPointer, searched: Int) {
        self.bytes = bytes
        self.searched = searched
    }

    /// Bytes of a line that is not complete.
    var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[position...]) }

    /// The next line without its end; `nil` when it is not complete.
    mutating func next() throws -> UnsafeRawBufferPointer? {
        let begin = position + searched
        guard begin < bytes.count, let base = bytes.baseAddress else { return nil }
        guard let end = memchr(base + begin, 0x0A, bytes.count - begin) else {
            searched = bytes.count - position
            return nil
        }
        let lineFeed = UnsafeRawPointer(end) - base
        guard lineFeed > position, bytes[lineFeed - 1] == 0x0D else { throw HTTPSyntaxError.malformed }
        let line = UnsafeRawBufferPointer(start: base + position, count: lineFeed - 1 - position)
        position = lineFeed + 1
        searched = 0
        return line
    }
}
