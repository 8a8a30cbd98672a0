import FoundationEssentials
import SiteBuilder

/// What happened to the site, for the terminal.
enum SiteReport: Sendable, Equatable {
    /// `outcome`: `updated`, `2 pages`, `reload`. The duration is from the save until pages were told or files written.
    case rebuilt(paths: [String], outcome: String, Duration)
    case restyled(Duration)
    case failed(String, [Diagnostic])
    /// Nothing is wrong any more that was.
    case repaired
}

/// Follows the changes of the site folder: tells pages, keeps the bundle on disk up to date, and says what is wrong.
///
/// New code goes to pages at once. What takes longer follows behind it, each in its own time: the bundle, the stylesheet, the
/// opinion of the type checker. Changes that come while one of these works are taken together by its next round.
actor SiteSession {
    private let workshop: any SiteWorkshop
    private let board: ProblemBoard
    private let send: @Sendable (DevMessage) -> Void
    /// Makes the edge read the bundle again; false when there is none to be told.
    private let reloadEdge: @Sendable () async -> Bool
    private let report: @Sendable (SiteReport) -> Void
    private let now: @Sendable () -> ContinuousClock.Instant

    /// Changed files that no page has heard of yet.
    private var waiting: Batch?
    private var taking: Task<Void, Never>?
    /// What the bundle on disk does not show yet.
    private var unwritten: Writing?
    private var writing: Task<Void, Never>?
    private var styling: Task<Void, Never>?
    private var checking: Task<Void, Never>?
    private var owesReload = false

    private struct Batch {
        var paths: Set<String>
        var saved: ContinuousClock.Instant
    }

    private struct Writing {
        var paths: Set<String> = []
        var saved: ContinuousClock.Instant
        var onlyPages = true
        /// Pages have to be loaded again whatever the bundle says.
        var reloads = false
        /// Whether a line about these changes has been printed.
        var isTold = false
    }

    init(
        workshop: any SiteWorkshop, board: ProblemBoard, send: @escaping @Sendable (DevMessage) -> Void,
        reloadEdge: @escaping @Sendable () async -> Bool, report: @escaping @Sendable (SiteReport) -> Void,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.workshop = workshop
        self.board = board
        self.send = send
        self.reloadEdge = reloadEdge
        self.report = report
        self.now = now
    }

    /// Builds everything once.
    ///
    /// - Returns: the problems, none when the bundle is written.
    func start() async -> [Diagnostic] {
        var problems: [Diagnostic] = []
        do {
            _ = try await workshop.write(onlyPages: false)
        } catch {
            problems = SiteSession.diagnostics(error)
            unwritten = Writing(saved: now(), onlyPages: false)
        }
        board.set(problems, from: .bundle)
        checkTypes()
        return problems
    }

    /// - Parameters:
    ///   - paths: relative to the site folder; their content is new.
    ///   - saved: when the newest of them was written.
    func changed(_ paths: [String], saved: ContinuousClock.Instant) {
        waiting = Batch(paths: (waiting?.paths ?? []).union(paths), saved: waiting?.saved ?? saved)
        if taking == nil { taking = Task { await self.take() } }
    }

    /// A new edge has started. What it read may be older than what is on disk.
    func edgeStarted() async {
        guard owesReload else { return }
        owesReload = await !reloadEdge()
    }

    /// Returns once nothing is left to do.
    func settled() async {
        while let task = taking ?? writing ?? styling ?? checking { await task.value }
    }

    func stop() async {
        waiting = nil
        styling?.cancel()
        checking?.cancel()
        await settled()
    }

    // MARK: At once

    private func take() async {
        while let batch = waiting {
            waiting = nil
            await takeIn(batch)
        }
        taking = nil
    }

    private func takeIn(_ batch: Batch) async {
        let change = SiteChange(batch.paths, configuration: await workshop.configuration)
        guard !change.isEmpty else { return }
        var next = Writing(paths: batch.paths, saved: batch.saved, onlyPages: change.isOnlyPages)
        if change.isConfiguration {
            do {
                try await workshop.reconfigure()
                next.reloads = true
                settle([], from: .configuration, "site.toml")
            } catch {
                return settle(
                    SiteSession.diagnostics(error), from: .configuration, DevTerminal.list(batch.paths.sorted()))
            }
        }
        if !change.sources.isEmpty {
            guard await updateModules(change.sources, &next) else {
                // A bundle made now might lack what the broken module asks for.
                return remember(next)
            }
            restyle(batch.saved)
        }
        write(next)
        if change.touchesClient { checkTypes() }
    }

    /// Gives pages the new code.
    ///
    /// - Returns: false when it cannot be transformed; then pages go on with the old code, all of it.
    private func updateModules(_ sources: [String], _ next: inout Writing) async -> Bool {
        let update = await workshop.update(after: sources)
        var problems: [Diagnostic] = []
        if case .broken(let found) = update { problems = found }
        settle(problems, from: .modules, DevTerminal.list(sources))
        switch update {
        case .modules(let urls, _):
            guard !urls.isEmpty else { break }
            send(.update(urls.map { DevMessage.Module(path: SiteSession.path(ofModule: $0), url: $0) }))
            report(.rebuilt(paths: sources, outcome: "updated", next.saved.duration(to: now())))
            next.isTold = true
        case .reload:
            next.reloads = true
        case .broken:
            return false
        }
        return true
    }

    // MARK: Behind it

    private func write(_ next: Writing) {
        remember(next)
        if writing == nil { writing = Task { await self.writeAll() } }
    }

    /// Keeps in mind what a later round has to write.
    private func remember(_ next: Writing) {
        var merged = next
        if let unwritten {
            merged.paths.formUnion(unwritten.paths)
            merged.saved = min(unwritten.saved, next.saved)
            merged.onlyPages = unwritten.onlyPages && next.onlyPages
            merged.reloads = unwritten.reloads || next.reloads
        }
        unwritten = merged
    }

    private func writeAll() async {
        while let current = unwritten {
            unwritten = nil
            do {
                let changes = try await workshop.write(onlyPages: current.onlyPages)
                let written = now()
                settle([], from: .bundle, "")
                await tell(changes, current, written: written)
            } catch {
                // The next round, after whatever mends it, makes up for this one.
                let newer = unwritten
                unwritten = current
                settle(SiteSession.diagnostics(error), from: .bundle, DevTerminal.list(current.paths.sorted()))
                guard let newer else { break }
                write(newer)
            }
        }
        writing = nil
    }

    private func tell(
        _ changes: IncrementalOutput.Changes, _ current: Writing, written: ContinuousClock.Instant
    ) async {
        var message: DevMessage? = current.reloads ? .reload(pages: nil) : nil
        if !changes.isEmpty {
            owesReload = await !reloadEdge()
            let docs = await workshop.configuration.docs?.path
            message = message ?? PageChanges.message(changes, docs: docs)
        }
        if let message { send(message) }
        var outcome = "nothing to show"
        if case .reload(let pages)? = message {
            outcome = pages.map { $0.count == 1 ? "1 page" : "\($0.count) pages" } ?? "reload"
        }
        guard message != nil || !current.isTold else { return }
        report(.rebuilt(paths: current.paths.sorted(), outcome: outcome, current.saved.duration(to: written)))
    }

    /// Tailwind makes its stylesheet from the class names in all sources.
    private func restyle(_ saved: ContinuousClock.Instant) {
        styling?.cancel()
        let previous = styling
        styling = Task {
            await previous?.value
            guard !Task.isCancelled else { return }
            var problems: [Diagnostic] = []
            do {
                if let swap = try await workshop.refreshStyles() {
                    send(.styles([swap]))
                    report(.restyled(saved.duration(to: now())))
                }
            } catch {
                problems = SiteSession.diagnostics(error)
            }
            guard !Task.isCancelled else { return }
            settle(problems, from: .styles, "styles")
            styling = nil
        }
    }

    private func checkTypes() {
        checking?.cancel()
        let previous = checking
        checking = Task {
            await previous?.value
            guard !Task.isCancelled else { return }
            var problems: [Diagnostic] = []
            do {
                try await workshop.checkTypes()
            } catch {
                problems = SiteSession.diagnostics(error)
            }
            guard !Task.isCancelled else { return }
            settle(problems, from: .types, "types")
            checking = nil
        }
    }

    /// Puts up what one side has found, and says so when that is news.
    private func settle(_ problems: [Diagnostic], from source: ProblemBoard.Source, _ subject: String) {
        let hadProblems = !board.all.isEmpty
        guard board.set(problems, from: source) else { return }
        if !problems.isEmpty { report(.failed(subject, problems)) }
        if hadProblems, board.all.isEmpty { report(.repaired) }
    }

    /// `/@lilypad/module/app/home.tsx?v=2` is `app/home.tsx`.
    static func path(ofModule url: String) -> String {
        let (path, _) = DevHandler.split(url)
        let relative = path.dropFirst("/@lilypad/module/".count)
        return relative.removingPercentEncoding ?? String(relative)
    }

    static func diagnostics(_ error: any Error) -> [Diagnostic] {
        switch error {
        case let failure as BuildFailure: failure.diagnostics
        case let diagnostic as Diagnostic: [diagnostic]
        default: [Diagnostic(file: "site", message: "\(error)")]
        }
    }
}
