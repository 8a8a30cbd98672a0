/// Reads the lists of etags in `If-Match` and `If-None-Match` (RFC 9110 §13.1.1), with the errors that Workers give.
///
/// The reader is as lenient as theirs: between etags it looks only for commas, quotes, `W` and `*`.
struct R2ETagField {
    private let bytes: [UInt8]
    /// Behind it there is nothing that could be an etag.
    private let lastMark: Int
    private var position = 0
    private var etags: [R2ETag] = []

    /// - Parameter name: of the field, for the message.
    static func parse(_ field: String, name: String) throws -> [R2ETag] {
        var parser = R2ETagField(bytes: Array(field.utf8))
        try parser.run()
        if parser.etags.isEmpty { throw WorkersError(.error, "Invalid ETag in \(name) header") }
        return parser.etags
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
        lastMark = bytes.lastIndex { $0 == Self.quote || $0 == Self.star } ?? -1
    }

    private mutating func run() throws {
        var needsComma = false
        while let mark = nextMark() {
            if position > lastMark { return }
            switch bytes[mark] {
            case Self.comma:
                position = mark + 1
                needsComma = false
                continue
            case _ where needsComma: throw Self.missingComma(before: bytes[mark])
            case Self.star:
                // It says more than everything before it.
                etags = [.any]
                return
            case Self.quote: etags.append(.strong(try quoted(from: mark)))
            default:
                guard mark + 2 < bytes.count, bytes[mark + 1] == Self.slash, bytes[mark + 2] == Self.quote else {
                    throw WorkersError(.error, "Weak etags must start with W/ and their value must be quoted")
                }
                etags.append(.weak(try quoted(from: mark + 2)))
            }
            needsComma = true
        }
    }

    private func nextMark() -> Int? {
        bytes[position...].firstIndex { $0 == Self.comma || $0 == Self.star || $0 == Self.quote || $0 == Self.weak }
    }

    /// Commas may be part of an etag, quotes may not.
    private mutating func quoted(from start: Int) throws -> String {
        guard let end = bytes[(start + 1)...].firstIndex(of: Self.quote) else {
            throw WorkersError(.error, "Unclosed double quote for Etag")
        }
        position = end + 1
        return String(decoding: bytes[(start + 1)..<end], as: UTF8.self)
    }

    private static let comma: UInt8 = 0x2C
    private static let star: UInt8 = 0x2A
    private static let quote: UInt8 = 0x22
    private static let slash: UInt8 = 0x2F
    private static let weak: UInt8 = 0x57

    private static func missingComma(before mark: UInt8) -> WorkersError {
        let what =
            switch mark {
            case star: "a wildcard character '*' instead."
            case quote:
                "a double quote character '\"' instead. This would otherwise indicate the start of a new strong etag."
            default:
                "a weak quotation character 'W' instead. This would otherwise indicate the start of a new weak etag."
            }
        return WorkersError(.error, "Comma was expected to separate etags. Encountered " + what)
    }
}
