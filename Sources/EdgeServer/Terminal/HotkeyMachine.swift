/// What the keys of a running server mean, as a value: each key gives what is to be done.
package struct HotkeyMachine: Sendable {
    package enum Command: Sendable, Hashable {
        case open, dashboard, clear, restart, help, quit
        /// The list of triggers is wanted; then one of them by its number, from 0.
        case listCrons
        case runCron(Int)
        /// Requests are to be narrowed; lines wait while the filter is typed.
        case beginFilter
        case echo(String)
        case setFilter(String)
        case cancel
    }

    private enum State: Sendable {
        case idle
        case filter(String)
        case crons(Int)
    }

    private var state = State.idle
    /// Triggers that can be run.
    private let crons: Int

    private static let longestFilter = 200

    /// - Parameter crons: how many triggers there are.
    package init(crons: Int) { self.crons = crons }

    package mutating func press(_ key: Key) -> [Command] {
        switch state {
        case .idle: return idle(key)
        case .filter(let text): return filter(text, key)
        case .crons(let count):
            state = .idle
            guard case .character(let character) = key, let number = character.wholeNumberValue,
                (1...count).contains(number)
            else { return [.cancel] }
            return [.runCron(number - 1)]
        }
    }

    private mutating func idle(_ key: Key) -> [Command] {
        guard case .character(let character) = key else { return [] }
        switch character.lowercased() {
        case "o": return [.open]
        case "d": return [.dashboard]
        case "c": return [.clear]
        case "r": return [.restart]
        case "h", "?": return [.help]
        case "q": return [.quit]
        case "t":
            // Nine have a key; the dashboard has them all.
            if crons > 0 { state = .crons(min(crons, 9)) }
            return [.listCrons]
        case "f":
            state = .filter("")
            return [.beginFilter]
        default: return []
        }
    }

    private mutating func filter(_ text: String, _ key: Key) -> [Command] {
        switch key {
        case .character(let character):
            guard text.utf8.count < HotkeyMachine.longestFilter else { return [] }
            state = .filter(text + String(character))
            return [.echo(String(character))]
        case .backspace:
            guard !text.isEmpty else { return [] }
            state = .filter(String(text.dropLast()))
            return [.echo("\u{8} \u{8}")]
        case .enter:
            state = .idle
            return [.setFilter(text)]
        case .escape:
            state = .idle
            return [.cancel]
        case .other: return []
        }
    }
}
