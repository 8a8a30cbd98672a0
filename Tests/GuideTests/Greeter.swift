import Testing
import Workers
import WorkersTesting

struct Greeter: Worker {
    struct Env: WorkerEnvironment {
        let name: String

        init(_ bindings: Bindings) throws {
            name = try bindings.text("NAME")
        }
    }

    func fetch(
        _ request: Request, env: Env, context: ExecutionContext
    ) async throws -> Response {
        .text("Hello, \(env.name)!")
    }
}

@Suite struct GreeterTests {
    @Test func `the greeter knows the name`() async throws {
        let worker = try TestWorker(
            Greeter.self, bindings: ["NAME": .text("Ada")])
        let response = try await worker.fetch("/")
        #expect(try await response.text() == "Hello, Ada!")
    }

    @Test func `a binding that is missing is reported by name and kind`() {
        let error = #expect(throws: MissingBindings.self) { try TestWorker(Greeter.self) }
        #expect(
            error?.description == "NAME is missing in the configuration; the Worker needs it with the kind var.")
    }

    @Test func `a binding of another kind is reported, too`() {
        let error = #expect(throws: MissingBindings.self) {
            try TestWorker(Greeter.self, bindings: ["NAME": .json(.integer(7))])
        }
        #expect(
            error?.description
                == "NAME has the kind json var in the configuration; the Worker needs the kind var.")
    }
}
