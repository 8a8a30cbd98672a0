import Testing
import Workers

@testable import EdgeEmulator

@Suite struct RESTBucketTests {
    @Test func `buckets are made, listed in pages and deleted once they are empty`() async throws {
        try await RESTHarness.with { rest async throws in
            for name in ["photos", "archive", "notes"] {
                let made = try await rest.result(.post, "/r2/buckets", #"{"name":"\#(name)"}"#)
                #expect(made["name"]?.string == name)
            }
            let again = try await rest.ask(.post, "/r2/buckets", Body(text: #"{"name":"photos"}"#))
            #expect(again.refusal == [400, 10004])
            #expect(try await rest.ask(.post, "/r2/buckets", Body(text: #"{"name":"A"}"#)).refusal == [400, 10005])
            let first = try await rest.ask(.get, "/r2/buckets?per_page=2")
            let names = first.json?["result"]?["buckets"]?.array?.map { $0["name"]?.string }
            #expect(names == ["archive", "notes"])
            let cursor = try #require(first.json?["result_info"]?["cursor"]?.string)
            let second = try await rest.ask(.get, "/r2/buckets?per_page=2&cursor=\(cursor)")
            #expect(second.json?["result"]?["buckets"]?.array?.map { $0["name"]?.string } == ["photos"])
            #expect(second.json?["result_info"]?["cursor"]?.string == "")
            let found = try await rest.result(.get, "/r2/buckets?name_contains=ot")["buckets"]
            #expect(found?.array?.map { $0["name"]?.string } == ["notes", "photos"])

            _ = try await rest.platform.r2.bucket("photos").put("a", "content")
            #expect(try await rest.ask(.delete, "/r2/buckets/photos").refusal == [400, 10008])
            try await rest.platform.r2.bucket("photos").delete("a")
            #expect(try await rest.result(.delete, "/r2/buckets/photos") == .object([]))
            #expect(try await rest.ask(.get, "/r2/buckets/photos").refusal == [404, 10006])
            #expect(try await rest.result(.get, "/r2/buckets/notes")["storage_class"]?.string == "Standard")
        }
    }
}
