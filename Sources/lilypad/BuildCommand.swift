import ArgumentParser
import SiteBuilder

struct BuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build", abstract: "Build the site and the docs into a bundle.",
        discussion: "The output folder changes in one step when everything has succeeded, and not at all otherwise.")

    @Option(help: "The folder to write. It must be empty, absent, or hold a bundle.")
    var out = "dist"

    @Option(help: "production or development.")
    var mode = BuildMode.production

    @Option(help: "The folder with site.toml.")
    var site = "site"

    @Flag(name: .customLong("no-pack"), help: "Make no brotli and gzip variants, and hold nothing against the budgets.")
    var skipsPacking = false

    @Flag(help: .hidden)
    var timings = false

    @Flag(help: "Wait until the bundle is on the disk, so that it survives a power cut.")
    var durable = false

    func run() async throws {
        let terminal = Terminal()
        let task = Task { try await build(terminal) }
        let interruption = Interruption { task.cancel() }
        do {
            let (summary, output) = try await task.value
            terminal.show(summary.warnings)
            terminal.print("\n" + summary.sizes.table(colour: terminal.colour) + "\n")
            terminal.print(
                "Built \(output) in \(summary.duration.short), bundle \(summary.manifest.bundle.prefix(16)).\n")
        } catch let failure as BuildFailure {
            terminal.fail(failure, "Nothing was built")
            throw ExitCode(1)
        } catch is CancellationError {
            terminal.printError("Stopped. \(out) is as it was.\n")
            throw ExitCode(interruption.exitCode)
        }
    }

    private func build(_ terminal: Terminal) async throws -> (SiteBuild.Summary, String) {
        let start = ContinuousClock().now
        let project = try SiteProject.load(root: terminal.currentFolder, site: site)
        let stages: SiteStages
        do {
            stages = try SiteStages(
                project, mode: mode, toolchain: try Toolchain.locate(projectRoot: project.root),
                environment: terminal.environment,
                workerPaths: ProjectCheck.wranglerProblems(root: project.root, environment: terminal.environment)
                    .workerPaths)
        } catch let diagnostic as Diagnostic {
            throw BuildFailure([diagnostic])
        }
        var build = SiteBuild(
            project, stages: stages.all, mode: mode, packing: skipsPacking || mode == .development ? .none : .full)
        build.isDurable = durable
        let progress = ProgressDisplay(style: terminal.style) { terminal.print($0) }
        let result = await Result {
            try await build.write(to: project.outputFolder(out)) { event in
                progress.handle(event)
                if timings { terminal.print(Self.timing(event)) }
            }
        }
        await stages.close()
        var summary = try result.get()
        summary.duration = ContinuousClock().now - start
        return (summary, out)
    }

    /// Lines for the benchmark to read: `timing docs parse 41.2`, in milliseconds.
    private static func timing(_ event: BuildEvent) -> String {
        func line(_ name: String, _ duration: Duration) -> String {
            "timing \(name) \((duration / .milliseconds(1) * 10).rounded() / 10)\n"
        }
        return switch event {
        case .finished(let name, let duration, _): line(name, duration)
        case .parts(let stage, let parts): parts.map { line("\(stage) \($0.name)", $0.duration) }.joined()
        case .started, .progress, .failed: ""
        }
    }
}

extension BuildMode: ExpressibleByArgument {}

extension Result where Failure == any Error {
    /// What an asynchronous call returned or threw.
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
