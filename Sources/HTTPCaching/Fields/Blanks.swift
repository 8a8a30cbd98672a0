extension StringProtocol {
    /// Without the spaces and tabs around it (RFC 9110 §5.6.3, OWS).
    ///
    /// Only the ends move, over scalars: `dropLast` of a substring looks at all of it each time, so that a field with some
    /// thousand blanks in it would hold a server up for a second.
    package var trimmedOfBlanks: SubSequence {
        let scalars = unicodeScalars
        var start = scalars.startIndex
        var end = scalars.endIndex
        while start < end, scalars[start].isBlank { scalars.formIndex(after: &start) }
        while start < end {
            let before = scalars.index(before: end)
            guard scalars[before].isBlank else { break }
            end = before
        }
        return self[start..<end]
    }
}

extension Unicode.Scalar {
    fileprivate var isBlank: Bool { self == " " || self == "\t" }
}

extension String {
    /// The members of a list (RFC 9110 §5.6.1), as they stand, without empty ones. A comma that an accent follows is one
    /// `Character` with it, and `split` of text would overlook it.
    package var membersOfList: [Substring] { utf8.split(separator: UInt8(ascii: ",")).map { Substring($0) } }
}
