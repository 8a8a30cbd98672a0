import Foundation

/// A list of replacements that must all fit, read from a file in the form that `react-types.edits` explains.
///
/// A patch by line numbers would break with every comment that moves; these blocks break when the text they change does.
struct TextEdits: Equatable {
    struct Edit: Equatable {
        /// The text to replace. With `end`, everything from here to the end of the next `end`.
        var start: String
        var end: String?
        var replacement: String
        /// Replace every occurrence; otherwise there must be exactly one.
        var everywhere = false
    }

    var edits: [Edit]

    /// An edit that does not fit the text, by its first line.
    struct Misfit: Error, Equatable {
        var edit: String
        var occurrences: Int
    }

    /// - Throws: `Malformed` with the number of the line (from 1) at which the form is broken.
    init(parsing text: String) throws {
        edits = []
        var state = State.outside
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            switch (state, line) {
            case (.outside, "<<<"): state = .finding(lines: [], everywhere: false)
            case (.outside, "<<< all"): state = .finding(lines: [], everywhere: true)
            case (.outside, _) where line.isEmpty || line.hasPrefix("#"): break
            case (.finding(let lines, let everywhere), "==="):
                state = .replacing(find: lines, everywhere: everywhere, lines: [])
            case (.finding(let lines, let everywhere), _):
                state = .finding(lines: lines + [line], everywhere: everywhere)
            case (.replacing(let find, let everywhere, let lines), ">>>"):
                edits.append(Self.edit(find: find, replacement: lines, everywhere: everywhere))
                state = .outside
            case (.replacing(let find, let everywhere, let lines), _):
                state = .replacing(find: find, everywhere: everywhere, lines: lines + [line])
            default: throw Malformed(line: index + 1)
            }
        }
        guard case .outside = state else { throw Malformed(line: text.split(separator: "\n").count) }
    }

    struct Malformed: Error, Equatable { var line: Int }

    private enum State {
        case outside
        case finding(lines: [Substring], everywhere: Bool)
        case replacing(find: [Substring], everywhere: Bool, lines: [Substring])
    }

    private static func edit(find: [Substring], replacement: [Substring], everywhere: Bool) -> Edit {
        let text = replacement.joined(separator: "\n")
        guard let gap = find.firstIndex(of: "...") else {
            return Edit(start: find.joined(separator: "\n"), replacement: text, everywhere: everywhere)
        }
        return Edit(
            start: find[..<gap].joined(separator: "\n"), end: find[(gap + 1)...].joined(separator: "\n"),
            replacement: text,
            everywhere: everywhere)
    }

    /// - Throws: `Misfit` for the first edit that finds too little or too much.
    func apply(to text: [UInt8]) throws -> [UInt8] {
        var text = text
        for edit in edits {
            let start = Array(edit.start.utf8)
            let places = text.indices(of: start)
            guard edit.everywhere ? !places.isEmpty : places.count == 1 else {
                throw Misfit(edit: firstLine(edit.start), occurrences: places.count)
            }
            if let end = edit.end.map({ Array($0.utf8) }) {
                guard let stop = text.firstIndex(of: end, from: places[0] + start.count) else {
                    throw Misfit(edit: firstLine(edit.start), occurrences: 0)
                }
                text.replaceSubrange(places[0]..<(stop + end.count), with: Array(edit.replacement.utf8))
            } else {
                text = text.replacing(start, with: Array(edit.replacement.utf8))
            }
        }
        return text
    }

    private func firstLine(_ text: String) -> String {
        text.split(separator: "\n").first.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
    }
}
