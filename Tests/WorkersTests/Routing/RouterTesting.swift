import HTTPTypes
import Testing
import Workers
import WorkersTesting

/// The environment of the routers in tests: nothing.
struct Env: WorkerEnvironment {
    init() {}
    init(_ bindings: Bindings) throws {}
}

/// A Worker that has no handlers; it lends its context.
private struct Blank: Worker {
    init() {}
    typealias Env = WorkersTests.Env
}

/// One call's context.
func makeContext(clock: TestClock = TestClock()) throws -> ExecutionContext {
    try TestWorker(Blank.self, clock: clock).makeContext()
}

extension Router where Env == WorkersTests.Env {
    /// Asks the router as a host would.
    func ask(
        _ method: HTTPRequest.Method, _ target: String, headers: Headers = [:], body: Body = .empty,
        scheme: String = "https", clock: TestClock = TestClock()
    ) async throws -> Response {
        let url = RequestURL(scheme: scheme, authority: "router.test", target: target)
        return try await handle(
            Request(method, url, headers: headers, body: body), env: Env(), context: makeContext(clock: clock))
    }

    func get(_ target: String, headers: Headers = [:]) async throws -> Response {
        try await ask(.get, target, headers: headers)
    }

    /// The text of the answer to GET.
    func text(_ target: String) async throws -> String { try await get(target).text() }
}

extension Response {
    /// The `code` of a problem document.
    var problemCode: String? { body.buffered.flatMap { try? JSON(parsing: $0)["code"]?.string } }
    /// The sentence of a problem document.
    var problemDetail: String? { body.buffered.flatMap { try? JSON(parsing: $0)["detail"]?.string } }
}

/// Random numbers that are the same in every run: SplitMix64.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// A request with a body, for the readers of bodies.
func post(_ contentType: String?, _ body: Body) -> Request {
    var headers = Headers()
    headers[.contentType] = contentType
    return Request(.post, RequestURL(authority: "test", path: "/"), headers: headers, body: body)
}

/// A stream that brings `bytes` in pieces of a size, its length unknown.
func stream(_ bytes: [UInt8], by size: Int) -> Body {
    let chunks = Swift.stride(from: 0, to: bytes.count, by: size).map { start in
        Array(bytes[start..<min(start + size, bytes.count)])
    }
    return Body(stream: BodyStream(chunks: chunks))
}
