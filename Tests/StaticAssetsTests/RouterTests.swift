import StaticAssets
import Testing

@Suite struct RouterTests {
    private func router(
        _ files: [String], _ settings: AssetSettings = AssetSettings(), worker: Bool = false, headers: String? = nil,
        redirects: String? = nil
    ) -> AssetRouter {
        let files = files.map { AssetFile(path: $0, bytes: Array($0.utf8)) }
        return AssetRouter(
            bundle: AssetBundle(files: files, headersFile: headers, redirectsFile: redirects), settings: settings,
            hasWorker: worker)
    }

    private func reason(_ router: AssetRouter, _ target: String, method: String = "GET") -> String {
        switch router.route(AssetRequest(method: method, target: target, host: "example.com")) {
        case .assets(let answer): "\(answer.status) \(answer.reason)"
        case .worker(let reason): "worker: \(reason)"
        }
    }

    @Test func `an answer says what decided it`() throws {
        let files = ["/index.html", "/guide.html", "/docs/index.html", "/a b.txt"]
        let spa = router(
            files, AssetSettings(notFoundHandling: .singlePageApplication),
            redirects: "/o /n\n/u/* /guide 200\n/v /zip 200\n")
        #expect(reason(spa, "/guide") == "200 file /guide.html")
        #expect(reason(spa, "/guide.html") == "307 html handling /guide.html")
        #expect(reason(spa, "/docs") == "307 html handling /docs/index.html")
        #expect(reason(spa, "//guide") == "307 spelling /guide.html")
        #expect(reason(spa, "/zip") == "200 single-page application /index.html")
        #expect(reason(spa, "/o") == "302 redirect rule (_redirects:1)")
        #expect(reason(spa, "/u/1") == "200 file /guide.html (_redirects:2)")
        #expect(reason(spa, "/guide", method: "POST") == "405 method not allowed /guide.html")

        let plain = router(files, redirects: "/v /zip 200\n")
        #expect(reason(plain, "/zip") == "404 nothing found")
        #expect(reason(plain, "/v") == "404 nothing found (_redirects:1)")

        let rules = try WorkerFirstRules(["/api/*", "!/api/docs"])
        let listed = router(
            files, AssetSettings(notFoundHandling: .notFoundPage, runWorkerFirst: .rules(rules)), worker: true)
        #expect(reason(listed, "/api/x") == "worker: run_worker_first /api/*")
        #expect(reason(listed, "/api/docs") == "404 nothing found (run_worker_first !/api/docs)")
        #expect(reason(listed, "/x") == "worker: no asset")
        #expect(
            reason(router(files, AssetSettings(runWorkerFirst: .always), worker: true), "/")
                == "worker: run_worker_first")
    }

    @Test func `our own site: deep links are pages, unknown paths honest, calls reach the Worker`() throws {
        let rules = try WorkerFirstRules(["/api/*", "/v0/*", "/v1/*"])
        let settings = AssetSettings(notFoundHandling: .notFoundPage, runWorkerFirst: .rules(rules))
        let site = router(["/index.html", "/404.html"], settings, worker: true, redirects: "/projects/* / 200\n")
        #expect(reason(site, "/projects/1/traces") == "200 file /index.html (_redirects:1)")
        #expect(reason(site, "/nope") == "404 not-found page /404.html")
        #expect(reason(site, "/api/v1/status") == "worker: run_worker_first /api/*")
    }

    @Test func `a rewrite to nothing counts as an answer and then gets the fallback`() {
        let settings = AssetSettings(notFoundHandling: .singlePageApplication)
        let site = router(["/index.html"], settings, worker: true, redirects: "/x /nothing 200\n")
        #expect(reason(site, "/x") == "200 single-page application /index.html (_redirects:1)")
        #expect(reason(site, "/y") == "worker: no asset")
    }

    @Test func `pages with the same bytes count as the same page`() {
        let page = Array("same".utf8)
        let bundle = AssetBundle(files: [
            AssetFile(path: "/x.html", bytes: page), AssetFile(path: "/x/index.html", bytes: page),
        ])
        let router = AssetRouter(
            bundle: bundle, settings: AssetSettings(htmlHandling: .forceTrailingSlash), hasWorker: false)
        #expect(reason(router, "/x.html") == "307 html handling /x.html")
    }

    @Test func `a page never redirects to where another file lives, not even one of the same bytes`() {
        let page = Array("same".utf8)
        let files = ["/a.html", "/a.html.html"].map { AssetFile(path: $0, bytes: page) }
        let router = AssetRouter(bundle: AssetBundle(files: files), settings: AssetSettings(), hasWorker: false)
        #expect(reason(router, "/a.html.html") == "200 file /a.html.html")
    }

    @Test func `an upper-case host is the same host to a header rule`() {
        let site = router(["/a"], headers: "https://a.example/*\n X: 1\n")
        let answer = site.fetch(AssetRequest(method: "GET", target: "/a", host: "A.Example:8787", scheme: "http"))
        #expect(answer.headers.contains(HeaderField("x", "1")))
    }

    @Test(
        "the content type follows the last ending",
        arguments: [
            ("/a.tar.gz", "application/gzip"), ("/a.JS", "text/javascript; charset=utf-8"), ("/.html", nil),
            ("/a.b/c", nil),
            ("/a.", nil), ("/x.svg", "image/svg+xml"), ("/é.é", nil),
        ] as [(String, String?)])
    func contentTypes(path: String, type: String?) {
        #expect(ContentType.of(path: path) == type)
    }

    @Test func `a content tag names bytes and ending, not the path`() {
        let tag = { AssetFile(path: $0, bytes: Array("x".utf8)).contentTag }
        #expect(tag("/a.js") == tag("/b/c.js"))
        #expect(tag("/a.js") != tag("/a.css"))
        // SHA-256 of "xjs".
        #expect(tag("/a.js") == "9631eb72b05bea9d41eb7182938f3906")
    }
}
