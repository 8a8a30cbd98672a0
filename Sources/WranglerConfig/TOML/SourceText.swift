/// A text whose places can be named: byte offsets become lines and columns as people count them.
struct SourceText: Sendable {
    let bytes: [UInt8]
    /// The offset at which each line begins. There is always one line, even in an empty text.
    private let lineStarts: [Int]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var starts = [0]
        for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
            starts.append(offset + 1)
        }
        lineStarts = starts
    }

    /// Line and column, from 1, of a byte. The column counts characters, so a caret drawn under the line as text
    /// stands below its character.
    func position(at offset: Int) -> (line: Int, column: Int) {
        var low = 0
        var high = lineStarts.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle - 1 }
        }
        let end = max(lineStarts[low], min(offset, bytes.count))
        let lead = String(decoding: bytes[lineStarts[low]..<end], as: UTF8.self)
        return (low + 1, lead.count + 1)
    }

    /// A line by its number, from 1, without its line break. Lines that do not exist are empty.
    func line(_ number: Int) -> String {
        guard number >= 1, number <= lineStarts.count else { return "" }
        let start = lineStarts[number - 1]
        var end = number < lineStarts.count ? lineStarts[number] - 1 : bytes.count
        if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }
}
