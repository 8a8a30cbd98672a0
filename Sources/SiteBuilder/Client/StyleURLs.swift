import Foundation

/// The `url(…)`s of a compiled stylesheet that name files of the site.
struct StyleURLs: Sendable {
    enum Base: Sendable, Equatable {
        /// `/assets/NAME-HASH.EXT`, with the file among the output.
        case published
        /// A prefix before the site-relative path, for a server that has the site's folder.
        case served(String)
    }

    var site: String
    /// The stylesheet the text was compiled from, site-relative.
    var input: String
    var base: Base

    /// Rewrites every relative `url(…)`; others (absolute, `data:`, `#fragment`) stay.
    func rewritten(_ css: String) throws -> StyleCompiler.Compiled {
        var assets: [String: OutputFile] = [:]
        var problems: [Diagnostic] = []
        var text = ""
        var rest = css[...]
        // Quoted or not; a closing parenthesis inside an unquoted one must be escaped, so it cannot occur.
        while let match = rest.firstMatch(
            of: /url\(\s*(?:"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<bare>[^"'()\s]*))\s*\)/)
        {
            let target = String(match.double ?? match.single ?? match.bare ?? "")
            text += rest[..<match.range.lowerBound]
            rest = rest[match.range.upperBound...]
            guard isRelative(target) else {
                text += match.output.0
                continue
            }
            let name = String(target.prefix { $0 != "?" && $0 != "#" })
            let suffix = target.dropFirst(name.count)
            guard let file = locate(name), let bytes = FileManager.default.contents(atPath: site + "/" + file) else {
                problems.append(missing(name))
                continue
            }
            switch base {
            case .served(let prefix): text += "url(\(prefix)\(file)\(suffix))"
            case .published:
                let fileExtension = (file as NSString).pathExtension
                let path = AssetName.path(AssetName.ofModule(file), Array(bytes), fileExtension)
                assets[path] = OutputFile(path: path, bytes: Array(bytes))
                text += "url(/\(path)\(suffix))"
            }
        }
        guard problems.isEmpty else { throw BuildFailure(problems) }
        return StyleCompiler.Compiled(css: text + rest, assets: assets.values.sorted { $0.path < $1.path })
    }

    private func isRelative(_ target: String) -> Bool {
        !target.isEmpty && !target.hasPrefix("/") && !target.hasPrefix("#")
            && target.prefixMatch(of: /[A-Za-z][A-Za-z0-9+.-]*:/) == nil
    }

    /// Tailwind inlines imported stylesheets without touching their URLs, so a name may be relative to any of them.
    private func locate(_ name: String) -> String? {
        if name.hasPrefix("~asset/") { return String(name.dropFirst("~asset/".count)) }
        let decoded = name.removingPercentEncoding ?? name
        for folder in folders(of: input, seen: []) {
            let path = URL(filePath: NSString.path(withComponents: ["/", folder, decoded])).standardizedFileURL.path
            if FileManager.default.fileExists(atPath: site + path) { return String(path.dropFirst()) }
        }
        return nil
    }

    private func folders(of stylesheet: String, seen: Set<String>) -> [String] {
        let folder = (stylesheet as NSString).deletingLastPathComponent
        guard !seen.contains(stylesheet),
            let text = try? String(contentsOfFile: site + "/" + stylesheet, encoding: .utf8)
        else { return [folder] }
        var all = [folder]
        for match in text.matches(of: /@import\s+(?:url\(\s*)?["'](?<name>\.[^"']*)["']/) {
            let path = URL(filePath: NSString.path(withComponents: ["/", folder, String(match.name)]))
            all += folders(
                of: String(path.standardizedFileURL.path.dropFirst()), seen: seen.union([stylesheet]))
        }
        return all
    }

    private func missing(_ name: String) -> Diagnostic {
        let found = SourceLines.find(name, in: site + "/" + input)
        return Diagnostic(
            file: input, line: found?.line, column: found?.column, message: "There is no file \(name).",
            hint: "url(…) is relative to the stylesheet; files in public/ are written with a leading slash.",
            sourceLine: found?.text)
    }
}
