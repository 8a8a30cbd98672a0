import SiteBuilder

/// One running edge.
protocol EdgeLife: Sendable {
    var upstream: GateState.Upstream { get }
    /// Ends it: politely at first, within two seconds at most.
    func stop() async
    /// - Returns: how it ended.
    func waitForExit() async -> String
}

/// How edges are made. Tests put others in its place.
struct EdgeWorkshop: Sendable {
    enum Build: Sendable, Equatable {
        /// `stamp` is the same as long as the program is.
        case built(stamp: String)
        case failed([Diagnostic])
    }

    /// Compiles; stops when its task is cancelled.
    var build: @Sendable () async throws -> Build
    /// Starts the program and returns once it listens.
    var launch: @Sendable (_ generation: Int) async throws -> any EdgeLife
    var now: @Sendable () -> ContinuousClock.Instant = { .now }
}

/// Why an edge does not start, in words for the terminal.
struct EdgeStartFailure: Error, Equatable {
    var message: String
}

/// What happens to the edge, as it happens.
enum EdgeReport: Sendable, Equatable {
    case building
    case buildFailed([Diagnostic], keepsOld: Bool)
    /// It compiled, to the program that runs already.
    case unchanged
    case swapping
    case ready(generation: Int, Duration)
    case startFailed(String)
    case crashed(String, restarts: Bool)
}

/// Keeps one edge running: builds it, swaps it, starts it again when it crashes.
///
/// Two edges never run at once, since they share the lock of the local state; while there is none, the gate holds requests.
actor EdgeSupervisor {
    enum Need: Int, Comparable {
        case restart, build
        static func < (left: Need, right: Need) -> Bool { left.rawValue < right.rawValue }
    }

    private let workshop: EdgeWorkshop
    private let gate: EdgeGate
    private let report: @Sendable (EdgeReport) -> Void
    private var need: Need?
    private var work: Task<Void, Never>?
    private var building: Task<EdgeWorkshop.Build, any Error>?
    private var current: (any EdgeLife)?
    private var stamp: String?
    private var started: ContinuousClock.Instant?
    private var generation = 0
    private var isStopped = false

    init(workshop: EdgeWorkshop, gate: EdgeGate, report: @escaping @Sendable (EdgeReport) -> Void) {
        self.workshop = workshop
        self.gate = gate
        self.report = report
    }

    /// Asks for a new edge. A newer wish to build ends a build that is under way.
    func request(_ wish: Need) {
        guard !isStopped else { return }
        need = max(need ?? wish, wish)
        if wish == .build { building?.cancel() }
        if work == nil { work = Task { await self.run() } }
    }

    /// Ends the edge and whatever is under way.
    func stop() async {
        isStopped = true
        need = nil
        building?.cancel()
        gate.hold()
        await work?.value
        let life = current
        current = nil
        await life?.stop()
    }

    /// Returns once nothing is left to do.
    func settled() async { await work?.value }

    private func run() async {
        while let next = need, !isStopped {
            need = nil
            switch next {
            case .build: await rebuild()
            case .restart: await swap(from: workshop.now())
            }
        }
        work = nil
    }

    private func rebuild() async {
        let begin = workshop.now()
        report(.building)
        let task = Task { [workshop] in try await workshop.build() }
        building = task
        let result = await task.result
        building = nil
        // A newer change has made this build pointless, however it ended.
        if need == .build || isStopped { return }
        switch result {
        case .success(.built(let built)):
            if built == stamp, current != nil {
                report(.unchanged)
            } else {
                stamp = built
                await swap(from: begin)
            }
        case .success(.failed(let diagnostics)):
            failed(diagnostics)
        case .failure(let error):
            failed([Diagnostic(file: "Package.swift", message: "The edge could not be built: \(error)")])
        }
    }

    private func failed(_ diagnostics: [Diagnostic]) {
        report(.buildFailed(diagnostics, keepsOld: current != nil))
        if current == nil {
            gate.shut(.init(code: "edge_build_failed", message: "The edge does not compile; the terminal says where."))
        }
    }

    private func swap(from begin: ContinuousClock.Instant) async {
        if need == .restart { need = nil }
        gate.hold()
        report(.swapping)
        if let old = current {
            current = nil
            await old.stop()
        }
        guard !isStopped else { return }
        generation += 1
        do {
            let life = try await workshop.launch(generation)
            current = life
            started = workshop.now()
            gate.open(life.upstream)
            report(.ready(generation: generation, begin.duration(to: workshop.now())))
            Task { [weak self] in
                let how = await life.waitForExit()
                await self?.ended(life.upstream.generation, how)
            }
        } catch let failure as EdgeStartFailure {
            shut(failure.message)
        } catch {
            shut("\(error)")
        }
    }

    private func shut(_ message: String) {
        report(.startFailed(message))
        gate.shut(.init(code: "edge_not_started", message: "The edge does not start: \(message)"))
    }

    /// An edge that ended without being asked to. One that had run for a while gets another chance at once; one that
    /// fails at the start would only fail again.
    func ended(_ generation: Int, _ how: String) {
        guard !isStopped, let life = current, life.upstream.generation == generation else { return }
        current = nil
        let lived = started?.duration(to: workshop.now()) ?? .zero
        let restarts = lived >= .seconds(2)
        report(.crashed(how, restarts: restarts))
        if restarts {
            gate.hold()
            request(.restart)
        } else {
            gate.shut(.init(code: "edge_crashed", message: "The edge ended right after its start (\(how))."))
        }
    }
}
