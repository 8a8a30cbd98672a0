import HTTPTypes
import Testing
import Workers
import WorkersTesting

struct Notes: Worker {
    struct Env: WorkerEnvironment {
        let notes: any KVNamespace

        init(_ bindings: Bindings) throws {
            notes = try bindings.kv("NOTES")
        }
    }

    let router: Router<Env>

    init() throws {
        router = try Router { routes in
            routes.put("/notes/:name", String.self) { call, name in
                let text = try await call.request.text(limit: 10_000)
                try await call.env.notes.put(
                    name, text, expirationTTL: 3600,
                    metadata: .object([.init("length", .integer(text.count))]))
                return Response(.noContent)
            }
            routes.get("/notes/:name", String.self) { call, name in
                guard let text = try await call.env.notes.get(name) else {
                    throw Problem(
                        .notFound, code: "no_such_note",
                        "There is no note of this name.")
                }
                return .text(text)
            }
            routes.get("/notes") { call in
                var names: [JSON] = []
                for try await key in call.env.notes.keys() {
                    names.append(.string(key.name))
                }
                return .json(.array(names))
            }
        }
    }

    func fetch(
        _ request: Request, env: Env, context: ExecutionContext
    ) async throws -> Response {
        try await router.handle(request, env: env, context: context)
    }
}

@Suite struct NotesTests {
    @Test func `a note is gone after an hour`() async throws {
        let clock = TestClock()
        let notes = MemoryKV(now: clock.read)
        let worker = try TestWorker(
            Notes.self, bindings: ["NOTES": .kv(notes)], clock: clock)

        let stored = try await worker.fetch(
            "/notes/milk", method: .put, body: "Buy milk.")
        #expect(stored.status == .noContent)
        #expect(try await worker.fetch("/notes/milk").text() == "Buy milk.")

        clock.advance(by: 3600)
        #expect(try await worker.fetch("/notes/milk").status == .notFound)
    }

    @Test func `names come in order, and metadata without the value`() async throws {
        let clock = TestClock()
        let notes = MemoryKV(now: clock.read)
        let worker = try TestWorker(Notes.self, bindings: ["NOTES": .kv(notes)], clock: clock)
        for name in ["tea", "milk"] { _ = try await worker.fetch("/notes/\(name)", method: .put, body: "x") }
        #expect(try await worker.fetch("/notes").text() == #"["milk","tea"]"#)
        let page = try await notes.list()
        #expect(page.keys.first?.metadata?["length"]?.integer == 1)
    }

    @Test func `another location may see the old value for a minute`() async throws {
        let clock = TestClock()
        var behaviour = KVBehaviour()
        behaviour.consistency = .eventual
        let here = MemoryKV(behaviour: behaviour, now: clock.read)
        let there = here.at("Tokyo")

        try await here.put("colour", "red")
        #expect(try await there.get("colour") == "red")
        try await here.put("colour", "blue")
        #expect(try await there.get("colour") == "red")
        clock.advance(by: 60)
        #expect(try await there.get("colour") == "blue")
    }
}
