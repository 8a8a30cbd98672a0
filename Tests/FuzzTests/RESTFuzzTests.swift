import Testing
import Workers

@testable import EdgeEmulator

@Suite struct RESTFuzzTests {
    private static let base = "/client/v4/accounts/a/"
    private static let paths = [
        base + "storage/kv/namespaces/n/values/a%2Fb%C3%A9", base + "storage/kv/namespaces/n/bulk/delete",
        base + "queues/q/messages/pull", base + "r2/buckets/b", "/client/v4/zones/z/purge_cache",
    ]
    private static let tokens = [
        "/", "//", "%", "%2F", "%25", "%c3%a9", "%ff", "..", "values", "metadata", "keys", "bulk", "queues",
        "consumers",
        "accounts", "zones", "é", "?", "#",
    ]

    @Test func `a path names one thing or is refused, and a key in it is decoded once`() {
        var fuzzer = Fuzzer(longest: 300)
        let failure = fuzzer.run(Self.paths, tokens: Self.tokens) { input in
            let text = String(decoding: input, as: UTF8.self)
            let refusal: RESTError?
            do throws(RESTError) {
                let router = try RESTRouter(text)
                guard text.hasPrefix("/client/v4/"), router.account != "" else { return false }
                refusal = nil
            } catch {
                refusal = error
            }
            if let refusal, refusal.code != 7003, refusal.code != 10001 { return false }
            // Whatever the input is, as a key it survives.
            let path = Self.base + "storage/kv/namespaces/n/values/" + text.encodedAsPathSegment
            guard case .value("n", let key)? = try? RESTRouter(path).route else { return false }
            return key.utf8.elementsEqual(text.utf8)
        }
        #expect(failure == nil)
    }

    @Test func `a purge is understood or refused`() {
        var fuzzer = Fuzzer(longest: 300)
        let examples = [
            #"{"files":["https://lily.test/a?b",{"url":"http://x"}]}"#, #"{"tags":["a"],"hosts":["b"]}"#,
            #"{"prefixes":["lily.test/a"]}"#, #"{"purge_everything":true}"#,
        ]
        let tokens = [#""files""#, #""tags""#, "[", "]", "{", "}", ":", ",", "true", #""url""#, #""https://a/""#]
        let failure = fuzzer.run(examples, tokens: tokens) { input in
            guard let json = try? JSON(parsing: input) else { return true }
            guard let purge = try? CachePurgeCall.parsed(json) else { return true }
            return purge.everything
                || !purge.files.isEmpty || !purge.tags.isEmpty || !purge.hosts.isEmpty || !purge.prefixes.isEmpty
        }
        #expect(failure == nil)
    }
}
