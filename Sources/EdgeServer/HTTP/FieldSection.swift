/// The field lines of a head or of trailers, read up to the empty line that ends them (RFC 9112 §5).
///
/// Refused are: line folding (§5.2), blanks before a colon (§5.1) and before the first field, names that are no tokens, and
/// control characters in values.
struct FieldSection {
    /// Names and values in the order they came in, both as they were spelt.
    private(set) var fields: [(String, String)] = []
    /// One bit for each of the first 64 fields that a request's summary may care about. To look at a string takes longer than
    /// to look at its bytes, and most fields are nobody's business here.
    private(set) var notable: UInt64 = 0
    /// Bytes of the lines so far.
    private var size: Int
    private let limits: FieldLimits

    /// - Parameters:
    ///   - used: bytes of the section that were there before the first field.
    ///   - expected: how many fields there will likely be.
    init(limits: FieldLimits, used: Int, expected: Int) {
        self.limits = limits
        size = used
        fields.reserveCapacity(expected)
    }

    /// - Returns: whether the section is complete.
    mutating func read(_ cursor: inout LineCursor) throws -> Bool {
        while let line = try cursor.next() {
            if line.isEmpty { return true }
            size += line.count + 2
            guard size <= limits.size, fields.count < limits.count else { throw HTTPSyntaxError.fieldsTooLarge }
            try add(line)
        }
        // The CR of the empty line is no field.
        guard size + cursor.rest.count <= limits.size + 1 else { throw HTTPSyntaxError.fieldsTooLarge }
        return false
    }

    private mutating func add(_ line: UnsafeRawBufferPointer) throws {
        var colon = 0
        while colon < line.count, FieldBytes.isToken(line[colon]) { colon += 1 }
        guard colon > 0, colon < line.count, line[colon] == 0x3A else { throw HTTPSyntaxError.malformed }
        var begin = colon + 1
        while begin < line.count, FieldBytes.isBlank(line[begin]) { begin += 1 }
        var end = line.count
        while end > begin, FieldBytes.isBlank(line[end - 1]) { end -= 1 }
        if RequestSummary.mayNote(length: colon, first: line[0]) { notable |= 1 << UInt64(fields.count) }
        let name = FieldNames.name(UnsafeRawBufferPointer(rebasing: line[..<colon]))
        let value = UnsafeRawBufferPointer(rebasing: line[begin..<end])
        switch FieldBytes.content(of: value) {
        case .ascii: fields.append((name, String(decoding: value, as: UTF8.self)))
        case .text: fields.append((name, FieldText.text(value)))
        case .forbidden: throw HTTPSyntaxError.malformed
        }
    }
}

/// How much of a message may be fields.
struct FieldLimits {
    /// Bytes of the whole section, line ends included.
    var size: Int
    var count: Int
}
