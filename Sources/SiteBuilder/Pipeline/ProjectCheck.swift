import WranglerConfig

/// Looks at everything that can be wrong before a build or a deployment, and makes nothing.
public struct ProjectCheck: Sendable {
    /// What one part of the check found.
    public struct Finding: Sendable {
        /// `wrangler.toml`, `rules`, `docs`, `types`.
        public var name: String
        public var diagnostics: [Diagnostic]
        public var duration: Duration
    }

    private let project: SiteProject

    public init(_ project: SiteProject) { self.project = project }

    /// Runs the parts that need no tools, then the given stages side by side.
    ///
    /// - Parameter stages: Types and links, where the tools for them are installed.
    public func run(_ stages: [BuildStage], environment: [String: String]) async -> [Finding] {
        let clock = ContinuousClock()
        var findings: [Finding] = []
        func part(_ name: String, _ work: () -> [Diagnostic]) {
            let start = clock.now
            findings.append(Finding(name: name, diagnostics: work(), duration: clock.now - start))
        }
        part("wrangler.toml") { Self.wranglerProblems(root: project.root, environment: environment).problems }
        part("rules") { ruleProblems() }
        await withTaskGroup(of: (Int, Finding).self) { group in
            for (index, stage) in stages.enumerated() {
                group.addTask {
                    let start = clock.now
                    var diagnostics: [Diagnostic]
                    do {
                        diagnostics = try await stage.run().warnings
                    } catch {
                        diagnostics = BuildFailure(error, during: stage.name).diagnostics
                    }
                    return (index, Finding(name: stage.name, diagnostics: diagnostics, duration: clock.now - start))
                }
            }
            var found: [(Int, Finding)] = []
            for await finding in group { found.append(finding) }
            findings += found.sorted { $0.0 < $1.0 }.map(\.1)
        }
        return findings.map { finding in
            var finding = finding
            finding.diagnostics = finding.diagnostics.inReadingOrder()
            return finding
        }
    }

    /// Public files and rule files, as a build would join them.
    private func ruleProblems() -> [Diagnostic] {
        do {
            let assembly = BundleAssembly(
                configuration: project.configuration, mode: .production,
                publicFolder: try PublicFolder.read(project.folder + "/public", name: project.name + "/public"),
                publicName: project.name + "/public")
            return try assembly.assemble([]).warnings
        } catch {
            return error.diagnostics
        }
    }

    /// What is wrong with `wrangler.toml`, and the path prefixes that it gives to the Worker. A project need not have the file.
    public static func wranglerProblems(
        root: String, environment: [String: String]
    ) -> (problems: [Diagnostic], workerPaths: [String]) {
        guard Files.kind(root + "/wrangler.toml", followingLinks: true) == .file else { return ([], []) }
        do {
            let report = try WranglerConfig.load(
                config: root + "/wrangler.toml", from: root, process: environment)
            var paths: [String] = []
            if case .routes(let rules)? = report.config?.assets?.runWorkerFirst {
                // A rule for everything below a folder says that its paths exist; others are too special to link to.
                paths = rules.filter { $0.hasPrefix("/") && $0.hasSuffix("/*") && $0.count > 2 }.map {
                    String($0.dropLast(2))
                }
            }
            // The asset folder may not have been built yet: whether it is there is a question for whoever serves it.
            let built = ConfigFiles(kind: { _ in .folder }, read: ConfigFiles.disk.read)
            return ((report.problems + report.assetProblems(files: built)).map(Diagnostic.init), paths)
        } catch {
            return (error.problems.map(Diagnostic.init), [])
        }
    }
}

extension Diagnostic {
    /// The same problem in the words of the build; advice is a warning here.
    init(_ problem: ConfigProblem) {
        self.init(
            problem.severity == .error ? .error : .warning, file: problem.file, line: problem.line,
            column: problem.column,
            message: problem.message, hint: problem.hint, sourceLine: problem.sourceLine)
    }
}
