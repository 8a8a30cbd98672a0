extension [Diagnostic] {
    /// By file, line and column, each mistake once.
    func inReadingOrder() -> [Diagnostic] {
        var seen: Set<Diagnostic> = []
        return filter { seen.insert($0).inserted }.withoutEchoes().sorted { a, b in
            if a.file != b.file { return Files.bytewise(a.file, b.file) }
            return (a.line ?? 0, a.column ?? 0) < (b.line ?? 0, b.column ?? 0)
        }
    }

    /// Scripts are read by the bundler and by the type checker, and one slip makes both complain, often more than once.
    /// The type checker knows more and is heard:
    ///
    /// - on a line that it complains about, the bundler is left out;
    /// - in a file that it cannot parse, all else is left out, and of several complaints about a line the first stays;
    /// - while it cannot read its settings, whatever else it says follows from that.
    private func withoutEchoes() -> [Diagnostic] {
        func isSettings(_ diagnostic: Diagnostic) -> Bool {
            diagnostic.file.split(separator: "/").last == "tsconfig.json" && diagnostic.severity == .error
        }
        let checked = filter { $0.typeScriptCode != nil }
        if checked.contains(where: isSettings) {
            return filter { $0.typeScriptCode == nil || isSettings($0) }
        }
        let lines = Set(checked.map(Line.init))
        let unparsed = Set(checked.filter(\.isSyntaxError).map(\.file))
        var told: Set<Line> = []
        return filter { diagnostic in
            let line = Line(diagnostic)
            if diagnostic.isSyntaxError { return told.insert(line).inserted }
            if unparsed.contains(diagnostic.file) { return false }
            return diagnostic.typeScriptCode != nil || !lines.contains(line)
        }
    }
}

private struct Line: Hashable {
    var file: String
    var line: Int?

    init(_ diagnostic: Diagnostic) {
        file = diagnostic.file
        line = diagnostic.line
    }
}

extension Diagnostic {
    /// `2322` of a message with `(TS2322)`, which is how the type check writes its own.
    fileprivate var typeScriptCode: Int? {
        message.firstMatch(of: /\(TS(?<code>\d+)\)(?:\n|$)/).flatMap { Int($0.code) }
    }

    /// TypeScript numbers what its parser finds from 1002, and what it finds wrong with JSX tags from 17002.
    fileprivate var isSyntaxError: Bool {
        guard let typeScriptCode else { return false }
        return (1002...1189).contains(typeScriptCode)
            || [17002, 17008, 17014, 17015].contains(typeScriptCode)
    }
}
