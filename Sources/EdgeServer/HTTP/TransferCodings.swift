/// What `Transfer-Encoding` says about the end of a message (RFC 9112 §6.1, §6.3).
enum TransferCodings {
    case none
    /// One coding, `chunked`.
    case chunked
    /// `chunked` at the end, behind codings that nobody here can undo.
    case others
    /// The end of the message cannot be told from it.
    case nonsense

    /// - Parameter value: of one more field line. No sender spreads its codings over several.
    mutating func add(_ value: String) {
        guard case .none = self else {
            self = .nonsense
            return
        }
        self = value.isField("chunked") ? .chunked : TransferCodings.endsChunked(value) ? .others : .nonsense
    }

    private static func endsChunked(_ list: String) -> Bool {
        var items = list.utf8.split(separator: 0x2C, omittingEmptySubsequences: false).map { item in
            String(Substring(item)).trimmedOfBlanks
        }
        guard items.popLast()?.isField("chunked") == true else { return false }
        return items.allSatisfy { item in
            !item.isEmpty && !item.isField("chunked") && item.utf8.allSatisfy(FieldBytes.isToken)
        }
    }
}

extension String {
    /// Without the spaces and tabs around it.
    fileprivate var trimmedOfBlanks: String {
        var rest = Substring(self).utf8
        while let first = rest.first, FieldBytes.isBlank(first) { rest = rest.dropFirst() }
        while let last = rest.last, FieldBytes.isBlank(last) { rest = rest.dropLast() }
        return String(Substring(rest))
    }
}
