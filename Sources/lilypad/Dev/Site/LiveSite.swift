import Foundation
import SiteBuilder

/// The site of a development session: its modules as browsers load them, and its bundle in `.lilypad/dev`.
actor LiveSite: SiteWorkshop {
    static let clientURL = "/@lilypad/client.js"
    static let stylesURL = "/@lilypad/styles.css"

    private let root: String
    private let folder: String
    private let toolchain: Toolchain
    private let environment: [String: String]
    private let position: @Sendable () -> String
    private let output: IncrementalOutput
    private let digests = DigestMemory()
    private var parts: Parts
    private var styles: DevResource?
    /// Modules as they were when they could last be transformed, by URL path.
    private var good: [String: DevResource] = [:]
    private var styleVersion = 0
    private var client: String?
    /// The application's page, until something it is made from changes.
    private var page: StageProduct?

    /// What is made anew when the configuration changes.
    private struct Parts: Sendable {
        var project: SiteProject
        var stages: SiteStages
        var modules: DevModules
    }

    /// - Parameters:
    ///   - project: the site with its configuration.
    ///   - position: what a page that loads now has seen of the events.
    init(
        _ project: SiteProject, toolchain: Toolchain, environment: [String: String],
        position: @escaping @Sendable () -> String
    ) throws {
        root = project.root
        folder = project.folder
        self.toolchain = toolchain
        self.environment = environment
        self.position = position
        output = IncrementalOutput(folder: LiveSite.output(root: project.root), digests: digests)
        parts = try LiveSite.parts(project, toolchain, environment)
    }

    /// Where the development bundle lies. Never `dist/`, which is for releases.
    static func output(root: String) -> String { root + "/.lilypad/dev" }

    var configuration: SiteConfiguration { parts.project.configuration }

    private static func parts(
        _ project: SiteProject, _ toolchain: Toolchain, _ environment: [String: String]
    ) throws -> Parts {
        var stages = try SiteStages(
            project, mode: .development, toolchain: toolchain, environment: environment,
            workerPaths: ProjectCheck.wranglerProblems(root: project.root, environment: environment).workerPaths)
        stages.docsScripts = [clientURL]
        return Parts(project: project, stages: stages, modules: DevModules(stage: stages.client, clientURL: clientURL))
    }

    func reconfigure() async throws {
        let project = try SiteProject.load(root: root, site: folder)
        let new = try LiveSite.parts(project, toolchain, environment)
        let old = parts.stages
        parts = new
        page = nil
        styles = nil
        client = nil
        good = [:]
        await old.close()
    }

    func close() async { await parts.stages.close() }

    // MARK: Modules

    /// The answer to a URL path below `/@lilypad/`.
    func resource(_ path: String) async throws -> DevResource? {
        switch path {
        case LiveSite.clientURL:
            let text = "globalThis.__lilypadAfter = \"\(position())\";\n" + (try await clientScript())
            return DevResource(bytes: Array(text.utf8), contentType: "text/javascript; charset=utf-8")
        case LiveSite.stylesURL:
            if styles == nil { styles = try await module(at: path) }
            return styles
        default:
            do {
                let resource = try await module(at: path)
                if path.hasPrefix("/@lilypad/module/") { good[path] = resource }
                return resource
            } catch let failure as BuildFailure {
                // A page that is opened now works as those do that were open before; the overlay says what is wrong.
                guard let last = good[path] else { throw failure }
                return last
            }
        }
    }

    private func module(at url: String) async throws -> DevResource? {
        let resource = try await placed { try await parts.modules.resource(at: url) }
        return resource.map { DevResource(bytes: $0.bytes, contentType: $0.contentType) }
    }

    func update(after paths: [String]) async -> DevModules.Update {
        let update = await parts.modules.update(after: paths)
        if case .broken(let problems) = update { return .broken(problems.map(placed)) }
        return update
    }

    func refreshStyles() async throws -> DevMessage.StyleSwap? {
        // No page has asked for it yet: it is made when one does.
        guard styles != nil else { return nil }
        let url = LiveSite.stylesURL
        let new = try await module(at: url)
        guard styles != new else { return nil }
        styles = new
        styleVersion += 1
        return DevMessage.StyleSwap(from: url, to: "\(url)?v=\(styleVersion)")
    }

    /// The browser's side of this server, one script with React's refresh runtime in it, so that it runs on every page.
    private func clientScript() async throws -> String {
        if let client { return client }
        var request = BunWorker.BundleRequest(entrypoint: "lilypad-dev/client.ts")
        for (name, text) in BrowserSources.all { request.files["lilypad-dev/" + name] = text }
        request.minify = false
        request.define = ["process.env.NODE_ENV": "\"development\""]
        let result = try await parts.stages.worker.bundle(request)
        let text = result.files.first(where: \.isEntry)?.code ?? ""
        client = text
        return text
    }

    // MARK: The bundle

    func write(onlyPages: Bool) async throws -> IncrementalOutput.Changes {
        if !onlyPages {
            page = nil
            await parts.stages.docsAssets.forget()
        }
        var stages: [BuildStage] = []
        if parts.project.configuration.client != nil { stages.append(pageStage) }
        if parts.project.configuration.docs != nil { stages.append(parts.stages.docsStage) }
        var build = SiteBuild(parts.project, stages: stages, mode: .development, packing: .none)
        build.digests = digests
        return try await output.update(try await build.bundle().files)
    }

    /// A page that stands in for the site as long as it cannot be built: the edge needs something to serve.
    func writeStandIn() async throws {
        let html = OutagePage.html("The site cannot be built; the terminal says why.")
        _ = try await output.update([
            OutputFile(path: "public/index.html", text: html), OutputFile(path: "public/404.html", text: html),
            OutputFile(path: "manifest.json", text: "{\"version\":1,\"bundle\":\"\",\"files\":[]}\n"),
        ])
    }

    /// Whether an earlier session left a bundle that can be served until this one has its own.
    nonisolated var hasBundle: Bool {
        FileManager.default.fileExists(atPath: LiveSite.output(root: root) + "/manifest.json")
    }

    func checkTypes() async throws {
        guard parts.project.configuration.client != nil else { return }
        _ = try await parts.stages.typesStage.run()
    }

    private var pageStage: BuildStage {
        BuildStage("client") { try await self.pageProduct() }
    }

    private func pageProduct() async throws -> StageProduct {
        if let page { return page }
        let made = try await placed { try await parts.modules.page() }
        let name = "\(parts.project.name)/\(parts.project.configuration.client?.html ?? "")"
        let product = StageProduct(
            artifacts: [Artifact(OutputFile(path: "index.html", text: made.html), role: .page, source: name)],
            inlineScripts: made.inlineScriptHashes)
        page = product
        return product
    }

    /// The bundler names files as seen from the site folder; people stand in the project's.
    private func placed<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch let failure as BuildFailure {
            throw BuildFailure(failure.diagnostics.map(placed))
        }
    }

    private func placed(_ diagnostic: Diagnostic) -> Diagnostic {
        let name = parts.project.name
        guard !diagnostic.file.hasPrefix("/"), !diagnostic.file.hasPrefix(name + "/") else { return diagnostic }
        var diagnostic = diagnostic
        diagnostic.file = "\(name)/\(diagnostic.file)"
        return diagnostic
    }
}

/// The TypeScript of the browser's side, as it comes with this program.
enum BrowserSources {
    static let all: [String: String] = {
        guard let folder = Bundle.module.resourcePath.map({ $0 + "/browser" }) else { return [:] }
        var texts: [String: String] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where name.hasSuffix(".ts") {
            texts[name] = try? String(contentsOfFile: folder + "/" + name, encoding: .utf8)
        }
        return texts
    }()
}
