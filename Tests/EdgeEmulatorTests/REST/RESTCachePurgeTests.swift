import EdgeServer
import HTTPTypes
import NIOPosix
import Testing
import Workers

@testable import EdgeEmulator

@Suite struct RESTCachePurgeTests {
    @Test(
        "a purge names files, tags, hosts, prefixes or everything",
        arguments: [
            (#"{"purge_everything":true}"#, true), (#"{"files":["http://lily.test/page?a=1"]}"#, true),
            (#"{"files":[{"url":"http://lily.test/page?a=1","headers":{"Origin":"x"}}]}"#, true),
            (#"{"tags":["ALL"]}"#, true), (#"{"hosts":["lily.test"]}"#, true),
            (#"{"prefixes":["lily.test/pa"]}"#, true), (#"{"files":["http://lily.test/page"]}"#, false),
            (#"{"tags":["other"]}"#, false), (#"{"prefixes":["lily.test/other"]}"#, false),
        ])
    func purges(body: String, isGone: Bool) async throws {
        try await RESTHarness.with { rest async throws in
            let server = EdgeServer(threads: 1)
            let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0)) { _ in
                Gateway(site: rest.live, worker: rest.runtime.worker)
            }
            let client = NetworkFetcher(
                group: MultiThreadedEventLoopGroup.singleton, options: NetworkOptions(addresses: .emulator))
            let url = RequestURL(scheme: "http", authority: "127.0.0.1:\(address?.port ?? 0)", target: "/page?a=1")
            #expect(try await client.fetch(Request(.get, url)).text() == "0")
            #expect(try await client.fetch(Request(.get, url)).text() == "0")
            let answer = try await rest.ask(
                .post, "/client/v4/zones/my-zone/purge_cache", Body(text: body), type: "application/json")
            #expect(answer.json?["result"]?.text == #"{"id":"my-zone"}"#)
            #expect(try await client.fetch(Request(.get, url)).text() == (isGone ? "1" : "0"))
            await client.stop()
            await server.stop(within: .seconds(5)) {}
        }
    }

    @Test(
        "what is not understood purges nothing",
        arguments: [
            "", "{}", "[]", #"{"purge_everything":false}"#, #"{"files":[]}"#, #"{"files":["/page"]}"#,
            #"{"files":[{}]}"#, #"{"tags":[""]}"#, #"{"tags":"all"}"#, #"{"tags":["all"],"other":["x"]}"#,
            #"{"prefixes":["https://lily.test/x"]}"#, #"{"prefixes":["/x"]}"#,
            #"{"tags":[\#(Array(repeating: "\"t\"", count: 101).joined(separator: ","))]}"#,
        ])
    func refuses(body: String) async throws {
        try await RESTHarness.with { rest async throws in
            let answer = try await rest.ask(.post, "/client/v4/zones/z/purge_cache", Body(text: body))
            #expect(answer.refusal == [400, 1012])
        }
    }
}
