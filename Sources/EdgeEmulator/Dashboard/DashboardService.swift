import EdgeServer
import HTTPTypes
import Workers

/// The dashboard's pages and their data, on the services port.
final class DashboardService: Sendable {
    /// What answers below `/api/state`: method, path behind it, request. `nil` where it has no meaning.
    typealias StateAnswer = @Sendable (String, [String], Request) async throws -> JSON?

    let session: DashboardSession
    let hub = EventHub()
    let journal: RequestJournal
    let platform: LocalPlatform
    private let overview: DashboardOverview
    private let kv: DashboardKV
    private let r2: DashboardR2
    private let queues: DashboardQueues
    private let changes: ChangeTeller
    private let answersState: StateAnswer?

    /// - Parameter state: see `StateAnswer`.
    init(_ platform: LocalPlatform, about: DashboardOverview.About, state: StateAnswer? = nil) {
        self.platform = platform
        answersState = state
        session = DashboardSession(platform.credentials)
        let hub = hub
        let changes = ChangeTeller(hub)
        self.changes = changes
        let clock = platform.clock
        journal = RequestJournal(now: { clock.now }) { entry in
            hub.publish("request", id: entry.number, entry.json)
        }
        overview = DashboardOverview(platform, about)
        kv = DashboardKV(directory: KVDirectory(platform), state: changes)
        let r2State = platform.r2
        r2 = DashboardR2(
            buckets: r2State.buckets, statistics: { try await r2State.statistics(of: $0) }, state: changes)
        let queues = DashboardQueues(register: QueueRegister(platform), state: changes)
        self.queues = queues
        changes.queues = { queues.list() }
        platform.crons.observe { hub.publish("cron", $0.json) }
        platform.console.observe { level, message in
            hub.publish(
                "log",
                .object([
                    .init("time", .milliseconds(clock.now)), .init("level", .string(level)),
                    .init("message", .string(message)),
                ]))
        }
    }

    /// Tells what has changed in the queues, for as long as somebody looks.
    func watchQueues() async {
        var before: JSON?
        while (try? await Task.sleep(for: .milliseconds(500))) != nil {
            guard hub.hasSubscribers else { continue }
            let now = queues.list()
            if now != before { hub.publish("queues", now) }
            before = now
        }
    }

    /// Ends what would keep connections open.
    func close() { hub.close() }

    /// Answers one request; whatever goes wrong is an answer, too.
    func fetch(_ request: Request) async -> Response {
        var response: Response
        do {
            response = try await answer(request)
        } catch let problem as Problem {
            request.body.cancel()
            response = problem.response
        } catch let error as BodyTooLarge {
            response = Problem(.contentTooLarge, code: "body_too_large", error.description).response
        } catch let error as WorkersError {
            response = Problem(.badRequest, code: "invalid_request", error.message).response
        } catch {
            response = Problem(.internalServerError, code: "failed", "\(error)").response
        }
        response.headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        response.headers[.xContentTypeOptions] = "nosniff"
        return response
    }

    private func answer(_ request: Request) async throws -> Response {
        guard request.url.path.utf8.starts(with: "/api/".utf8) else { return page(request) }
        try session.check(request.method, request.headers, host: request.url.authority)
        let path = try DashboardService.segments(request.url.path)
        let rest = Array(path.dropFirst(2))
        switch path[1] {
        case "overview" where rest.isEmpty: return .json(try await overview.json(journal.count))
        case "kv": return try await kv.answer(rest, request)
        case "r2": return try await r2.answer(rest, request)
        case "queues": return try await queues.answer(rest, request)
        case "requests" where rest.isEmpty: return requests(request)
        case "events" where rest.isEmpty: return try events(request)
        case "crons": return try await crons(rest, request)
        case "clock" where rest.isEmpty: return try await moveClock(request)
        case "state":
            guard let answersState, let json = try await answersState(request.method.rawValue, rest, request) else {
                throw Problem.noRoute(request)
            }
            if request.method != .get {
                for part in ["kv", "r2", "queues"] { changes.changed(part) }
            }
            return json.isNull ? Response(.noContent) : .json(json)
        default: throw Problem.noRoute(request)
        }
    }

    /// The segments of a path, decoded one by one: a key may hold a slash.
    private static func segments(_ path: String) throws -> [String] {
        try path.utf8.dropFirst().split(separator: 0x2F, omittingEmptySubsequences: false).map { segment in
            let text: String? = Array(segment).withUnsafeBufferPointer { PercentCoding.decodedStrictly($0) }
            guard let text else {
                throw Problem(.badRequest, code: "invalid_path", "The path is not well encoded.")
            }
            return text
        }
    }

    // MARK: Pages

    /// For a browser that is not signed in: the way in.
    private func page(_ request: Request) -> Response {
        if request.method == .get, let token = request.query["token"], let response = session.signIn(token) {
            return response
        }
        let page = """
            <!doctype html><html lang="en"><meta charset="utf-8"><title>Lilypad</title><h1>Not signed in</h1>
            <p>The dashboard is open to whoever has its address with the token. Press <kbd>d</kbd> in the terminal of
            <code>lilypad-edge emulate</code>, or open the address that it printed at the start.</p></html>
            """
        return Response(
            .unauthorized, headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
            body: Body(text: page))
    }

    // MARK: Requests and events

    private func requests(_ request: Request) -> Response {
        let after = request.query["after"].flatMap { Int($0) } ?? 0
        let (entries, last) = journal.entries(after: after)
        return .json(
            .object([.init("requests", .array(entries.map(\.json))), .init("last", .integer(last))]))
    }

    private func events(_ request: Request) throws -> Response {
        var first: [[UInt8]] = [EventHub.event("queues", queues.list())]
        if let seen = request.headers[.lastEventID].flatMap({ Int($0) }) {
            // More than a page of them is better fetched.
            for entry in journal.entries(after: seen).entries.suffix(100) {
                first.append(EventHub.event("request", id: entry.number, entry.json))
            }
        }
        let stream = try hub.subscribe(first: first)
        return Response(
            .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: Body(stream: stream))
    }

    // MARK: Time

    private func crons(_ path: [String], _ request: Request) async throws -> Response {
        switch (request.method, path) {
        case (.get, []):
            let now = platform.clock.now
            let list = platform.fleet.members.flatMap { member in
                let worker = WorkerFleet.name(member.config)
                return member.crons.map { cron in
                    JSON.object([
                        .init("worker", .string(worker)), .init("cron", .string(cron.text)),
                        .init("next", cron.next(after: now).map { .milliseconds($0) } ?? .null),
                        .init("runs", .array(platform.crons.runs(of: cron.text, worker: worker).map(\.json))),
                    ])
                }
            }
            return .json(.object([.init("crons", .array(list))]))
        case (.post, ["run"]):
            let body = try await request.json(limit: 4096)
            let member = platform.fleet.members.first { WorkerFleet.name($0.config) == body["worker"]?.string }
            guard let member, let cron = member.crons.first(where: { $0.text == body["cron"]?.string }) else {
                throw Problem(.notFound, code: "no_cron", "No Worker has that trigger.")
            }
            return .json(await platform.runCron(member, cron).json)
        default: throw Problem.noRoute(request)
        }
    }

    private func moveClock(_ request: Request) async throws -> Response {
        guard request.method == .post else { throw Problem.noRoute(request) }
        guard let clock = platform.clock as? MovableClock else {
            throw Problem(
                .conflict, code: "clock_not_movable", "The clock is that of this machine.",
                hint: "Start with --movable-clock to move it.")
        }
        let body = try await request.json(limit: 4096)
        guard let seconds = body["advanceSeconds"]?.number, seconds >= 0, seconds <= 1e9 else {
            throw Problem(
                .badRequest, code: "invalid_clock", "advanceSeconds has to be a number from 0 to 1e9.")
        }
        clock.move(by: seconds)
        return .json(.object([.init("now", .milliseconds(clock.now))]))
    }
}

/// Tells the pages which part of the state has changed.
final class ChangeTeller: DashboardChanges, @unchecked Sendable {
    private let hub: EventHub
    /// Set once, before anything is told.
    var queues: (@Sendable () -> JSON)?

    init(_ hub: EventHub) { self.hub = hub }

    func changed(_ part: String) {
        hub.publish("state", .object([.init("changed", .array([.string(part)]))]))
        if part == "queues", let queues { hub.publish("queues", queues()) }
    }
}

extension HTTPField.Name {
    fileprivate static let lastEventID = HTTPField.Name("Last-Event-ID") ?? .via
}
