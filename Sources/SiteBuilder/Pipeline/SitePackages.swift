import Foundation

/// What the scripts of a site import by name: `package.json` and `node_modules`. Without them every tool fails in its own
/// words at a place where nothing is wrong, so they are looked at first.
struct SitePackages: Sendable {
    /// The absolute path of the site folder.
    var site: String
    /// Whether the site has an application; a documentation alone imports nothing by name.
    var areNeeded: Bool

    /// - Throws: `BuildFailure` with one problem, relative to the site folder.
    func require() throws(BuildFailure) {
        if areNeeded && !hasPackages {
            throw BuildFailure([
                Diagnostic(
                    file: "node_modules", message: "The packages of the site are not installed.",
                    hint: "Run `lilypad setup`, or `npm install` in the site folder.")
            ])
        }
        let bytes: [UInt8]?
        do { bytes = try Files.readIfPresent(site + "/package.json") } catch {
            throw BuildFailure([error.diagnostic()])
        }
        guard let bytes else { return }
        do {
            _ = try JSONSerialization.jsonObject(with: Data(bytes))
        } catch {
            throw BuildFailure([Self.problem(error as NSError, in: bytes)])
        }
    }

    /// Packages are searched upward from the folder that imports them, as every bundler does: a site inside another one
    /// has the other's.
    private var hasPackages: Bool {
        var folder = site
        while true {
            if Files.kind(folder + "/node_modules", followingLinks: true) == .folder { return true }
            guard let slash = folder.utf8.lastIndex(of: 0x2F), slash > folder.startIndex else { return false }
            folder = String(folder[..<slash])
        }
    }

    /// Foundation says the place in words, or as a number of bytes, or not at all where the text ends too early.
    private static func problem(_ error: NSError, in text: [UInt8]) -> Diagnostic {
        let said = error.userInfo[NSDebugDescriptionErrorKey] as? String ?? error.localizedDescription
        let place = said.firstMatch(
            of:
                /^(?<what>.*?),? around (?:line (?<line>\d+), column (?<column>\d+)|character (?<offset>\d+))/
        )
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var problem = Diagnostic(
            file: "package.json", message: "This is not JSON: \(place?.what ?? Substring(said))")
        if !problem.message.hasSuffix(".") { problem.message += "." }
        if let line = place?.line.flatMap({ Int($0) }), let column = place?.column.flatMap({ Int($0) }) {
            problem.line = max(1, line)
            problem.column = max(1, column)
        } else {
            let offset = place?.offset.flatMap { Int($0) } ?? (text.lastIndex { $0 != UInt8(ascii: "\n") } ?? -1) + 1
            let before = text.prefix(offset).split(
                separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            problem.line = max(1, before.count)
            problem.column = String(decoding: before.last ?? [], as: UTF8.self).count + 1
        }
        if let line = problem.line, lines.indices.contains(line - 1) {
            problem.sourceLine = String(decoding: lines[line - 1], as: UTF8.self)
        }
        return problem
    }
}
