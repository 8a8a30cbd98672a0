import HTTPTypes
import Synchronization
import Workers

/// The outside world of a test: answers the requests that the test expects, and no others.
///
/// ```swift
/// let outside = ScriptedFetcher(clock: clock)
/// outside.expect(.get, "https://rates.example/eur").answer(.json(.object([.init("usd", .number(1.1))])))
/// outside.expect(.post, "https://mail.example/send", headers: [.authorization: "Bearer k"]).fail("connection refused")
/// let worker = try TestWorker(Shop.self, clock: clock, fetcher: outside)
/// …
/// try outside.verify()
/// ```
/// Redirects, time limits and size limits are those of the real fetcher: it is the same code over another transport.
public final class ScriptedFetcher: Fetcher {
    private let script: Script
    private let fetcher: RedirectingFetcher

    /// - Parameters:
    ///   - clock: delays and time limits pass by it.
    ///   - counting: wraps what answers a single request, as a host wraps the network to count subrequests.
    public init(
        clock: TestClock = TestClock(), counting: (any FetchTransport) -> any FetchTransport = { MeteredTransport($0) }
    ) {
        script = Script(clock: clock)
        fetcher = RedirectingFetcher(transport: counting(script), clock: clock.forFetching)
    }

    public func fetch(_ request: Request) async throws -> Response { try await fetcher.fetch(request) }

    public func fetch(_ request: Request, options: FetchOptions) async throws -> Response {
        try await fetcher.fetch(request, options: options)
    }

    /// Adds a request to the script. Of several that match, the first that has not come often enough answers.
    ///
    /// - Parameters:
    ///   - url: the whole URL with its query.
    ///   - headers: fields that the request must have; it may have more.
    ///   - body: what the request must carry; anything if not given.
    /// - Returns: the place where its answer is said; 200 without content until then.
    @discardableResult
    public func expect(
        _ method: HTTPRequest.Method, _ url: String, headers: Headers = [:], body: String? = nil
    ) -> Expectation {
        let expected = ExpectedRequest(method: method, url: url, headers: headers, body: body.map { Array($0.utf8) })
        return Expectation(script, script.add(expected))
    }

    /// Every single request so far, also those that a redirect caused.
    public var requests: [RecordedRequest] { script.recorded }

    /// A line for each expected request that did not come as often as expected.
    public var unused: [String] { script.unused }

    /// - Throws: `UnfulfilledScript` when requests came that nobody expected, or did not come that were expected. A handler
    ///   may have caught the error of an unexpected request; here it comes to light.
    public func verify() throws {
        let problems = script.unexpected + unused.map { "Expected, but not made: \($0)." }
        if !problems.isEmpty { throw UnfulfilledScript(problems: problems) }
    }

    /// One expected request, whose answer can be said.
    public struct Expectation: Sendable {
        private let script: Script
        private let index: Int

        fileprivate init(_ script: Script, _ index: Int) {
            self.script = script
            self.index = index
        }

        /// The answer. A body that is a stream can be given once; use the closure form for more.
        @discardableResult
        public func answer(_ response: Response) -> Expectation {
            answer { _ in
                var copy = response
                if response.body.buffered != nil { copy.body = try response.body.clone() }
                return copy
            }
        }

        /// An answer that depends on the request or takes its time.
        @discardableResult
        public func answer(_ make: @escaping @Sendable (Request) async throws -> Response) -> Expectation {
            script.change(index) { $0.answer = make }
            return self
        }

        /// A redirect to `location`.
        @discardableResult
        public func redirect(_ status: HTTPResponse.Status = .found, to location: String) -> Expectation {
            answer(Response(status, headers: [.location: location]))
        }

        /// A connection that fails before there is a response.
        ///
        /// - Parameter reason: one sentence, which the error's text ends with.
        @discardableResult
        public func fail(_ reason: String = "The connection was closed.") -> Expectation {
            answer { _ in throw WorkersError.connectionLost(reason) }
        }

        /// Lets seconds of the test's clock pass before the answer begins.
        @discardableResult
        public func after(_ seconds: Double) -> Expectation {
            script.change(index) { $0.delay = seconds }
            return self
        }

        /// How often the request comes; once if not said.
        @discardableResult
        public func times(_ count: Int) -> Expectation {
            script.change(index) { $0.times = count }
            return self
        }

        /// The request may come any number of times, also never.
        @discardableResult
        public func anyTimes() -> Expectation {
            script.change(index) { $0.times = nil }
            return self
        }
    }
}

/// What went otherwise than a test's script said.
public struct UnfulfilledScript: Error, Sendable, Hashable, CustomStringConvertible {
    public var problems: [String]

    public var description: String { problems.joined(separator: "\n") }
}

/// The script as a transport: it answers single requests.
private final class Script: FetchTransport {
    private struct State {
        var expected: [ExpectedRequest] = []
        var came: [Int] = []
        var recorded: [RecordedRequest] = []
        var unexpected: [String] = []
    }

    private let clock: TestClock
    private let state = Mutex(State())

    init(clock: TestClock) { self.clock = clock }

    var recorded: [RecordedRequest] { state.withLock { $0.recorded } }
    var unexpected: [String] { state.withLock { $0.unexpected } }

    var unused: [String] {
        state.withLock { state in
            zip(state.expected, state.came).compactMap { expected, came in
                guard let times = expected.times, came < times else { return nil }
                return times == 1 ? expected.text : "\(expected.text) (\(came) of \(times) times)"
            }
        }
    }

    func add(_ expected: ExpectedRequest) -> Int {
        state.withLock { state in
            state.expected.append(expected)
            state.came.append(0)
            return state.expected.count - 1
        }
    }

    func change(_ index: Int, _ body: (inout ExpectedRequest) -> Void) {
        state.withLock { body(&$0.expected[index]) }
    }

    func send(_ request: Request) async throws -> Response {
        let bytes = try await request.body.bytes()
        let recorded = RecordedRequest(
            method: request.method, url: request.url, headers: request.headers, body: bytes)
        let expected = try state.withLock { state in
            state.recorded.append(recorded)
            return try Script.find(recorded, in: &state)
        }
        if expected.delay > 0 { try await clock.sleep(until: clock.now + expected.delay) }
        try Task.checkCancellation()
        var again = request
        again.body = request.body.isNull ? .empty : Body(bytes: bytes)
        return try await expected.answer(again)
    }

    private static func find(_ request: RecordedRequest, in state: inout State) throws -> ExpectedRequest {
        var usedUp = false
        for (index, expected) in state.expected.enumerated() where expected.difference(from: request) == nil {
            if let times = expected.times, state.came[index] >= times {
                usedUp = true
                continue
            }
            state.came[index] += 1
            return expected
        }
        let message = sentence(about: request, state, usedUp: usedUp)
        state.unexpected.append(message)
        throw WorkersError(.error, message)
    }

    /// What was asked, and what the script has instead.
    private static func sentence(about request: RecordedRequest, _ state: State, usedUp: Bool) -> String {
        let asked = "Unexpected request: \(request.line)."
        if usedUp { return asked + " It is expected, but came more often than it should." }
        if state.expected.isEmpty { return asked + " None is expected." }
        let near = state.expected.first { $0.method == request.method && $0.url == request.url.text }
        if let near, let difference = near.difference(from: request) {
            return asked + " Expected was \(near.text), but \(difference)."
        }
        var open = zip(state.expected, state.came).filter { expected, came in came < expected.times ?? .max }.map(
            \.0.text)
        if open.isEmpty { return asked + " All expected requests have come." }
        if open.count > 5 { open = open.prefix(5) + ["\(open.count - 5) more"] }
        return asked + " Expected: " + open.joined(separator: "; ") + "."
    }
}
