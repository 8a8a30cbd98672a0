import HTTPCaching
import HTTPTypes
import NIOCore
import Testing

@testable import EdgeServer

/// What a hit from memory looks like. It has to be what a transaction would have sent.
@Suite struct CacheProfileTests {
    private func stored(_ policy: CachePolicy) -> CachedResponse {
        var fields: HTTPFields = [
            .contentType: "text/plain", .cacheControl: "max-age=60", .age: "5", .date: "Sun, 24 May 2026 00:00:00 GMT",
            .eTag: "\"1\"",
        ]
        for name in ["Cache-Tag", "Cloudflare-CDN-Cache-Control"] {
            if let name = HTTPField.Name(name) { fields[name] = "max-age=30" }
        }
        return CachedResponse(
            status: 200, fields: fields, requestTime: 0, responseTime: 0, variant: [], content: .complete(size: 3),
            policy: policy)
    }

    private func text(_ profile: CacheProfile) -> String {
        String(buffer: profile.head(stored(profile.policy), size: 3).bytes).lowercased()
    }

    @Test func `Cloudflare's caches say that it is a hit, and keep to themselves what was for them`() {
        for profile in [FrontCache.profile, FetchCache.profile, CacheProfile(policy: .cloudflare, status: .cloudflare)]
        {
            let text = text(profile)
            #expect(text.contains("cf-cache-status: hit\r\n"))
            #expect(text.contains("content-length: 3\r\n"))
            #expect(text.contains("etag: \"1\"\r\n"))
            #expect(text.contains("date: sun, 24 may 2026 00:00:00 gmt\r\n"))
            #expect(!text.contains("\r\nage:"))
            #expect(!text.contains("cache-tag"))
            #expect(!text.contains("cloudflare-cdn-cache-control"))
        }
    }

    @Test func `a cache by the book passes on what it does not know, and says later how fresh it is`() {
        let text = text(CacheProfile(policy: .rfc, status: .cacheStatus))
        #expect(text.contains("cache-tag: max-age=30\r\n"))
        #expect(!text.contains("cf-cache-status"))
        #expect(!text.contains("cache-status"))
    }

    @Test func `each cache of a store serves its responses in its own way`() throws {
        var options = ResponseStore.Options()
        options.setProfiles { namespace in
            namespace == "one" ? FrontCache.profile : CacheProfile(policy: .rfc, status: .cacheStatus)
        }
        let store = try ResponseStore(options: options, now: { 0 })
        for namespace in ["one", "two"] {
            let key = StoreKey(namespace: namespace, primary: "/a")
            let writer = store.begin(key)
            _ = writer.write(ByteBuffer(string: "abc"))
            writer.commit(head: stored(options.policy(namespace)))
            let entry = try #require(store.variants(key).entries.first)
            #expect(String(buffer: entry.response.bytes).contains("CF-Cache-Status") == (namespace == "one"))
        }
    }
}
