/// From the stages to a written bundle: run side by side, join, pack, write.
///
/// Nothing is written to the output folder before everything has succeeded, and then the whole folder changes at once.
public struct SiteBuild: Sendable {
    public var configuration: SiteConfiguration
    public var mode: BuildMode
    public var packing: Packing
    public var stages: [BuildStage]
    /// The folder whose files are published as they are.
    public var publicFolder: String
    /// What problems call that folder and the configuration.
    public var publicName = "site/public"
    public var configurationName = "site/site.toml"
    /// The text of the configuration, for problems that show its lines.
    public var configurationText = ""
    /// Where packed files are kept between builds; `nil` keeps none.
    public var cacheFolder: String?
    /// Whether `write` waits until the bundle is on the disk. Only a power cut makes a difference, and after one the manifest
    /// tells whether the bundle is whole; the wait is for everything that the file system has not written yet, others' files
    /// included, which took 2 to 8 s after a build of a thousand pages.
    public var isDurable = false
    /// What a session hands from build to build.
    public var digests = DigestMemory()
    /// Tells how long things take; tests give their own.
    public var now: @Sendable () -> ContinuousClock.Instant = { ContinuousClock().now }

    public init(
        configuration: SiteConfiguration, mode: BuildMode, packing: Packing, stages: [BuildStage], publicFolder: String,
        cacheFolder: String?
    ) {
        self.configuration = configuration
        self.mode = mode
        self.packing = packing
        self.stages = stages
        self.publicFolder = publicFolder
        self.cacheFolder = cacheFolder
    }

    /// What came of a build.
    public struct Summary: Sendable {
        public var sizes: SizeReport
        public var manifest: Manifest
        public var warnings: [Diagnostic]
        public var duration: Duration
    }

    /// Builds and replaces the output folder.
    ///
    /// - Throws: `BuildFailure` with all problems in reading order, or `CancellationError`; the folder is then as it was.
    public func write(
        to output: String, report: @escaping @Sendable (BuildEvent) -> Void = { _ in }
    ) async throws -> Summary {
        let start = now()
        let folder: OutputFolder
        do { folder = try OutputFolder(output) } catch { throw BuildFailure([error]) }
        let previous = Manifest.read(inFolder: folder.path)
        let bundle = try await bundle(report: report)
        try await step("write", report) {
            let begin = now()
            try await folder.stage(bundle.files)
            try Task.checkCancellation()
            let staged = now()
            try folder.commit(durable: isDurable)
            report(.parts("write", [TimedPart("files", staged - begin), TimedPart("commit", now() - staged)]))
            return SizeReport.grouped(bundle.files.count) + " files"
        }
        return Summary(
            sizes: SizeReport(bundle.artifacts, manifest: bundle.manifest, previous: previous),
            manifest: bundle.manifest, warnings: bundle.warnings, duration: now() - start)
    }

    /// Builds in memory and writes nothing.
    ///
    /// - Throws: `BuildFailure` with all problems in reading order, or `CancellationError`.
    public func bundle(report: @escaping @Sendable (BuildEvent) -> Void = { _ in }) async throws -> SiteBundle {
        let products = try await products(report)
        let assembly: BundleAssembly.Result
        let linkStart = now()
        do {
            let publicFolder = try PublicFolder.read(publicFolder, name: publicName)
            assembly = try BundleAssembly(
                configuration: configuration, mode: mode, publicFolder: publicFolder, publicName: publicName
            ).assemble(products)
        } catch {
            report(.failed("link", now() - linkStart))
            throw error
        }
        let packer = packing == .full ? Packer(cache: cacheFolder.map { PackingCache(folder: $0 + "/packed") }) : nil
        let name = packing == .full ? "pack" : "link"
        let start = now()
        report(.started(name))
        let bundle = try await SiteBundle(assembly, packer: packer, digests: digests) { done, total in
            report(.progress(name, done: done, total: total))
        }
        let packed = bundle.manifest.files.count { !$0.encodings.isEmpty }
        report(.finished(name, now() - start, note: packing == .full ? "\(SizeReport.grouped(packed)) files" : nil))
        // Budgets are in packed bytes, and what is not minified does not count.
        if mode == .production && packing == .full {
            let exceeded = configuration.budgets.exceeded(
                by: products.map(\.artifacts), manifest: bundle.manifest, file: configurationName,
                text: configurationText)
            guard exceeded.isEmpty else { throw BuildFailure(exceeded) }
        }
        return bundle
    }

    /// Runs the stages side by side, all of them to the end: whoever broke the client and the docs hears of both.
    private func products(_ report: @escaping @Sendable (BuildEvent) -> Void) async throws -> [StageProduct] {
        var results = [StageProduct?](repeating: nil, count: stages.count)
        var problems: [Diagnostic] = []
        try await withThrowingTaskGroup(of: (Int, Swift.Result<StageProduct, BuildFailure>).self) { group in
            for (index, stage) in stages.enumerated() {
                group.addTask {
                    let start = now()
                    report(.started(stage.name))
                    do {
                        let product = try await stage.run()
                        if !product.parts.isEmpty { report(.parts(stage.name, product.parts)) }
                        report(.finished(stage.name, now() - start, note: product.note))
                        return (index, .success(product))
                    } catch {
                        report(.failed(stage.name, now() - start))
                        try Task.checkCancellation()
                        return (index, .failure(BuildFailure(error, during: stage.name)))
                    }
                }
            }
            for try await (index, result) in group {
                switch result {
                case .success(let product): results[index] = product
                case .failure(let failure): problems += failure.diagnostics
                }
            }
        }
        try Task.checkCancellation()
        guard problems.isEmpty else { throw BuildFailure(problems.inReadingOrder()) }
        return results.compactMap(\.self)
    }

    private func step(
        _ name: String, _ report: @Sendable (BuildEvent) -> Void, _ work: () async throws -> String?
    ) async throws {
        let start = now()
        report(.started(name))
        do {
            let note = try await work()
            report(.finished(name, now() - start, note: note))
        } catch {
            report(.failed(name, now() - start))
            try Task.checkCancellation()
            throw BuildFailure(error, during: name)
        }
    }
}

/// What a build tells while it works. Events of different stages come from different threads.
public enum BuildEvent: Sendable, Equatable {
    case started(String)
    case progress(String, done: Int, total: Int)
    case finished(String, Duration, note: String?)
    /// The steps inside what is about to be finished.
    case parts(String, [TimedPart])
    case failed(String, Duration)
}

extension BuildFailure {
    /// Anything thrown, as problems.
    init(_ error: any Error, during stage: String) {
        switch error {
        case let failure as BuildFailure: self = failure
        case let diagnostic as Diagnostic: self.init([diagnostic])
        case let error as FileFailure: self.init([error.diagnostic()])
        default: self.init([Diagnostic(file: stage, message: "\(error)")])
        }
    }
}
