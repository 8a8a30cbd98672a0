import Foundation

/// The client stage of a build: from `site/app` to hashed modules, an import map, styles and the finished page.
///
/// Application files never name each other's hashes. They import stable names (`~/home-….js`) which the import map in
/// the page resolves, so a changed word renames the file it is in and changes the page, nothing else. Packages are files
/// of their own, React's in one.
///
/// The stage remembers its last result: while none of the files it was made from changes, `build()` only reads and
/// compares them.
public actor ClientStage {
    public enum Mode: String, Sendable { case production, development }

    public struct Settings: Sendable, Equatable {
        /// The site folder.
        public var site: String
        public var client: SiteConfiguration.Client
        public var mode: Mode
        /// Of these, `PUBLIC_…` are readable in scripts as `process.env.PUBLIC_…`.
        public var environment: [String: String]
        /// Where vendor bundles are kept between runs.
        public var cache: String?
        /// Whether type errors fail the stage.
        public var checksTypes = true
        /// More application files than this draw a warning: each costs a request and compresses alone.
        public var fileCountToWarnAt = 60

        public init(
            site: String, client: SiteConfiguration.Client = .init(), mode: Mode = .production,
            environment: [String: String] = [:], cache: String? = nil
        ) {
            self.site = site
            self.client = client
            self.mode = mode
            self.environment = environment
            self.cache = cache
        }
    }

    let settings: Settings
    let worker: BunWorker
    let vendors: VendorBundles
    let styles: StyleCompiler
    private let typeCheck: TypeCheck
    private var last: (fingerprint: String, inputs: ClientInputs, output: ClientOutput)?

    /// - Parameters:
    ///   - bun: the path of the Bun binary, for the type check; `worker` has its own.
    ///   - tailwind: the path of Tailwind's binary.
    public init(_ settings: Settings, worker: BunWorker, bun: String, tailwind: String) {
        self.settings = settings
        self.worker = worker
        vendors = VendorBundles(worker: worker, folder: settings.cache)
        styles = StyleCompiler(tailwind: tailwind, site: worker.site)
        typeCheck = TypeCheck(bun: bun, site: worker.site)
    }

    /// Builds, or returns the last result when nothing it depends on has changed.
    ///
    /// - Throws: `BuildFailure` with everything that is wrong in the source, sorted by place; `BunWorker.Failure` when
    ///   the bundler itself fails.
    public func build() async throws -> ClientOutput {
        if let last, last.inputs.fingerprint(site: worker.site) == last.fingerprint { return last.output }
        // Taken before the work: a file that changes meanwhile leaves a fingerprint that no longer fits.
        var inputs = ClientInputs(
            folders: [folder(of: settings.client.entry)] + styles.sourceFolders(of: settings.client.styles),
            files: [settings.client.html, settings.client.styles, "package.json", "tsconfig.json"])
        let before = inputs.contents(site: worker.site)

        async let bundling = Outcome { try await self.bundleApplication() }
        async let styling = Outcome {
            try await self.styles.compile(self.settings.client.styles, minify: self.minifies)
        }
        async let checking = Outcome { self.settings.checksTypes ? try await self.typeCheck.run() : [] }
        let (application, sheet, types) = try (await bundling.part(), await styling.part(), await checking.part())
        let typeErrors = (try? types.get()) ?? []
        let failed = [application.problems, sheet.problems, types.problems].flatMap { $0 }
        let errors = failed + typeErrors.filter { $0.severity == .error }
        guard errors.isEmpty else { throw BuildFailure(ordered(errors)) }

        let (app, packages) = try application.get()
        var assembly = ClientAssembly(site: worker.site, client: settings.client, application: app, packages: packages)
        assembly.styles = try sheet.get()
        var output = try assembly.output()
        output.warnings += typeErrors + app.warnings.map { $0.diagnostic(site: worker.site) }
        output.warnings += explosion(in: output)

        inputs.add(app.inputs.map(\.path) + packages.flatMap { $0.sources.keys })
        let fingerprint = inputs.fingerprint(site: worker.site, known: before)
        last = (fingerprint, inputs, output)
        return output
    }

    var minifies: Bool { settings.mode == .production }

    /// What scripts may read of the environment.
    nonisolated var definitions: [String: String] {
        var define = ["process.env.NODE_ENV": ImportMap.quoted(settings.mode.rawValue)]
        for (name, value) in settings.environment where name.hasPrefix("PUBLIC_") {
            define["process.env.\(name)"] = ImportMap.quoted(value)
        }
        return define
    }

    private func bundleApplication() async throws -> (BunWorker.BundleResult, [VendorBundle]) {
        guard FileManager.default.isReadableFile(atPath: worker.site + "/" + settings.client.entry) else {
            throw BuildFailure([
                Diagnostic(
                    file: settings.client.entry, message: "The module that the application starts with is missing.",
                    hint: "site.toml names it as client.entry.")
            ])
        }
        var request = BunWorker.BundleRequest(entrypoint: settings.client.entry)
        request.splitting = settings.client.splitting
        request.minify = minifies
        request.define = definitions
        request.packages = true
        request.ignoredStyles = [settings.client.styles]
        // React is asked for first because every application needs it, and it takes longest.
        async let react = vendors.bundle(reactRequest)
        let application = try await Self.bundle(request, with: worker)
        let specifiers = packageSpecifiers(in: application)
        let others = specifiers.filter { !reactRequest.specifiers.contains($0) }
        let usesReact = others.count < specifiers.count
        var bundles: [VendorBundle] = []
        try await withThrowingTaskGroup(of: VendorBundle.self) { group in
            for specifier in others {
                group.addTask { [self] in
                    do {
                        return try await vendors.bundle(vendorRequest(for: specifier, among: others))
                    } catch let failure as BuildFailure {
                        throw BuildFailure(failure.diagnostics.map { place($0, of: specifier, in: application) })
                    }
                }
            }
            for try await bundle in group { bundles.append(bundle) }
        }
        if usesReact || bundles.contains(where: { !Set($0.imports).isDisjoint(with: reactRequest.specifiers) }) {
            bundles.append(try await react)
        } else {
            _ = try? await react
        }
        return (application, bundles.sorted { $0.name < $1.name })
    }

    /// Bun remembers folder listings as long as it runs. A module that it cannot find is looked for once more by a
    /// fresh process.
    static func bundle(
        _ request: BunWorker.BundleRequest, with worker: BunWorker
    ) async throws -> BunWorker.BundleResult {
        let isFresh = await worker.requestsOfThisProcess <= 2
        do {
            return try await worker.bundle(request)
        } catch let failure as BuildFailure {
            guard !isFresh, failure.diagnostics.contains(where: { $0.message.hasPrefix("There is no module") }) else {
                throw failure
            }
            await worker.restart()
            return try await worker.bundle(request)
        }
    }

    var reactRequest: VendorBundles.Request {
        let development = settings.mode == .development
        return VendorBundles.Request(
            name: "react", specifiers: development ? VendorBundles.reactForDevelopment : VendorBundles.react,
            external: [], merged: true, development: development)
    }

    func vendorRequest(for specifier: String, among all: [String]) -> VendorBundles.Request {
        VendorBundles.Request(
            name: AssetName.sanitized(specifier), specifiers: [specifier],
            external: (reactRequest.specifiers + all).filter { $0 != specifier }.sorted(), merged: false,
            development: settings.mode == .development)
    }

    /// Everything the application imports that is not a file of it, sorted.
    func packageSpecifiers(in application: BunWorker.BundleResult) -> [String] {
        let imports = application.files.flatMap(\.imports).map(\.path)
        return Set(imports.filter { !$0.hasPrefix("~/") && !$0.hasPrefix("/") && !$0.contains(":") }).sorted()
    }

    /// A package that cannot be bundled is best shown where the application imports it.
    private nonisolated func place(
        _ diagnostic: Diagnostic, of specifier: String, in application: BunWorker.BundleResult
    ) -> Diagnostic {
        guard diagnostic.message.contains("\"\(specifier)\""),
            let importer = application.inputs.first(where: { $0.imports.contains { $0.path == specifier } })
        else { return diagnostic }
        var placed = diagnostic
        placed.file = importer.path
        (placed.line, placed.column, placed.sourceLine) = (nil, nil, nil)
        let path = worker.site + "/" + importer.path
        if let found = SourceLines.find("'\(specifier)'", in: path) ?? SourceLines.find("\"\(specifier)\"", in: path) {
            (placed.line, placed.column, placed.sourceLine) = (found.line, found.column, found.text)
        }
        placed.hint = ImportHint.hint(for: specifier, in: importer.path, site: worker.site)
        return placed
    }

    private func explosion(in output: ClientOutput) -> [Diagnostic] {
        let scripts = output.graph.filter { [.entry, .lazy, .shared].contains($0.kind) }
        guard scripts.count > settings.fileCountToWarnAt else { return [] }
        let shared = scripts.count { $0.kind == .shared }
        let sizes = Dictionary(output.files.map { ($0.path, $0.bytes.count) }) { first, _ in first }
        let total = scripts.reduce(0) { $0 + (sizes[$1.path] ?? 0) }
        return [
            Diagnostic(
                .warning, file: settings.client.entry,
                message: "Splitting made \(scripts.count) application files of \(total) bytes together, "
                    + "\(shared) of them only because several routes share them.",
                hint: "Many small files compress badly and cost a request each; "
                    + "splitting = false in site.toml makes one file.")
        ]
    }

    private func folder(of path: String) -> String { (path as NSString).deletingLastPathComponent }

    private func ordered(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        var seen: Set<Diagnostic> = []
        return diagnostics.filter { seen.insert($0).inserted }.sorted {
            ($0.file, $0.line ?? 0, $0.column ?? 0) < ($1.file, $1.line ?? 0, $1.column ?? 0)
        }
    }
}

/// One of several things done at once: what is wrong with the source is kept so that all of it can be shown together;
/// other errors end the stage.
private struct Outcome<Value: Sendable>: Sendable {
    private var result: Result<Value, any Error>

    init(_ work: @Sendable () async throws -> Value) async {
        do { result = .success(try await work()) } catch { result = .failure(error) }
    }

    func part() throws -> Self {
        if case .failure(let error) = result, !(error is BuildFailure) { throw error }
        return self
    }

    func get() throws -> Value { try result.get() }

    var problems: [Diagnostic] {
        guard case .failure(let error) = result else { return [] }
        return (error as? BuildFailure)?.diagnostics ?? []
    }
}
