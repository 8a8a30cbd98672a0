extension StringProtocol {
    /// Without the spaces and tabs around it (RFC 9110 §5.6.3, OWS).
    package var trimmedOfBlanks: SubSequence {
        var rest = self[...]
        while rest.first == " " || rest.first == "\t" { rest = rest.dropFirst() }
        while rest.last == " " || rest.last == "\t" { rest = rest.dropLast() }
        return rest
    }
}
