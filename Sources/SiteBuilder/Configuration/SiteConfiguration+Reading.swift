import WranglerConfig

extension SiteConfiguration {
    /// Reads `site.toml` and reports all its problems at once.
    ///
    /// - Parameters:
    ///   - bytes: The file.
    ///   - file: Its name in problems, relative to the project root.
    ///   - fileExists: Whether the site folder has a file at this relative path; named files that are missing are problems.
    /// - Throws: `BuildFailure`, ordered by line.
    public static func read(
        _ bytes: [UInt8], file: String = "site/site.toml", fileExists: (String) -> Bool = { _ in true }
    ) throws(BuildFailure) -> SiteConfiguration {
        let document: TOMLDocument
        do {
            document = try TOMLDocument(parsing: bytes)
        } catch let error as TOMLSyntaxError {
            throw BuildFailure([
                Diagnostic(
                    file: file, line: error.line, column: error.column, message: error.message,
                    sourceLine: error.sourceLine)
            ])
        } catch {
            throw BuildFailure([Diagnostic(file: file, message: "Cannot be read: \(error).")])
        }
        var reader = ConfigurationReader(document, file: file)
        let configuration = reader.siteConfiguration(fileExists: fileExists)
        guard reader.problems.isEmpty else {
            throw BuildFailure(
                reader.problems.sorted { ($0.line ?? 0, $0.column ?? 0) < ($1.line ?? 0, $1.column ?? 0) })
        }
        return configuration
    }
}

private let topLevel = ["title", "description", "base_url", "language", "client", "docs", "budgets"]
private let clientKeys = ["entry", "html", "styles", "routes", "splitting"]
private let docsKeys = ["directory", "path", "layout", "styles", "script", "section"]
private let sectionKeys = ["title", "pages"]
private let budgetKeys = ["first_load_script", "lazy_script", "styles", "docs_page"]

extension ConfigurationReader {
    fileprivate mutating func siteConfiguration(fileExists: (String) -> Bool) -> SiteConfiguration {
        var elsewhere: [String: String] = [:]
        for key in budgetKeys { elsewhere[key] = "[budgets]" }
        for key in docsKeys { elsewhere[key] = "[docs]" }
        for key in clientKeys { elsewhere[key] = "[client]" }
        for key in ["title", "description", "base_url", "language"] { elsewhere[key] = "the top of the file" }
        refuseUnknownKeys(in: [], known: topLevel, elsewhere: elsewhere)
        var configuration = SiteConfiguration(
            title: required(["title"]) ?? "", description: required(["description"]) ?? "", baseURL: baseURL() ?? "")
        if let language = language() { configuration.language = language }
        if hasTable(["client"]) {
            refuseUnknownKeys(in: ["client"], known: clientKeys, elsewhere: elsewhere)
            configuration.client = client(fileExists: fileExists)
        }
        if hasTable(["docs"]) {
            refuseUnknownKeys(in: ["docs"], known: docsKeys, elsewhere: elsewhere)
            configuration.docs = docs(fileExists: fileExists)
        }
        if let docs = configuration.docs { keepApart(configuration.client?.routes ?? [], docs.path) }
        if hasTable(["budgets"]) {
            refuseUnknownKeys(in: ["budgets"], known: budgetKeys, elsewhere: elsewhere)
            configuration.budgets.firstLoadScript = size(["budgets", "first_load_script"])
            configuration.budgets.lazyScript = size(["budgets", "lazy_script"])
            configuration.budgets.styles = size(["budgets", "styles"])
            configuration.budgets.docsPage = size(["budgets", "docs_page"])
        }
        return configuration
    }

    private mutating func required(_ path: [TOMLKey]) -> String? {
        guard node(at: path) != nil else {
            complain(path, "\(Self.spell(path)) is missing.")
            return nil
        }
        guard let text = string(path) else { return nil }
        if text.allSatisfy(\.isWhitespace) {
            complain(path, "\(Self.spell(path)) is empty.")
            return nil
        }
        return text
    }

    private mutating func baseURL() -> String? {
        let path: [TOMLKey] = ["base_url"]
        guard let text = required(path) else { return nil }
        let fix = "Write scheme and host only, as in \"https://example.com\"."
        guard let scheme = ["https://", "http://"].first(where: text.hasPrefix) else {
            complain(path, "`base_url` must begin with https:// or http://.", hint: fix)
            return nil
        }
        let rest = text.dropFirst(scheme.count)
        if rest.hasSuffix("/") && rest.count(where: { $0 == "/" }) == 1 {
            complain(path, "`base_url` must not end in a slash.", hint: "Write \"\(text.dropLast())\".")
            return nil
        }
        let parts = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let host = parts[0]
        let isHost =
            !host.isEmpty && !host.hasPrefix(".") && !host.hasSuffix(".") && !host.contains("..")
            && host.utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == 45 || $0 == 46 }
        let isPort = parts.count == 1 || UInt16(parts[1]).map { $0 > 0 } == true
        guard isHost && isPort else {
            let hint = host.contains(where: \.isUppercase) ? "Write the host in lower case." : fix
            complain(path, "`base_url` must be a scheme and a host.", hint: hint)
            return nil
        }
        return text
    }

    private mutating func language() -> String? {
        let path: [TOMLKey] = ["language"]
        guard let text = string(path) else { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let isTag = parts.allSatisfy {
            (1...8).contains($0.count) && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        }
        guard isTag, let first = parts.first, first.count >= 2, first.allSatisfy(\.isLetter) else {
            complain(path, "`language` must be a language tag.", hint: "Write \"en\" or \"pt-BR\".")
            return nil
        }
        return text
    }

    private mutating func client(fileExists: (String) -> Bool) -> SiteConfiguration.Client {
        var client = SiteConfiguration.Client()
        client.entry = fileName(["client", "entry"], default: client.entry, fileExists)
        client.html = fileName(["client", "html"], default: client.html, fileExists)
        client.styles = fileName(["client", "styles"], default: client.styles, fileExists)
        client.splitting = boolean(["client", "splitting"]) ?? client.splitting
        for (path, value) in strings(["client", "routes"]) ?? [] {
            guard let route = route(path, value) else { continue }
            if let other = client.routes.first(where: { covers($0, route) || covers(route, $0) }) {
                let message = other == route ? "`\(route)` is listed twice." : "`\(other)` and `\(route)` overlap."
                complain(path, message, hint: "A route stands for everything below it; list the shorter one.")
                continue
            }
            client.routes.append(route)
        }
        return client
    }

    /// A path prefix of the client: it becomes the source of two rules in `_redirects`, where `*`, `:` and spaces have meanings.
    private mutating func route(_ path: [TOMLKey], _ text: String) -> String? {
        if text == "/" {
            complain(path, "`/` need not be listed, and as a prefix it would hide every file.", hint: "Remove it.")
            return nil
        }
        return urlPath(path, text, what: "A route")
    }

    /// A path of plain segments: letters, digits, `-`, `_`, `.`, `~`.
    private mutating func urlPath(_ path: [TOMLKey], _ text: String, what: String) -> String? {
        if !text.hasPrefix("/") {
            complain(path, "\(what) begins with a slash.", hint: "Write \"/\(text)\".")
            return nil
        }
        if text.contains("*") {
            complain(path, "\(what) is a prefix and has no `*`.", hint: "Everything below it belongs to it already.")
            return nil
        }
        if text.count > 1 && text.hasSuffix("/") {
            complain(path, "\(what) does not end in a slash.", hint: "Write \"\(text.dropLast())\".")
            return nil
        }
        let segments = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = segments.allSatisfy { segment in
            !segment.isEmpty && segment != "." && segment != ".."
                && segment.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.~".contains($0)) }
        }
        guard isPlain else {
            complain(path, "\(what) has only letters, digits, `-`, `_`, `.` and `~` between its slashes.")
            return nil
        }
        if covers("/assets", text) {
            complain(path, "`/assets` belongs to the build's own files.", hint: "Choose another path.")
            return nil
        }
        return text
    }

    private mutating func docs(fileExists: (String) -> Bool) -> SiteConfiguration.Docs {
        var docs = SiteConfiguration.Docs()
        if let directory = string(["docs", "directory"]), isRelative(["docs", "directory"], directory) {
            docs.directory = directory
        }
        if let text = string(["docs", "path"]) {
            if text == "/" {
                complain(["docs", "path"], "`docs.path` cannot be the root.", hint: "Write \"/docs\".")
            } else if let value = urlPath(["docs", "path"], text, what: "`docs.path`") {
                docs.path = value
            }
        }
        docs.layout = fileName(["docs", "layout"], default: docs.layout, fileExists)
        docs.styles = fileName(["docs", "styles"], default: docs.styles, fileExists)
        docs.script = fileName(["docs", "script"], default: docs.script, fileExists)
        guard let sections = node(at: ["docs", "section"]) else { return docs }
        guard let tables = sections.array, tables.allSatisfy({ $0.table != nil }) else {
            complain(["docs", "section"], "`docs.section` must be written as [[docs.section]].")
            return docs
        }
        var seen: Set<String> = []
        for index in tables.indices {
            let path: [TOMLKey] = ["docs", "section", .index(index)]
            refuseUnknownKeys(in: path, known: sectionKeys)
            let title = required(path + ["title"])
            var pages: [String] = []
            for (place, page) in strings(path + ["pages"]) ?? [] {
                if page.hasSuffix(".md") {
                    complain(place, "Pages are listed without `.md`.", hint: "Write \"\(page.dropLast(3))\".")
                } else if !isRelative(place, page) {
                    continue
                } else if !seen.insert(page).inserted {
                    complain(place, "`\(page)` is listed twice.", hint: "A page has one place in the navigation.")
                } else if !fileExists("\(docs.directory)/\(page).md") {
                    complain(
                        place, "There is no page \(docs.directory)/\(page).md.",
                        hint: "Add the file or remove the entry.")
                } else {
                    pages.append(page)
                }
            }
            if let title { docs.sections.append(.init(title: title, pages: pages)) }
        }
        return docs
    }

    /// A file of the site folder that must exist, whether it is named or the default.
    private mutating func fileName(_ path: [TOMLKey], default name: String, _ fileExists: (String) -> Bool) -> String {
        let value = string(path) ?? name
        guard isRelative(path, value) else { return name }
        if !fileExists(value) {
            complain(path, "There is no file \(value) in the site folder, which \(Self.spell(path)) names.")
        }
        return value
    }

    private mutating func isRelative(_ path: [TOMLKey], _ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        if !text.isEmpty && parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) { return true }
        complain(
            path, "\(Self.spell(path)) must be a path inside the site folder, without `.`, `..` or a slash at its ends."
        )
        return false
    }

    /// A client route is answered before files are looked up, so one above or below the docs would hide pages.
    private mutating func keepApart(_ routes: [String], _ docsPath: String) {
        for (path, value) in (node(at: ["client", "routes"])?.strings ?? []).enumerated().map({ ($0, $1) })
        where routes.contains(value) && (covers(docsPath, value) || covers(value, docsPath)) {
            complain(
                ["client", "routes", .index(path)], "The route `\(value)` and the docs at `\(docsPath)` overlap.",
                hint: "The client's routes are answered before files, so docs pages would be hidden.")
        }
    }

    /// Whether `path` is `prefix` or lies below it.
    private func covers(_ prefix: String, _ path: String) -> Bool { path == prefix || path.hasPrefix(prefix + "/") }
}
