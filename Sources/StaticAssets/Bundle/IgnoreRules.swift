/// Patterns in the syntax of `.gitignore`, for paths below one folder.
///
/// Later lines win, `!` brings back, `/` at the end means folders only; a pattern with a `/` elsewhere is tied to the
/// root, any other matches at every depth. `*`, `?` and `[…]` stay within a name; `**` spans folders.
public struct IgnoreRules: Sendable {
    private enum Segment: Sendable {
        /// `**`: any number of folders.
        case anyFolders
        case name([Atom])
    }

    private enum Atom: Sendable {
        case byte(UInt8)
        case anyByte
        case anyRun
        case oneOf([ClosedRange<UInt8>], negated: Bool)
    }

    private struct Rule: Sendable {
        let bringsBack: Bool
        let foldersOnly: Bool
        let segments: [Segment]
    }

    private var rules: [Rule] = []

    public init(_ text: String = "") {
        for line in text.utf8.split(separator: .newline) {
            if let rule = Self.rule(Array(line)) { rules.append(rule) }
        }
    }

    /// Whether the last rule that matches this very path excludes it. Whoever walks folders does not enter one that is
    /// ignored, and so never asks about what is below.
    public func ignores(_ path: String, isFolder: Bool) -> Bool {
        guard !rules.isEmpty else { return false }
        let names = path.utf8.split(separator: .slash).map(Array.init)
        let last = rules.last { rule in
            (isFolder || !rule.foldersOnly) && Self.matches(rule.segments, names)
        }
        return last.map { !$0.bringsBack } ?? false
    }

    // MARK: Reading

    private static func rule(_ line: [UInt8]) -> Rule? {
        var line = line[...]
        if line.last == 0x0D { line = line.dropLast() }
        // Spaces at the end do not count unless escaped.
        while line.last == 0x20, line.dropLast().last != .backslash { line = line.dropLast() }
        guard let first = line.first, first != .hash else { return nil }
        let bringsBack = first == 0x21
        if bringsBack { line = line.dropFirst() }
        let foldersOnly = line.last == .slash
        if foldersOnly { line = line.dropLast() }
        guard !line.isEmpty else { return nil }

        let isRooted = line.contains(.slash)
        if line.first == .slash { line = line.dropFirst() }
        var segments = line.split(separator: .slash, omittingEmptySubsequences: false).map(segment)
        if !isRooted { segments.insert(.anyFolders, at: 0) }
        // `folder/**` is what is inside the folder, not the folder.
        if case .anyFolders? = segments.last { segments.append(.name([.anyRun])) }
        return Rule(bringsBack: bringsBack, foldersOnly: foldersOnly, segments: segments)
    }

    private static func segment(_ text: ArraySlice<UInt8>) -> Segment {
        if text.elementsEqual([.star, .star]) { return .anyFolders }
        var atoms: [Atom] = []
        var position = text.startIndex
        while position < text.endIndex {
            let byte = text[position]
            position += 1
            switch byte {
            case .star:
                if case .anyRun? = atoms.last { break }
                atoms.append(.anyRun)
            case .question:
                atoms.append(.anyByte)
            case .backslash where position < text.endIndex:
                atoms.append(.byte(text[position]))
                position += 1
            case 0x5B:
                if let (atom, end) = bracket(text, from: position) {
                    atoms.append(atom)
                    position = end
                } else {
                    atoms.append(.byte(byte))
                }
            default:
                atoms.append(.byte(byte))
            }
        }
        return .name(atoms)
    }

    /// What follows a `[`, and the place behind its `]`; nil when it is never closed.
    private static func bracket(_ text: ArraySlice<UInt8>, from start: Int) -> (Atom, end: Int)? {
        var position = start
        var negated = false
        if position < text.endIndex, text[position] == 0x21 || text[position] == 0x5E {
            negated = true
            position += 1
        }
        var ranges: [ClosedRange<UInt8>] = []
        let first = position
        while position < text.endIndex {
            // A `]` in first place is itself a member.
            if text[position] == 0x5D, position > first { return (.oneOf(ranges, negated: negated), position + 1) }
            var low = text[position]
            if low == .backslash, position + 1 < text.endIndex {
                position += 1
                low = text[position]
            }
            var high = low
            if position + 2 < text.endIndex, text[position + 1] == 0x2D, text[position + 2] != 0x5D {
                high = text[position + 2]
                position += 2
            }
            if low <= high { ranges.append(low...high) }
            position += 1
        }
        return nil
    }

    // MARK: Matching

    private static func matches(_ segments: [Segment], _ names: [[UInt8]]) -> Bool {
        fits(
            places: segments.count, isRun: { if case .anyFolders = segments[$0] { true } else { false } },
            items: names.count,
            takes: { place, name in
                guard case .name(let atoms) = segments[place] else { return false }
                return matches(atoms, names[name])
            })
    }

    private static func matches(_ atoms: [Atom], _ name: [UInt8]) -> Bool {
        fits(
            places: atoms.count, isRun: { if case .anyRun = atoms[$0] { true } else { false } }, items: name.count,
            takes: { place, byte in
                switch atoms[place] {
                case .anyRun: false
                case .anyByte: true
                case .byte(let only): name[byte] == only
                case .oneOf(let ranges, let negated): ranges.contains { $0.contains(name[byte]) } != negated
                }
            })
    }

    /// Whether a row of items fits a pattern, some places of which take any run of items and the others one each.
    ///
    /// Only the last run is ever made longer: what an earlier one would take instead, the last one can take as well. So
    /// the cost is at most the product of both lengths, where trying everything would be a power.
    private static func fits(
        places: Int, isRun: (Int) -> Bool, items: Int, takes: (_ place: Int, _ item: Int) -> Bool
    ) -> Bool {
        var place = 0
        var item = 0
        var lastRun: (place: Int, item: Int)?
        while item < items {
            if place < places, isRun(place) {
                place += 1
                lastRun = (place, item)
            } else if place < places, takes(place, item) {
                place += 1
                item += 1
            } else if let run = lastRun {
                place = run.place
                item = run.item + 1
                lastRun = (place, item)
            } else {
                return false
            }
        }
        while place < places, isRun(place) { place += 1 }
        return place == places
    }
}
