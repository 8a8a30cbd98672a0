import HTTPTypes
import Testing
import Workers

@Suite struct BodyLimitTests {
    private func router(_ called: Counter = Counter()) throws -> Router<Env> {
        try Router { routes in
            routes.use(BodyLimit(bytes: 10))
            routes.post("/") { call in
                called.add()
                return .text("\(try await call.request.bytes().count)")
            }
            routes.post("/ignored") { _ in .text("not read") }
        }
    }

    @Test func `what fits passes, in memory and as a stream`() async throws {
        let bytes = [UInt8](repeating: 1, count: 10)
        #expect(try await router().ask(.post, "/", body: Body(bytes: bytes)).text() == "10")
        #expect(try await router().ask(.post, "/", body: stream(bytes, by: 3)).text() == "10")
        #expect(try await router().ask(.post, "/").text() == "0")
    }

    @Test func `a declared length above the limit is refused before the handler`() async throws {
        let called = Counter()
        let flag = Flag()
        let body = Body(stream: BodyStream(onCancel: { flag.raise() }) { [1] })
        let declared = try await router(called).ask(.post, "/", headers: [.contentLength: "11"], body: body)
        #expect(declared.status == .contentTooLarge && declared.problemCode == "body_too_large")
        let known = try await router(called).ask(.post, "/", body: Body(text: "12345678901"))
        #expect(known.status == .contentTooLarge)
        #expect(called.value == 0 && flag.isRaised)
    }

    @Test func `a stream is cut off where it grows beyond the limit`() async throws {
        let flag = Flag()
        let asked = Counter()
        let body = Body(
            stream: BodyStream(onCancel: { flag.raise() }) {
                asked.add()
                return [1, 2, 3, 4]
            })
        let response = try await router().ask(.post, "/", body: body)
        #expect(response.status == .contentTooLarge && response.problemCode == "body_too_large")
        #expect(flag.isRaised && asked.value == 3)
    }

    @Test func `a body that nobody reads costs nothing`() async throws {
        let body = Body(stream: BodyStream { [UInt8](repeating: 0, count: 100) })
        #expect(try await router().ask(.post, "/ignored", body: body).text() == "not read")
    }
}
