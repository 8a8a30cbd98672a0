import Foundation

/// Installs what a checkout needs beside Debian's packages: the pinned tools into `.toolchain/`, and `site/node_modules`.
///
/// Every step carries a stamp made from its inputs, so a second run does nothing and a changed pin repeats only its own
/// step. A stamp is written after everything it vouches for: an interrupted set-up is never taken for a finished one.
public enum Setup {
    /// What not everybody needs.
    public enum Extra: Sendable, Hashable {
        /// What the benchmarks are compared with.
        case bench
        /// Other people's clients of what the emulator offers, for the tests.
        case clients
    }

    /// Brings everything into place.
    ///
    /// - Parameters:
    ///   - projectRoot: the folder with `site/` in it.
    ///   - extras: also install what only these need.
    ///   - report: called for every step that runs, when it starts and when it ends, and once if nothing had to be done.
    /// - Throws: a `Diagnostic` that names the one thing to do (a package to install, the network to check).
    public static func run(
        projectRoot: String, extras: Set<Extra> = [], report: @Sendable (StepReport) -> Void
    ) async throws {
        try await run(SetupContext(projectRoot: projectRoot), extras: extras, report: report)
    }

    static func run(_ context: SetupContext, extras: Set<Extra>, report: @Sendable (StepReport) -> Void) async throws {
        do {
            try await place(context, extras: extras, report: report)
        } catch let error as CocoaError {
            // A full disk, a folder of another owner: Foundation names the file, and that is what the reader needs.
            throw Diagnostic(
                file: error.filePath ?? error.url?.path ?? context.toolchain, message: error.localizedDescription,
                hint: blocked.contains(error.code) ? "Check free space and the owner of the folder." : nil)
        }
    }

    private static let blocked: Set<CocoaError.Code> = [
        .fileWriteNoPermission, .fileWriteOutOfSpace, .fileWriteVolumeReadOnly, .fileReadNoPermission,
    ]

    private static func place(
        _ context: SetupContext, extras: Set<Extra>, report: @Sendable (StepReport) -> Void
    ) async throws {
        // Without the lock first: the ordinary case is that nothing is left to do, and it must not wait for anybody.
        if try pending(context, extras: extras).isEmpty {
            reportUnchanged(context, report)
            return
        }
        try SystemCheck(context).verify()
        try FileManager.default.createDirectory(atPath: context.toolchain, withIntermediateDirectories: true)
        let lock = try await SetupLock.acquire(context.toolchain + "/lock") {
            report(.note("another set-up is running; waiting for it"))
        }
        defer { lock.release() }

        let steps = try pending(context, extras: extras)
        if steps.isEmpty {
            reportUnchanged(context, report)
            return
        }
        for step in steps {
            report(.started(step.title))
            let start = ContinuousClock.now
            try await step.run()
            report(.finished(step.title, ContinuousClock.now - start))
        }
        if NodeModules(context).origin == .npm { report(.note(NodeModules.npmNote)) }
    }

    private static func reportUnchanged(_ context: SetupContext, _ report: (StepReport) -> Void) {
        if NodeModules(context).origin == .npm { report(.note(NodeModules.npmNote)) }
        report(.everythingInPlace)
    }

    private static func pending(_ context: SetupContext, extras: Set<Extra>) throws -> [SetupStep] {
        try steps(context, extras: extras).filter { try !$0.isDone() }
    }

    /// The steps in order; a later one may use what an earlier one made.
    private static func steps(_ context: SetupContext, extras: Set<Extra>) throws -> [SetupStep] {
        var steps = [PythonTools.frontEnd(context).step]
        let nodeModules = NodeModules(context)
        switch nodeModules.origin {
        case .npm, .noSite: break
        case .incomplete:
            throw Diagnostic(
                file: "site/node_modules", message: "The folder was not made by set-up, and React is missing from it.",
                hint: "Run `npm install` in site/, or delete the folder to have it generated.")
        case .absent, .generated:
            steps.append(ReactWheel(context).step)
            steps.append(nodeModules.step)
        }
        if extras.contains(.bench) { steps.append(PythonTools.bench(context).step) }
        if extras.contains(.clients) { steps += PythonTools.clients(context).map(\.step) }
        return steps
    }
}

/// What set-up tells the person who waits for it.
public enum StepReport: Sendable, Equatable {
    /// A step begins that may take a while.
    case started(String)
    case finished(String, Duration)
    /// Something to know that is not a step.
    case note(String)
    /// Nothing had to be done.
    case everythingInPlace

    /// The report as the line that stays on the screen: `python tools … 14.2 s`. `nil` for the start of a step, which a
    /// terminal may show as `python tools …` and overwrite.
    public var line: String? {
        switch self {
        case .started: nil
        case .finished(let title, let duration): "\(title) … \(Self.seconds(duration)) s"
        case .note(let text): text
        case .everythingInPlace: "everything is in place"
        }
    }

    private static func seconds(_ duration: Duration) -> String {
        let tenths = (duration / .milliseconds(100)).rounded()
        return String(tenths / 10)
    }
}

/// One thing that set-up puts in place.
struct SetupStep: Sendable {
    var title: String
    /// Whether the thing is there and was made from today's inputs.
    var isDone: @Sendable () throws -> Bool
    var run: @Sendable () async throws -> Void
}
