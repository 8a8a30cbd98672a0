import HTTPCaching
import Testing

/// RFC 9211.
@Suite struct CacheStatusTests {
    @Test(
        "is written as a structured field",
        arguments: [
            (CacheStatus(cache: "Lilypad", timeToLive: 30), "Lilypad; hit; ttl=30"),
            (
                CacheStatus(cache: "Lilypad", timeToLive: -3, detail: "max-stale"),
                "Lilypad; hit; ttl=-3; detail=max-stale"
            ),
            (
                CacheStatus(cache: "Lilypad", forward: .uriMiss, isStored: true, isCollapsed: true),
                "Lilypad; fwd=uri-miss; stored; collapsed"
            ),
            (
                CacheStatus(
                    cache: "Lilypad", forward: .stale, forwardStatus: 304, timeToLive: 10, key: "https://a/\"b\""),
                "Lilypad; fwd=stale; fwd-status=304; ttl=10; key=\"https://a/\\\"b\\\"\""
            ),
            (
                CacheStatus(cache: "edge of a pond", forward: .bypass, detail: "two words"),
                "\"edge of a pond\"; fwd=bypass; detail=\"two words\""
            ),
            (CacheStatus(cache: "1\u{E9}\n", forward: .method), "\"1???\"; fwd=method"),
        ])
    func text(status: CacheStatus, expected: String) {
        #expect(status.text == expected)
    }

    @Test func `every reason has its name`() {
        #expect(
            CacheStatus.Forward.allCases.map(\.rawValue)
                == ["bypass", "method", "uri-miss", "vary-miss", "request", "stale", "partial"])
    }

    @Test func `an answer says how it came about`() {
        let story = Story("Cache-Control: max-age=10", "ETag: \"a\"")
        #expect(story.answer(at: 3.5)?.cacheStatus.text == "Lilypad; hit; ttl=6")
        #expect(Story().forward()?.status(cache: "Lilypad", isStored: true).text == "Lilypad; fwd=uri-miss; stored")
        #expect(
            story.forward(at: 20)?.status(cache: "Lilypad", forwardStatus: 304).text
                == "Lilypad; fwd=stale; fwd-status=304")
        #expect(story.forward("Cache-Control: no-cache")?.reason == .request)
    }

    @Test(
        "the same in Cloudflare's words",
        arguments: [
            (CacheStatus(cache: "a"), nil, CloudflareCacheStatus.hit),
            (CacheStatus(cache: "a", detail: "stale-while-revalidate"), nil, .updating),
            (CacheStatus(cache: "a", detail: "max-stale"), nil, .stale),
            (CacheStatus(cache: "a", forward: .stale, forwardStatus: 503, detail: "stale-if-error"), nil, .stale),
            (CacheStatus(cache: "a", forward: .uriMiss), nil, .miss),
            (CacheStatus(cache: "a", forward: .varyMiss), .status, .miss),
            (CacheStatus(cache: "a", forward: .uriMiss), .cookies, .bypass),
            (CacheStatus(cache: "a", forward: .uriMiss), .isPrivate, .bypass),
            (CacheStatus(cache: "a", forward: .stale, forwardStatus: 304), nil, .revalidated),
            (CacheStatus(cache: "a", forward: .stale, forwardStatus: 200), nil, .expired),
            (CacheStatus(cache: "a", forward: .request, forwardStatus: 304), nil, .revalidated),
            (CacheStatus(cache: "a", forward: .bypass), nil, .bypass),
            (CacheStatus(cache: "a", forward: .bypass, detail: "ineligible"), nil, .dynamic),
            (CacheStatus(cache: "a", forward: .method), nil, .dynamic),
        ] as [(CacheStatus, StorageRefusal?, CloudflareCacheStatus)])
    func cloudflare(status: CacheStatus, refusal: StorageRefusal?, expected: CloudflareCacheStatus) {
        #expect(CloudflareCacheStatus(status, refusal: refusal) == expected)
    }
}
