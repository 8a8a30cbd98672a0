/// The pieces of URL text handling that assets need, by the URL standard, on bytes.
enum URLText {
    private static let hexDigits = Array("0123456789ABCDEF".utf8)

    static func appendEscaped(_ byte: UInt8, to output: inout [UInt8]) {
        output.append(.percent)
        output.append(hexDigits[Int(byte >> 4)])
        output.append(hexDigits[Int(byte & 15)])
    }

    /// The URL parser escapes controls, DEL and everything outside ASCII, whatever the part.
    @inline(__always)
    private static func isAlwaysEscaped(_ byte: UInt8) -> Bool { byte < 0x20 || byte > 0x7E }

    /// The URL parser drops these three wherever they stand.
    @inline(__always)
    private static func isDropped(_ byte: UInt8) -> Bool { byte == 0x09 || byte == 0x0A || byte == 0x0D }

    static func escaped(_ bytes: some Sequence<UInt8>, _ set: ByteSet) -> [UInt8] {
        var output: [UInt8] = []
        for byte in bytes where !isDropped(byte) {
            if isAlwaysEscaped(byte) || set.contains(byte) {
                appendEscaped(byte, to: &output)
            } else {
                output.append(byte)
            }
        }
        return output
    }

    /// A path after URL parsing: dot segments (escaped ones too) resolved, forbidden bytes escaped, existing escapes
    /// kept as typed. `backslashIsSlash` is right for http and https; rule files are read as a scheme of no special
    /// kind, where a backslash is an ordinary character.
    static func normalisedPath(_ bytes: some Sequence<UInt8>, backslashIsSlash: Bool) -> String {
        var segments: [[UInt8]] = []
        var segment: [UInt8] = []
        var isFirst = true

        func close(isLast: Bool) {
            if isDoubleDot(segment) {
                if !segments.isEmpty { segments.removeLast() }
                if isLast { segments.append([]) }
            } else if isSingleDot(segment) {
                if isLast { segments.append([]) }
            } else {
                segments.append(escaped(segment, .escapedInPath))
            }
            segment.removeAll(keepingCapacity: true)
        }

        for byte in bytes where !isDropped(byte) {
            let isSeparator = byte == .slash || (backslashIsSlash && byte == .backslash)
            if isFirst, isSeparator {
                isFirst = false
                continue
            }
            isFirst = false
            if isSeparator { close(isLast: false) } else { segment.append(byte) }
        }
        close(isLast: true)

        var output: [UInt8] = []
        for segment in segments {
            output.append(.slash)
            output.append(contentsOf: segment)
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// `.` or `%2e`, in either case.
    private static func isSingleDot(_ segment: [UInt8]) -> Bool { dots(in: segment) == 1 }
    private static func isDoubleDot(_ segment: [UInt8]) -> Bool { dots(in: segment) == 2 }

    /// How many dots the segment consists of; nil when it has anything else.
    private static func dots(in segment: [UInt8]) -> Int? {
        guard !segment.isEmpty, segment.count <= 6 else { return nil }
        var count = 0
        var position = 0
        while position < segment.count {
            if segment[position] == .dot {
                position += 1
            } else if position + 2 < segment.count, segment[position] == .percent, segment[position + 1] == 0x32,
                segment[position + 2] | 0x20 == 0x65
            {
                position += 3
            } else {
                return nil
            }
            count += 1
        }
        return count
    }

    /// A piece of a path percent-decoded, or nil when it does not decode cleanly as UTF-8.
    static func decoded(_ piece: ArraySlice<UInt8>) -> [UInt8]? {
        guard piece.contains(.percent) else { return Array(piece) }
        var output: [UInt8] = []
        output.reserveCapacity(piece.count)
        var position = piece.startIndex
        while position < piece.endIndex {
            guard piece[position] == .percent else {
                output.append(piece[position])
                position += 1
                continue
            }
            guard position + 2 < piece.endIndex, let high = piece[position + 1].hexValue,
                let low = piece[position + 2].hexValue
            else { return nil }
            output.append(high << 4 | low)
            position += 3
        }
        return String(validating: output, as: UTF8.self) == nil ? nil : output
    }
}
