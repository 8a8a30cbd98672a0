import Foundation

/// The TypeScript compiler's opinion of the site, which bundling does not ask for. Runs `bun check` on the site's
/// `tsconfig.json`; independent of everything else, so it runs beside the bundling.
public struct TypeCheck: Sendable {
    var bun: String
    var site: String

    public init(bun: String, site: String) {
        self.bun = bun
        self.site = site
    }

    /// All type errors, in the compiler's order. Empty means the types are right.
    ///
    /// - Throws: `BuildFailure` when the compiler cannot be run or fails without naming an error.
    public func run() async throws -> [Diagnostic] {
        guard FileManager.default.isReadableFile(atPath: site + "/tsconfig.json") else {
            throw BuildFailure([
                Diagnostic(file: "tsconfig.json", message: "The site has no tsconfig.json to check its types by.")
            ])
        }
        let run: ToolRun
        do {
            run = try await ToolRun.of(bun, ["--no-install", "check", "--no-pretty", "--all"], directory: site)
        } catch let failure as ChildProcess.SpawnFailure {
            throw BuildFailure([Diagnostic(file: "tsconfig.json", message: "\(failure)", hint: "Run `lilypad setup`.")])
        }
        // Errors are on standard output; the summary on standard error also lists the files, in another form.
        let found = Self.diagnostics(in: run.text, site: site)
        if run.status != .exited(0) && found.isEmpty {
            let said = (run.text + run.errors).trimmingCharacters(in: .whitespacesAndNewlines)
            throw BuildFailure([
                Diagnostic(file: "tsconfig.json", message: "The type check failed (\(run.status)). \(said)")
            ])
        }
        return found
    }

    /// Reads `app/main.tsx(3,5): error TS2322: …` lines; indented lines continue the one before.
    static func diagnostics(in text: String, site: String) -> [Diagnostic] {
        let located =
            /^(?<file>[^()]+)\((?<line>\d+),(?<column>\d+)\): (?<severity>error|warning) (?<code>TS\d+): (?<message>.*)$/
        let general = /^(?<severity>error|warning) (?<code>TS\d+): (?<message>.*)$/
        var found: [Diagnostic] = []
        for line in text.split(separator: "\n") {
            if let match = line.wholeMatch(of: located) {
                let file = String(match.file)
                let hint = match.message.firstMatch(of: /^Cannot find module .*?'(?<name>[^']+)'/).flatMap {
                    ImportHint.hint(for: String($0.name), in: file, site: site)
                }
                found.append(
                    Diagnostic(
                        match.severity == "error" ? .error : .warning, file: file, line: Int(match.line),
                        column: Int(match.column), message: "\(match.message) (\(match.code))",
                        hint: hint,
                        sourceLine: Int(match.line).flatMap { SourceLines.line($0, of: site + "/" + file) }))
            } else if let match = line.wholeMatch(of: general) {
                found.append(Diagnostic(file: "tsconfig.json", message: "\(match.message) (\(match.code))"))
            } else if line.hasPrefix("  "), !found.isEmpty {
                found[found.count - 1].message += "\n  " + line.trimmingCharacters(in: .whitespaces)
            }
        }
        return found
    }
}
