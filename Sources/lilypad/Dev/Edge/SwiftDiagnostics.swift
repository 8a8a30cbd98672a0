import SiteBuilder

/// The compiler's errors in what `swift build` prints.
enum SwiftDiagnostics {
    /// - Parameter root: the project folder, absolute; places are made relative to it.
    /// - Returns: each error once, in the order of the output.
    static func errors(in output: String, root: String) -> [Diagnostic] {
        var found: [Diagnostic] = []
        var seen: Set<String> = []
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false).map(withoutColours)
        for (index, line) in lines.enumerated() {
            guard var diagnostic = located(line, root: root) ?? general(line) else { continue }
            guard seen.insert("\(diagnostic.place): \(diagnostic.message)").inserted else { continue }
            if let number = diagnostic.line {
                diagnostic.sourceLine = excerpt(number, in: lines[(index + 1)...].prefix(12))
            }
            found.append(diagnostic)
        }
        // `error: fatalError` and its like only say that something above went wrong.
        let placed = found.filter { $0.line != nil }
        return placed.isEmpty ? found : placed
    }

    /// `/project/edge/Status.swift:12:5: error: cannot find 'x' in scope`
    private static func located(_ line: Substring, root: String) -> Diagnostic? {
        guard let marker = line.firstRange(of: ": error: ") else { return nil }
        let parts = line[..<marker.lowerBound].split(separator: ":")
        guard parts.count >= 3, let column = Int(parts[parts.count - 1]), let number = Int(parts[parts.count - 2])
        else {
            return nil
        }
        let file = parts.dropLast(2).joined(separator: ":")
        let isOurs = file.hasPrefix(root + "/")
        return Diagnostic(
            file: isOurs ? String(file.dropFirst(root.count + 1)) : file, line: number, column: column,
            message: sentence(line[marker.upperBound...]))
    }

    /// `error: …` of the package manager, the linker, the manifest.
    private static func general(_ line: Substring) -> Diagnostic? {
        guard line.hasPrefix("error: ") else { return nil }
        return Diagnostic(file: "Package.swift", message: sentence(line.dropFirst("error: ".count)))
    }

    /// The compiler shows the lines around the place as `12 |     text`.
    private static func excerpt(_ number: Int, in lines: ArraySlice<Substring>) -> String? {
        for line in lines {
            guard let bar = line.firstIndex(of: "|") else { continue }
            let gutter = line[..<bar].filter { $0 != " " }
            if gutter == String(number) { return String(line[bar...].dropFirst(2)) }
        }
        return nil
    }

    private static func sentence(_ text: Substring) -> String {
        let first = text.prefix(1).uppercased() + text.dropFirst()
        return first.last.map { ".!?".contains($0) } == true ? first : first + "."
    }

    private static func withoutColours(_ line: Substring) -> Substring {
        guard line.contains("\u{1B}") else { return line }
        return Substring(line.replacing(/\u{1B}\[[0-9;]*m/, with: ""))
    }
}
