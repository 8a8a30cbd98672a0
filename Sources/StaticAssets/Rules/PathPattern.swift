/// A compiled rule pattern: literal text with `*` and `:name` between.
///
/// Matches what a greedy regular expression would, on bytes and without building one.
struct PathPattern: Sendable {
    enum Wildcard: Sendable, Equatable {
        /// `*`: any run of bytes, also none.
        case splat
        /// `:name` in a path: one or more bytes but `/`.
        case pathName
        /// `:name` in a host: one or more bytes but `/` and `.`.
        case hostName

        @inline(__always)
        func stops(at byte: UInt8) -> Bool {
            switch self {
            case .splat: false
            case .pathName: byte == .slash
            case .hostName: byte == .slash || byte == .dot
            }
        }

        var minimumLength: Int { self == .splat ? 0 : 1 }
    }

    /// What keeps a pattern from ever matching. The second is an accident of Cloudflare's implementation, kept because
    /// a rule must not work here and fail there.
    enum Flaw: Equatable {
        case repeatedName(String)
        case nameBeginsLaterName(String, String)
    }

    /// One more than there are wildcards: the text before, between and after them.
    let literals: [[UInt8]]
    let wildcards: [Wildcard]
    /// The names of the wildcards in order; a star is `splat`.
    let names: [String]
    let flaw: Flaw?

    var isLiteral: Bool { wildcards.isEmpty }

    init(_ text: String) {
        let bytes = Array(text.utf8)
        let hostEnd = Self.hostEnd(in: bytes)
        var literals: [[UInt8]] = []
        var wildcards: [Wildcard] = []
        var names: [String] = []
        var literal: [UInt8] = []
        var position = 0

        func add(_ wildcard: Wildcard, _ name: String) {
            literals.append(literal)
            literal = []
            wildcards.append(wildcard)
            names.append(name)
        }

        while position < bytes.count {
            if bytes[position] == .star {
                add(.splat, "splat")
                position += 1
            } else if let end = Self.nameEnd(in: bytes, at: position) {
                let name = String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
                add(position < hostEnd ? .hostName : .pathName, name)
                position = end
            } else {
                literal.append(bytes[position])
                position += 1
            }
        }
        literals.append(literal)
        self.literals = literals
        self.wildcards = wildcards
        self.names = names
        flaw = Self.flaw(names: names, wildcards: wildcards)
    }

    /// Whether the text has a `*` or a `:name`.
    static func isDynamic(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.indices.contains { bytes[$0] == .star || nameEnd(in: bytes, at: $0) != nil }
    }

    /// A placeholder starts with a letter and goes on with letters, digits and `_`.
    private static func nameEnd(in bytes: [UInt8], at position: Int) -> Int? {
        guard bytes[position] == .colon, position + 1 < bytes.count, bytes[position + 1].isASCIILetter else {
            return nil
        }
        return bytes[(position + 1)...].firstIndex { !$0.isWordByte } ?? bytes.count
    }

    /// Where the host of `https://host/…` ends; 0 for a pattern that is only a path.
    private static func hostEnd(in bytes: [UInt8]) -> Int {
        let scheme = Array("https://".utf8)
        guard bytes.starts(with: scheme) else { return 0 }
        return bytes[scheme.count...].firstIndex(of: .slash) ?? bytes.count
    }

    private static func flaw(names: [String], wildcards: [Wildcard]) -> Flaw? {
        for (position, name) in names.enumerated() {
            for later in (position + 1)..<max(names.count, position + 1) {
                if names[later] == name { return .repeatedName(name) }
                let bothPlaceholders = wildcards[position] != .splat && wildcards[later] != .splat
                if bothPlaceholders, names[later].beginsWith(name) {
                    return .nameBeginsLaterName(name, names[later])
                }
            }
        }
        return nil
    }

    // MARK: Matching

    /// The ranges that the wildcards took, in order; nil when the whole text does not match.
    func match(_ text: UnsafeBufferPointer<UInt8>) -> [Range<Int>]? {
        guard let (start, tail) = bounds(in: text) else { return nil }
        return wildcards.isEmpty ? [] : ranges(in: text, from: start, to: tail)
    }

    /// Whether the whole text matches; for the usual single wildcard without setting anything aside.
    func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let (start, tail) = bounds(in: text) else { return false }
        if wildcards.isEmpty { return true }
        guard wildcards.count == 1 else { return ranges(in: text, from: start, to: tail) != nil }
        guard tail - start >= wildcards[0].minimumLength else { return false }
        if wildcards[0] == .splat { return true }
        for position in start..<tail where wildcards[0].stops(at: text[position]) { return false }
        return true
    }

    /// Where the wildcards have room, if the text begins and ends as the pattern does.
    private func bounds(in text: UnsafeBufferPointer<UInt8>) -> (start: Int, tail: Int)? {
        guard flaw == nil, text.has(literals[0], at: 0) else { return nil }
        let start = literals[0].count
        if wildcards.isEmpty { return start == text.count ? (start, start) : nil }
        let tail = text.count - literals[wildcards.count].count
        guard tail >= start, text.has(literals[wildcards.count], at: tail) else { return nil }
        return (start, tail)
    }

    /// What each wildcard takes of `text[start..<tail]`, earlier ones as much as the later ones allow.
    ///
    /// Worked out from the last wildcard to the first, so that the cost is the length of the text times the number of
    /// wildcards. Trying splits one after the other would let a hostile path cost a power of its length.
    private func ranges(in text: UnsafeBufferPointer<UInt8>, from start: Int, to tail: Int) -> [Range<Int>]? {
        let last = wildcards.count - 1
        var lastStop = tail - 1
        while lastStop >= start, !wildcards[last].stops(at: text[lastStop]) { lastStop -= 1 }

        /// `furthestEnd[number * width + (position - start)]`: the furthest place where wildcard `number`, starting at
        /// `position`, can end so that the rest matches; -1 for none.
        let width = tail - start + 1
        var furthestEnd = [Int32](repeating: -1, count: last * width)
        func matches(_ number: Int, from position: Int) -> Bool {
            let least = position + wildcards[number].minimumLength
            if number == last { return least <= tail && position > lastStop }
            return Int(furthestEnd[number * width + position - start]) >= least
        }
        for number in stride(from: last - 1, through: 0, by: -1) {
            let next = literals[number + 1]
            var furthest = -1
            for position in stride(from: tail, through: start, by: -1) {
                if position < tail, wildcards[number].stops(at: text[position]) { furthest = -1 }
                if furthest < 0, position + next.count <= tail, text.has(next, at: position),
                    matches(number + 1, from: position + next.count)
                {
                    furthest = position
                }
                furthestEnd[number * width + position - start] = Int32(truncatingIfNeeded: furthest)
            }
        }

        guard matches(0, from: start) else { return nil }
        var ranges: [Range<Int>] = []
        ranges.reserveCapacity(wildcards.count)
        var position = start
        for number in 0..<last {
            let end = Int(furthestEnd[number * width + position - start])
            ranges.append(position..<end)
            position = end + literals[number + 1].count
        }
        ranges.append(position..<tail)
        return ranges
    }

    // MARK: Values

    /// Whether `text` would change under `filled`.
    func isUsed(in text: String) -> Bool { names.contains { text.contains(":" + $0) } }

    /// `text` with every `:name` replaced by what its wildcard took, one name after the other in the order of the
    /// pattern. Values go in as matched, still percent-encoded.
    func filled(_ text: String, from source: UnsafeBufferPointer<UInt8>, _ ranges: [Range<Int>]) -> String {
        var bytes = Array(text.utf8)
        for (name, range) in zip(names, ranges) {
            Self.replace([.colon] + Array(name.utf8), in: &bytes, by: source[range])
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func replace(_ needle: [UInt8], in bytes: inout [UInt8], by value: Slice<UnsafeBufferPointer<UInt8>>)
    {
        var output: [UInt8] = []
        var position = 0
        while position < bytes.count {
            if bytes[position...].starts(with: needle) {
                output.append(contentsOf: value)
                position += needle.count
            } else {
                output.append(bytes[position])
                position += 1
            }
        }
        bytes = output
    }
}
