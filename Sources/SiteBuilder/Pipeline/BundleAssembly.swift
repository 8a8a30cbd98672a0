/// Joins what the stages made with `site/public` and the rule files, and refuses what no asset server would take.
struct BundleAssembly {
    var configuration: SiteConfiguration
    var mode: BuildMode
    var publicFolder: PublicFolder
    /// What problems call it: `site/public`.
    var publicName: String

    /// Largest file an asset server takes (25 MiB), and the number of files that every plan has.
    static let largestFile = 26_214_400
    static let mostFiles = 20_000

    struct Result: Sendable {
        /// Sorted by path, rule files included.
        var artifacts: [Artifact]
        /// Relative to `dist/maps`.
        var maps: [OutputFile]
        var warnings: [Diagnostic]
    }

    func assemble(_ products: [StageProduct]) throws(BuildFailure) -> Result {
        var artifacts = products.flatMap(\.artifacts)
        var problems: [Diagnostic] = []
        var warnings = products.flatMap(\.warnings)
        for file in publicFolder.files {
            let source = "\(publicName)/\(file.path)"
            if file.path.hasPrefix("assets/") {
                problems.append(
                    Diagnostic(
                        file: source,
                        message: "The folder assets/ belongs to the build: its files are cached for a year.",
                        hint: "Move the file to another folder, such as \(publicName)/files/."))
            }
            artifacts.append(Artifact(file, role: .other, source: source))
        }
        artifacts += ruleFiles(artifacts, inlineScripts: products.flatMap(\.inlineScripts), &problems, &warnings)
        artifacts.sort { Files.bytewise($0.file.path, $1.file.path) }
        artifacts = withoutRepetitions(artifacts)
        problems += conflicts(artifacts)
        problems += oversized(artifacts)
        problems += hidden(artifacts)
        if artifacts.count > Self.mostFiles {
            warnings.append(
                Diagnostic(
                    .warning, file: publicName,
                    message: "The bundle has \(artifacts.count) files; small plans take \(Self.mostFiles)."))
        }
        guard problems.isEmpty else { throw BuildFailure(problems.inReadingOrder()) }
        let maps = products.flatMap(\.maps).sorted { Files.bytewise($0.path, $1.path) }
        return Result(artifacts: artifacts, maps: maps, warnings: warnings)
    }

    private func ruleFiles(
        _ artifacts: [Artifact], inlineScripts: [String], _ problems: inout [Diagnostic], _ warnings: inout [Diagnostic]
    ) -> [Artifact] {
        let checked = RuleFiles(
            headers: publicFolder.headers, redirects: publicFolder.redirects, folder: publicName)
        problems += checked.problems.filter { $0.severity == .error }
        warnings += checked.problems.filter { $0.severity == .warning }
        let own: [HeaderBlock] = .standard(
            baseURL: configuration.baseURL, inlineScripts: inlineScripts, immutable: mode == .production)
        let headers = own.merged(withUser: checked.headerBlocks).headersFile()
        let redirects = GeneratedRedirects.file(routes: configuration.client?.routes ?? [], user: checked.redirectsText)
        problems += RuleFiles.limits(headers: headers, redirects: redirects, folder: publicName)
        let archives = artifacts.map(\.file.path).filter { $0.hasSuffix(".br") || $0.hasSuffix(".gz") }
        let ignore = AssetsIgnore.file(
            archives: archives, user: publicFolder.assetsIgnore.map { String(decoding: $0, as: UTF8.self) })
        return [
            Artifact(OutputFile(path: "_headers", text: headers), role: .other, source: "the header rules"),
            Artifact(OutputFile(path: "_redirects", text: redirects), role: .other, source: "the redirect rules"),
            Artifact(OutputFile(path: ".assetsignore", text: ignore), role: .other, source: "the ignore rules"),
        ]
    }

    /// Two stylesheets may use one font: hashed names say that both files are the same.
    private func withoutRepetitions(_ sorted: [Artifact]) -> [Artifact] {
        var result: [Artifact] = []
        for artifact in sorted {
            if let last = result.last, last.file == artifact.file, last.file.path.hasPrefix("assets/") { continue }
            result.append(artifact)
        }
        return result
    }

    /// Files that would be written over each other, packed variants included, and files where another has a folder.
    private func conflicts(_ artifacts: [Artifact]) -> [Diagnostic] {
        var sources: [String: String] = [:]
        var problems: [Diagnostic] = []
        for artifact in artifacts {
            let path = artifact.file.path
            if let other = sources.updateValue(artifact.source, forKey: path) {
                problems.append(
                    Diagnostic(
                        file: artifact.source,
                        message: "`\(path)` is made twice: by \(other) and by \(artifact.source).",
                        hint: "Rename or remove one of them."))
            }
        }
        for artifact in artifacts {
            let path = artifact.file.path
            for suffix in [".br", ".gz"] where path.hasSuffix(suffix) {
                guard let other = sources[String(path.dropLast(suffix.count))] else { continue }
                problems.append(
                    Diagnostic(
                        file: artifact.source,
                        message: "`\(path)` stands where the packed variant of \(other) goes.",
                        hint: "Remove it: the build makes packed variants itself."))
            }
            var folder = Files.parent(path)
            while folder != "." {
                if let other = sources[folder] {
                    problems.append(
                        Diagnostic(
                            file: artifact.source, message: "`\(folder)` is a folder here and a file of \(other).",
                            hint: "Rename or remove one of them."))
                }
                folder = Files.parent(folder)
            }
        }
        return problems
    }

    private func oversized(_ artifacts: [Artifact]) -> [Diagnostic] {
        artifacts.filter { $0.file.bytes.count > Self.largestFile }.map { artifact in
            Diagnostic(
                file: artifact.source,
                message: "`\(artifact.file.path)` has \(artifact.file.bytes.count) bytes; asset servers take at most "
                    + "\(Self.largestFile) (25 MiB).",
                hint: "Serve it from object storage, or make it smaller.")
        }
    }

    /// A 200 rule is looked at before files are, so a file below a client route can never be asked for.
    private func hidden(_ artifacts: [Artifact]) -> [Diagnostic] {
        var problems: [Diagnostic] = []
        for route in configuration.client?.routes ?? [] {
            let prefix = route.dropFirst()
            for artifact in artifacts {
                let path = artifact.file.path
                guard path == prefix || path == prefix + ".html" || path.hasPrefix(prefix + "/") else { continue }
                problems.append(
                    Diagnostic(
                        file: artifact.source,
                        message: "`\(path)` is hidden by the client's route \(route), which is answered before files.",
                        hint: "Move the file, or take \(route) out of `routes` in site.toml."))
            }
        }
        return problems
    }
}
