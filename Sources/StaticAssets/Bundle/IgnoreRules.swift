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
            (isFolder || !rule.foldersOnly) && Self.matches(rule.segments[...], names[...])
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

    private static func matches(_ segments: ArraySlice<Segment>, _ names: ArraySlice<[UInt8]>) -> Bool {
        guard let segment = segments.first else { return names.isEmpty }
        let rest = segments.dropFirst()
        switch segment {
        case .anyFolders:
            return (0...names.count).contains { matches(rest, names.dropFirst($0)) }
        case .name(let atoms):
            guard let name = names.first, matches(atoms[...], name[...]) else { return false }
            return matches(rest, names.dropFirst())
        }
    }

    private static func matches(_ atoms: ArraySlice<Atom>, _ name: ArraySlice<UInt8>) -> Bool {
        guard let atom = atoms.first else { return name.isEmpty }
        let rest = atoms.dropFirst()
        switch atom {
        case .anyRun:
            return (0...name.count).contains { matches(rest, name.dropFirst($0)) }
        case .anyByte:
            return !name.isEmpty && matches(rest, name.dropFirst())
        case .byte(let byte):
            return name.first == byte && matches(rest, name.dropFirst())
        case .oneOf(let ranges, let negated):
            guard let byte = name.first else { return false }
            return ranges.contains { $0.contains(byte) } != negated && matches(rest, name.dropFirst())
        }
    }
}
