/// The path pattern of a route, read from text.
///
/// - `/status` a literal segment, written unescaped: `/über uns`.
/// - `/:project` a parameter: one segment that is not empty.
/// - `/*` or `/*rest` at the end: everything that follows, nothing included.
///
/// A slash at the end is part of the pattern: `/a` and `/a/` are two routes.
struct RoutePattern: Sendable, Hashable {
    enum Segment: Sendable, Hashable {
        case literal(String)
        case parameter(String)
        /// The name is `*` where none is given.
        case tail(String)
    }

    var segments: [Segment]

    /// - Throws: `Malformed` with the rule that the text breaks.
    init(_ text: String) throws(Malformed) {
        segments = []
        guard !text.isEmpty else { return }
        guard text.hasPrefix("/") else { throw Malformed(text, "it must begin with “/”") }
        let pieces = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (index, piece) in pieces.enumerated() {
            segments.append(try Self.segment(String(piece), isLast: index == pieces.count - 1, of: text))
        }
    }

    private init(segments: [Segment]) { self.segments = segments }

    /// `prefix` and then this one.
    func prefixed(by prefix: RoutePattern) throws(Malformed) -> RoutePattern {
        let joined = RoutePattern(segments: prefix.segments + segments)
        var seen: Set<String> = []
        for name in joined.names where !seen.insert(name).inserted {
            throw Malformed(joined.text, "it has the parameter “\(name)” twice")
        }
        return joined
    }

    /// The names of parameters and tail, in order.
    var names: [String] {
        segments.compactMap { segment in
            switch segment {
            case .literal: nil
            case .parameter(let name), .tail(let name): name
            }
        }
    }

    var text: String {
        segments.reduce(into: "") { text, segment in
            switch segment {
            case .literal(let literal): text += "/" + literal
            case .parameter(let name): text += "/:" + name
            case .tail(let name): text += name == "*" ? "/*" : "/*" + name
            }
        }
    }

    private static func segment(_ piece: String, isLast: Bool, of text: String) throws(Malformed) -> Segment {
        if piece.hasPrefix(":") {
            let name = String(piece.dropFirst())
            guard isName(name) else { throw Malformed(text, "“\(piece)” is not “:” and a name of letters and digits") }
            return .parameter(name)
        }
        if piece.hasPrefix("*") {
            let name = String(piece.dropFirst())
            guard name.isEmpty || isName(name) else {
                throw Malformed(text, "“\(piece)” is not “*” and a name of letters and digits")
            }
            guard isLast else { throw Malformed(text, "“\(piece)” may only stand at the end") }
            return .tail(name.isEmpty ? "*" : name)
        }
        if piece.isEmpty, !isLast { throw Malformed(text, "it has an empty segment") }
        if piece == "." || piece == ".." { throw Malformed(text, "clients resolve “\(piece)” before they send it") }
        for character in piece where "?#%*".contains(character) {
            throw Malformed(
                text,
                character == "%" ? "literals are written without escapes" : "“\(character)” cannot stand in “\(piece)”")
        }
        return .literal(piece)
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return text.utf8.allSatisfy { ByteClass.isAlphanumeric($0) || $0 == 0x5F }
    }

    /// Why a pattern cannot be read.
    struct Malformed: Error {
        var pattern: String
        var reason: String

        init(_ pattern: String, _ reason: String) {
            self.pattern = pattern
            self.reason = reason
        }
    }
}
