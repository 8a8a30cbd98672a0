import FoundationEssentials
import SiteBuilder

/// What happened to the site, for the terminal.
enum SiteReport: Sendable, Equatable {
    case rebuilt(paths: [String], [SiteOutcome])
    case failed(paths: [String], [Diagnostic])
    case typesFailed([Diagnostic])
    /// Nothing is wrong any more that was.
    case repaired
}

/// One thing that came of a change.
struct SiteOutcome: Sendable, Equatable {
    /// `updated`, `styles`, `2 pages`, `reload`.
    var name: String
    /// From the save until pages were told, or the bundle was written.
    var duration: Duration
}

/// Follows the changes of the site folder: tells pages, keeps the bundle on disk up to date, and says what is wrong.
///
/// Changes that come while one is worked on wait and are taken together.
actor SiteSession {
    private let workshop: any SiteWorkshop
    private let board: ProblemBoard
    private let send: @Sendable (DevMessage) -> Void
    /// Makes the edge read the bundle again; false when there is none to be told.
    private let reloadEdge: @Sendable () async -> Bool
    private let report: @Sendable (SiteReport) -> Void
    private let now: @Sendable () -> ContinuousClock.Instant

    private var waiting: Set<String> = []
    private var since: ContinuousClock.Instant?
    private var work: Task<Void, Never>?
    private var types: Task<Void, Never>?
    /// Modules whose newest text cannot be transformed: pages have not taken them in.
    private var broken: Set<String> = []
    /// The bundle on disk lags behind, since its last build failed.
    private var owesWrite = false
    private var owesReload = false

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
            owesWrite = true
        }
        board.set(problems, from: .site)
        checkTypes()
        return problems
    }

    /// - Parameters:
    ///   - paths: relative to the site folder; their content is new.
    ///   - saved: when the newest of them was written.
    func changed(_ paths: [String], saved: ContinuousClock.Instant) {
        waiting.formUnion(paths)
        since = since ?? saved
        if work == nil { work = Task { await self.run() } }
    }

    /// A new edge has started. What it read may be older than what is on disk.
    func edgeStarted() async {
        guard owesReload else { return }
        owesReload = await !reloadEdge()
    }

    /// Returns once nothing is left to do.
    func settled() async {
        await work?.value
        await types?.value
    }

    func stop() async {
        waiting = []
        types?.cancel()
        await settled()
    }

    private struct Outcomes {
        let begin: ContinuousClock.Instant
        let now: @Sendable () -> ContinuousClock.Instant
        private(set) var list: [SiteOutcome] = []

        init(begin: ContinuousClock.Instant, now: @escaping @Sendable () -> ContinuousClock.Instant) {
            self.begin = begin
            self.now = now
        }

        mutating func add(_ name: String, at moment: ContinuousClock.Instant? = nil) {
            list.append(SiteOutcome(name: name, duration: begin.duration(to: moment ?? now())))
        }
    }

    private func run() async {
        while !waiting.isEmpty {
            let paths = waiting.sorted()
            let begin = since ?? now()
            waiting = []
            since = nil
            await handle(paths, begin)
        }
        work = nil
    }

    private func handle(_ paths: [String], _ begin: ContinuousClock.Instant) async {
        let change = SiteChange(paths, configuration: await workshop.configuration)
        guard !change.isEmpty else { return }
        var problems: [Diagnostic] = []
        var outcomes = Outcomes(begin: begin, now: now)
        // A page is told to load itself again once what it will load is there.
        var reloads = false
        if change.isConfiguration {
            do {
                try await workshop.reconfigure()
                reloads = true
            } catch {
                return finish(paths, SiteSession.diagnostics(error), [])
            }
        }
        let styling = change.sources.isEmpty ? nil : Task { await self.restyle() }
        if !change.sources.isEmpty { problems += await takeIn(change.sources, reloads: &reloads, &outcomes) }
        if problems.isEmpty || change.isDocs || change.isDocsFrame || change.isPublished {
            problems += await write(change, reloads: &reloads, &outcomes)
        } else {
            owesWrite = true
        }
        if let styling {
            let (swapped, styleProblems) = await styling.value
            if let swapped { outcomes.add("styles", at: swapped) }
            problems += styleProblems
        }
        if reloads, problems.isEmpty {
            send(.reload(pages: nil))
            outcomes.add("reload")
        }
        finish(paths, problems, outcomes.list)
        if change.touchesClient { checkTypes() }
    }

    /// Gives pages the new code.
    private func takeIn(_ sources: [String], reloads: inout Bool, _ outcomes: inout Outcomes) async -> [Diagnostic] {
        var problems: [Diagnostic] = []
        let all = broken.union(sources)
        var failing: Set<String> = []
        for path in all.sorted() where SiteChange.isScript(path) {
            do {
                try await workshop.compile(path)
            } catch {
                problems += SiteSession.diagnostics(error)
                failing.insert(path)
            }
        }
        // Pages go on with the old code, all of it, until everything can be taken in.
        guard failing.isEmpty else {
            broken = all
            return problems
        }
        broken = []
        switch await workshop.update(after: all.sorted()) {
        case .modules(let urls, _):
            guard !urls.isEmpty else { break }
            send(.update(urls.map { DevMessage.Module(path: SiteSession.path(ofModule: $0), url: $0) }))
            outcomes.add("updated")
        case .reload:
            reloads = true
        }
        return []
    }

    /// Tailwind makes its stylesheet from the class names in all sources, which takes longer than anything else here.
    ///
    /// - Returns: when pages were told of a new one.
    private func restyle() async -> (swapped: ContinuousClock.Instant?, [Diagnostic]) {
        do {
            guard let swap = try await workshop.refreshStyles() else { return (nil, []) }
            send(.styles([swap]))
            return (now(), [])
        } catch {
            return (nil, SiteSession.diagnostics(error))
        }
    }

    private func write(_ change: SiteChange, reloads: inout Bool, _ outcomes: inout Outcomes) async -> [Diagnostic] {
        do {
            let changes = try await workshop.write(onlyPages: change.isOnlyPages && !owesWrite)
            owesWrite = false
            guard !changes.isEmpty else { return [] }
            owesReload = await !reloadEdge()
            let message = PageChanges.message(changes, docs: await workshop.configuration.docs?.path)
            if case .reload(let pages?)? = message {
                if !reloads { send(.reload(pages: pages)) }
                outcomes.add(pages.count == 1 ? "1 page" : "\(pages.count) pages")
            } else if message != nil {
                reloads = true
            }
            return []
        } catch {
            owesWrite = true
            return SiteSession.diagnostics(error)
        }
    }

    private func finish(_ paths: [String], _ problems: [Diagnostic], _ outcomes: [SiteOutcome]) {
        let hadProblems = !board.all.isEmpty
        let isNew = board.set(problems, from: .site)
        if !problems.isEmpty {
            if isNew { report(.failed(paths: paths, problems)) }
            return
        }
        report(.rebuilt(paths: paths, outcomes))
        if hadProblems, board.all.isEmpty { report(.repaired) }
    }

    /// The compiler's opinion takes longer than a reload, so it comes after it.
    private func checkTypes() {
        types?.cancel()
        let previous = types
        types = Task {
            await previous?.value
            guard !Task.isCancelled else { return }
            var problems: [Diagnostic] = []
            do {
                try await workshop.checkTypes()
            } catch {
                problems = SiteSession.diagnostics(error)
            }
            guard !Task.isCancelled else { return }
            let hadProblems = !board.all.isEmpty
            guard board.set(problems, from: .types) else { return }
            if !problems.isEmpty { report(.typesFailed(problems)) }
            if hadProblems, board.all.isEmpty { report(.repaired) }
        }
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
