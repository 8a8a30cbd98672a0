/// The stages of a real site: the client, its types, the docs. They share one bundler process.
///
/// Made once and used for one build or for all of a development session: client and docs remember what they have done.
public struct SiteStages: Sendable {
    public let client: ClientStage
    public let docs = DocsBuilder()
    public let worker: BunWorker
    /// URLs of further scripts for the pages of the documentation: the development client.
    public var docsScripts: [String] = []
    /// What the pages of the documentation look like, kept from one build to the next.
    public let docsAssets = DocsAssets()
    private let types: TypeCheck
    private let packages: SitePackages
    private let project: SiteProject
    private let highlighting: DocsInput.Highlighting?
    /// Paths that the Worker answers, which pages may link to: `/api`.
    private let workerPaths: [String]

    /// - Parameters:
    ///   - environment: Of these, scripts may read `PUBLIC_…`.
    ///   - workerPaths: Path prefixes that the Worker answers.
    /// - Throws: `Diagnostic` if a resource of ours is missing.
    public init(
        _ project: SiteProject, mode: BuildMode, toolchain: Toolchain, environment: [String: String] = [:],
        workerPaths: [String] = []
    ) throws {
        self.project = project
        self.workerPaths = workerPaths
        let cache = project.cacheFolder
        worker = BunWorker(bun: toolchain.bun, site: project.folder)
        var settings = ClientStage.Settings(
            site: project.folder, client: project.configuration.client ?? .init(),
            mode: mode == .production ? .production : .development, environment: environment, cache: cache + "/vendor")
        // Types are a stage of their own here, with a line and a time of its own.
        settings.checksTypes = false
        client = ClientStage(settings, worker: worker, bun: toolchain.bun, tailwind: toolchain.tailwind)
        types = TypeCheck(bun: toolchain.bun, site: worker.site)
        packages = SitePackages(site: project.folder, areNeeded: project.configuration.client != nil)
        highlighting = .init(
            python: toolchain.python, version: try Resources.pinnedVersion(of: "Pygments"),
            cacheFile: cache + "/highlight")
    }

    /// What the configuration asks for, in the order of the progress lines.
    public var all: [BuildStage] {
        var stages: [BuildStage] = []
        if project.configuration.client != nil { stages += [clientStage, typesStage] }
        if project.configuration.docs != nil { stages.append(docsStage) }
        return stages
    }

    /// Ends the bundler and the highlighter.
    public func close() async {
        await docs.close()
        await worker.close()
    }

    /// Bundles the application.
    public var clientStage: BuildStage {
        BuildStage("client") {
            let output = try await placed { try await client.build() }
            var product = StageProduct(
                maps: output.maps, inlineScripts: output.inlineScriptHashes, warnings: output.warnings.map(placed))
            let firstLoad = Set(output.firstLoadScripts)
            var roles: [String: Artifact.Role] = ["index.html": .page]
            for entry in output.graph { roles[entry.path] = Self.role(of: entry, firstLoad: firstLoad) }
            product.artifacts = output.files.map {
                Artifact($0, role: roles[$0.path] ?? .other, source: "the client build")
            }
            product.note = "\(output.graph.count { [.entry, .lazy, .shared].contains($0.kind) }) scripts"
            return product
        }
    }

    /// Checks types and makes nothing.
    public var typesStage: BuildStage {
        BuildStage("types") {
            let found = try await placed { try await types.run() }.map(placed).inReadingOrder()
            guard !found.contains(where: { $0.severity == .error }) else { throw BuildFailure(found) }
            return StageProduct(warnings: found)
        }
    }

    /// Renders the documentation with its own stylesheet and script.
    public var docsStage: BuildStage {
        BuildStage("docs") {
            guard let settings = project.configuration.docs else { return StageProduct() }
            let clock = ContinuousClock()
            let start = clock.now
            let (styles, script) = try await docsAssets.files {
                async let styling = placed { try await client.compileStyles(input: settings.styles) }
                async let scripting = placed { try await client.bundleScript(entry: settings.script) }
                return (try await styling, try await scripting)
            }
            let styled = clock.now - start
            var input = docsInput(highlighting)
            input.head = """
                <link rel="stylesheet" href="\(styles.url)" integrity="\(styles.integrity)">
                <script type="module" src="\(script.url)" integrity="\(script.integrity)"></script>
                """
            for url in docsScripts { input.head += "\n<script type=\"module\" src=\"\(url)\"></script>" }
            let output = try await docs.build(input)
            var product = StageProduct(warnings: (styles.warnings + script.warnings).map(placed) + output.warnings)
            let source = "\(project.name)/\(settings.directory)"
            product.artifacts = [
                Artifact(styles.file, role: .styles, source: "\(project.name)/\(settings.styles)"),
                Artifact(script.file, role: .other, source: "\(project.name)/\(settings.script)"),
            ]
            product.artifacts += (styles.assets + script.assets).map { Artifact($0, role: .other, source: source) }
            product.artifacts += output.files.map {
                Artifact($0, role: $0.path.hasSuffix(".html") ? .docs : .other, source: source)
            }
            if let map = script.map { product.maps.append(map) }
            product.parts = [TimedPart("styles", styled)] + output.timings.parts
            let pages = output.files.count { $0.path.hasSuffix(".html") }
            product.note = pages == 1 ? "1 page" : "\(SizeReport.grouped(pages)) pages"
            return product
        }
    }

    /// Reads every page and follows every link, without colours, styles or scripts, and makes nothing.
    public var linksStage: BuildStage {
        BuildStage("docs") { StageProduct(warnings: try await docs.build(docsInput(nil)).warnings) }
    }

    private func docsInput(_ highlighting: DocsInput.Highlighting?) -> DocsInput {
        var input = DocsInput(configuration: project.configuration, source: .folder(project.folder))
        input.displayPrefix = project.name
        input.configurationText = project.configurationText
        input.highlighting = highlighting
        input.knownPrefixes = (project.configuration.client?.routes ?? []) + workerPaths
        // What is wrong with the public folder is said by the stage that publishes it.
        let published = try? PublicFolder.read(project.folder + "/public", name: "public")
        input.knownPaths = Set((published?.files ?? []).map { "/" + $0.path } + ["/"])
        return input
    }

    /// Of the scripts a page loads at once, packages are told from the application; all others are lazy.
    private static func role(of entry: ClientOutput.Entry, firstLoad: Set<String>) -> Artifact.Role {
        switch entry.kind {
        case .style: .styles
        case .asset: .other
        case .entry, .lazy, .shared, .vendor:
            !firstLoad.contains(entry.path) ? .route : entry.kind == .vendor ? .vendor : .entry
        }
    }

    /// The client's tools name files as seen from the site folder; people stand in the project's.
    private func placed(_ diagnostic: Diagnostic) -> Diagnostic {
        guard !diagnostic.file.hasPrefix("/"), !diagnostic.file.hasPrefix(project.name + "/") else { return diagnostic }
        var diagnostic = diagnostic
        diagnostic.file = "\(project.name)/\(diagnostic.file)"
        return diagnostic
    }

    private func placed<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
        do {
            try packages.require()
            return try await work()
        } catch let failure as BuildFailure {
            throw BuildFailure(failure.diagnostics.map(placed))
        } catch let diagnostic as Diagnostic {
            throw placed(diagnostic)
        }
    }
}

/// The stylesheet and the script of the documentation. Compiling them takes longer than rendering a thousand pages, and
/// during development it is the pages that change.
public actor DocsAssets {
    typealias Files = (styles: StandaloneFile, script: StandaloneFile)
    private var made: Files?

    /// Makes them anew at the next build.
    public func forget() { made = nil }

    func files(_ make: @Sendable () async throws -> Files) async throws -> Files {
        if let made { return made }
        let new = try await make()
        made = new
        return new
    }
}

extension SiteBuild {
    /// The build of a project as the command line runs it.
    public init(_ project: SiteProject, stages: [BuildStage], mode: BuildMode, packing: Packing) {
        self.init(
            configuration: project.configuration, mode: mode, packing: packing, stages: stages,
            publicFolder: project.folder + "/public", cacheFolder: project.cacheFolder)
        publicName = project.name + "/public"
        configurationName = project.name + "/site.toml"
        configurationText = project.configurationText
    }
}

extension Resources {
    /// The version of a Python package that set-up installs.
    static func pinnedVersion(of package: String) throws(Diagnostic) -> String {
        let path = toolchain + "/requirements.txt"
        let text: String
        do { text = String(decoding: try Files.read(path), as: UTF8.self) } catch { throw error.diagnostic() }
        for line in text.split(separator: "\n") where line.hasPrefix(package + "==") {
            return String(line.dropFirst(package.count + 2).prefix { $0 != " " && $0 != "\\" })
        }
        throw Diagnostic(file: path, message: "The version of \(package) is not pinned.")
    }
}
