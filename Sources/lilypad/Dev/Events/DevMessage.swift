import FoundationEssentials
import SiteBuilder

/// What the dev server says to open pages. Its other half is `browser/messages.ts`.
enum DevMessage: Sendable, Equatable {
    struct Module: Sendable, Equatable, Encodable {
        /// Relative to the site folder.
        var path: String
        /// Where its newest code is.
        var url: String
    }

    struct StyleSwap: Sendable, Equatable, Encodable {
        var from: String
        var to: String
    }

    enum EdgeState: String, Sendable, Encodable { case building, swapping, ready, failed }

    /// Load these modules again and let React take them over.
    case update([Module])
    case styles([StyleSwap])
    /// Load the page again: these pages (`/docs/*` is everything below), or all of them.
    case reload(pages: [String]?)
    case problems([Diagnostic])
    case ok
    case edge(EdgeState, String)
}

extension DevMessage: Encodable {
    private enum Keys: String, CodingKey { case type, modules, styles, pages, problems, state, text }

    func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Keys.self)
        switch self {
        case .update(let modules):
            try object.encode("update", forKey: .type)
            try object.encode(modules, forKey: .modules)
        case .styles(let styles):
            try object.encode("css", forKey: .type)
            try object.encode(styles, forKey: .styles)
        case .reload(let pages):
            try object.encode("reload", forKey: .type)
            try object.encodeIfPresent(pages, forKey: .pages)
        case .problems(let diagnostics):
            try object.encode("error", forKey: .type)
            try object.encode(diagnostics.map(Problem.init), forKey: .problems)
        case .ok:
            try object.encode("ok", forKey: .type)
        case .edge(let state, let text):
            try object.encode("edge", forKey: .type)
            try object.encode(state, forKey: .state)
            try object.encode(text, forKey: .text)
        }
    }

    /// One line of JSON.
    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: (try? encoder.encode(self)) ?? Data(), as: UTF8.self)
    }

    private struct Problem: Encodable {
        var severity: String
        var place: String
        var message: String
        var line: Int?
        var column: Int?
        var sourceLine: String?
        var hint: String?

        init(_ diagnostic: Diagnostic) {
            severity = diagnostic.severity.rawValue
            place = diagnostic.place
            message = diagnostic.message
            line = diagnostic.line
            column = diagnostic.column
            sourceLine = diagnostic.sourceLine
            hint = diagnostic.hint
        }
    }
}
