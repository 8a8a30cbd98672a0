import Foundation

/// Stylesheets through Tailwind's own command line. Its bytes are published as they come: other minifiers make them
/// larger. Only `url(…)`s that name files of the site change, since the stylesheet moves to another folder.
struct StyleCompiler: Sendable {
    var tailwind: String
    /// The site folder.
    var site: String

    struct Compiled: Sendable {
        var css: String
        var assets: [OutputFile]
    }

    /// - Parameter input: site-relative.
    func compile(_ input: String, minify: Bool, assetBase: StyleURLs.Base = .published) async throws -> Compiled {
        let source = site + "/" + input
        guard FileManager.default.isReadableFile(atPath: source) else {
            throw BuildFailure([Diagnostic(file: input, message: "The stylesheet is missing.")])
        }
        // Tailwind looks for class names below its working directory, unless the stylesheet says otherwise.
        let folder = (source as NSString).deletingLastPathComponent
        var arguments = ["--input", source, "--output", "-"]
        if minify { arguments.append("--minify") }
        var run: ToolRun
        do {
            run = try await ToolRun.of(tailwind, arguments, directory: folder)
            // On a busy machine the program now and then fails in its own start-up; the next run succeeds.
            for _ in 0..<2 where Self.isCrash(run) {
                run = try await ToolRun.of(tailwind, arguments, directory: folder)
            }
        } catch let failure as ChildProcess.SpawnFailure {
            throw BuildFailure([Diagnostic(file: input, message: "\(failure)", hint: "Run `lilypad setup`.")])
        }
        guard run.status == .exited(0), !run.output.isEmpty else {
            throw BuildFailure([Self.diagnostic(from: run.errors, input: input, site: site)])
        }
        return try StyleURLs(site: site, input: input, base: assetBase).rewritten(run.text)
    }

    /// Whether the program fell over by itself: it then shows lines and places of its own code, or a JavaScript error that
    /// no stylesheet can cause.
    static func isCrash(_ run: ToolRun) -> Bool {
        guard run.status != .exited(0) else { return false }
        let lines: [Substring] = run.errors.split(separator: "\n")
        return lines.contains { line in
            let text = withoutColours(line)
            if text.contains("$bunfs") || text.hasPrefix("TypeError: ") || text.hasPrefix("RangeError: ") {
                return true
            }
            return text.prefixMatch(of: #/\s*\d{3,} \|/#) != nil
        }
    }

    /// Tailwind frames its message: `│ CssSyntaxError: FILE:LINE:COLUMN: what is wrong`.
    static func diagnostic(from errors: String, input: String, site: String) -> Diagnostic {
        let lines = errors.split(separator: "\n").map { line in
            withoutColours(line).trimmingCharacters(in: CharacterSet(charactersIn: " │┌└≈"))
        }
        let said = lines.filter { !$0.isEmpty && $0 != "Error:" && !$0.hasPrefix("tailwindcss v") }
        var text = said.first ?? "Tailwind stopped without saying why."
        for prefix in ["CssSyntaxError: ", "Error: "] where text.hasPrefix(prefix) { text.removeFirst(prefix.count) }
        // Its apostrophe would pass for a quotation mark.
        text = text.replacing("Can't resolve", with: "Cannot resolve")
        let place = /^(?<file>\/[^:]+):(?<line>\d+):(?<column>\d+): (?<message>.*)$/
        guard let match = text.wholeMatch(of: place) else { return placed(text, input: input, site: site) }
        let file = String(match.file)
        let line = Int(match.line)
        return Diagnostic(
            file: file.hasPrefix(site + "/") ? String(file.dropFirst(site.count + 1)) : file, line: line,
            column: Int(match.column), message: sentence(String(match.message)),
            sourceLine: line.flatMap { SourceLines.line($0, of: file) })
    }

    /// Errors about a class or an import come without a place, but quote what they stumbled over.
    private static func placed(_ text: String, input: String, site: String) -> Diagnostic {
        var diagnostic = Diagnostic(file: input, message: sentence(text))
        guard let quoted = text.firstMatch(of: /[`'"](?<name>[^`'"]+)[`'"]/) else { return diagnostic }
        if let found = SourceLines.find(String(quoted.name), in: site + "/" + input) {
            diagnostic.line = found.line
            diagnostic.column = found.column
            diagnostic.sourceLine = found.text
        }
        return diagnostic
    }

    private static func sentence(_ text: String) -> String { text.hasSuffix(".") ? text : text + "." }

    private static func withoutColours(_ text: Substring) -> String {
        String(text.replacing(/\u{1B}\[[0-9;]*m/, with: ""))
    }

    /// The folders whose files decide what Tailwind writes: the stylesheet's own and those its `@source`s name.
    func sourceFolders(of input: String) -> [String] {
        let folder = (input as NSString).deletingLastPathComponent
        var folders = [folder]
        let text = (try? String(contentsOfFile: site + "/" + input, encoding: .utf8)) ?? ""
        for match in text.matches(of: /@source\s+(?:not\s+)?["'](?<glob>[^"']+)["']/) {
            let literal = match.glob.split(separator: "/", omittingEmptySubsequences: false).prefix { part in
                !part.contains { "*{[?".contains($0) }
            }
            let path = NSString.path(withComponents: ["/", folder] + literal.map(String.init))
            let standard = URL(filePath: path).standardizedFileURL.path
            folders.append(String(standard.dropFirst()))
        }
        return folders
    }
}

/// Lines of source files, for showing where something is wrong.
enum SourceLines {
    static func line(_ number: Int, of path: String) -> String? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.indices.contains(number - 1) else { return nil }
        return lines[number - 1].trimmingSuffix("\r")
    }

    /// The first place where a text occurs, counting from 1.
    static func find(_ needle: String, in path: String) -> (line: Int, column: Int, text: String)? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard let range = line.firstRange(of: needle) else { continue }
            let column = line.distance(from: line.startIndex, to: range.lowerBound) + 1
            return (index + 1, column, line.trimmingSuffix("\r"))
        }
        return nil
    }
}

extension Substring {
    fileprivate func trimmingSuffix(_ suffix: Character) -> String {
        last == suffix ? String(dropLast()) : String(self)
    }
}
