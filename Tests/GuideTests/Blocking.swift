import Testing
import Workers
import WorkersTesting

/// Computes for so long that it would hold up an event loop.
struct Blocking: Worker {
    static var execution: HandlerExecution { .blockingThreads }

    struct Env: WorkerEnvironment { init(_ bindings: Bindings) throws {} }

    func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
        .text("\((1...1000).reduce(0, +))")
    }
}

@Suite struct BlockingTests {
    @Test func `a Worker says that it blocks, and answers as any other`() async throws {
        guard case .blockingThreads = Blocking.execution else {
            Issue.record("The Worker runs on event loops.")
            return
        }
        #expect(try await TestWorker(Blocking.self).fetch("/").text() == "500500")
    }
}
