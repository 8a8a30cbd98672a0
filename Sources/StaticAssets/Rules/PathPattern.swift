/// A compiled rule pattern: literal text with `*` and `:name` between.
///
/// Matching is what a greedy, backtracking regular expression would do, on bytes and without building one.
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
        guard flaw == nil else { return nil }
        guard let start = literals.first, let end = literals.last, Self.has(start, at: 0, in: text) else { return nil }
        if wildcards.isEmpty { return start.count == text.count ? [] : nil }
        let tail = text.count - end.count
        guard tail >= start.count, Self.has(end, at: tail, in: text) else { return nil }

        // Three or more wildcards in one segment could try cubically many splits of a long path. Remembering which
        // (wildcard, position) pairs failed keeps a hostile path from costing more than its square.
        var failed = wildcards.count > 2 ? FailureMap(width: text.count + 1, height: wildcards.count) : nil
        var ranges: [Range<Int>] = []
        ranges.reserveCapacity(wildcards.count)
        return solve(0, from: start.count, tail: tail, text, &failed, &ranges) ? ranges : nil
    }

    private func solve(
        _ number: Int, from start: Int, tail: Int, _ text: UnsafeBufferPointer<UInt8>, _ failed: inout FailureMap?,
        _ ranges: inout [Range<Int>]
    ) -> Bool {
        let wildcard = wildcards[number]
        let least = start + wildcard.minimumLength
        guard least <= tail else { return false }
        if failed?.contains(number, start) == true { return false }

        var end = start
        if wildcard == .splat {
            end = tail
        } else {
            while end < tail, !wildcard.stops(at: text[end]) { end += 1 }
        }
        if number == wildcards.count - 1 {
            guard end == tail else { return false }
            ranges.append(start..<tail)
            return true
        }
        let next = literals[number + 1]
        while end >= least {
            if Self.has(next, at: end, in: text) {
                ranges.append(start..<end)
                if solve(number + 1, from: end + next.count, tail: tail, text, &failed, &ranges) { return true }
                ranges.removeLast()
            }
            end -= 1
        }
        failed?.insert(number, start)
        return false
    }

    @inline(__always)
    private static func has(_ literal: [UInt8], at position: Int, in text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard position + literal.count <= text.count else { return false }
        for offset in 0..<literal.count where text[position + offset] != literal[offset] { return false }
        return true
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

/// Which (wildcard, position) pairs are known not to lead to a match.
private struct FailureMap {
    private let width: Int
    private var words: [UInt64]

    init(width: Int, height: Int) {
        self.width = width
        words = Array(repeating: 0, count: (width * height + 63) / 64)
    }

    func contains(_ row: Int, _ column: Int) -> Bool {
        let bit = row * width + column
        return words[bit >> 6] >> UInt64(bit & 63) & 1 == 1
    }

    mutating func insert(_ row: Int, _ column: Int) {
        let bit = row * width + column
        words[bit >> 6] |= 1 << UInt64(bit & 63)
    }
}
