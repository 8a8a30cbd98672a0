import FoundationEssentials
import NIOHTTP1
import SiteBuilder
import Testing

@testable import lilypad

@Suite struct OutagePageTests {
    @Test func `what the compiler says stays text, also where an accent follows a bracket`() {
        let page = OutagePage.html("<\u{301}b> & \u{1B}[1m")
        #expect(page.contains("<pre>&lt;\u{301}b&gt; &amp; \u{FFFD}[1m</pre>"))
    }
}

@Suite struct EdgeChangeTests {
    @Test(
        "what a changed file means for the edge",
        arguments: [
            ("edge/Status/Status.swift", EdgeChange.build), ("edge/Migrations/001.sql", .build),
            ("Package.swift", .build),
            ("Sources/EdgeServer/HTTP/Exchange.swift", .build), ("wrangler.toml", .restart), (".dev.vars", .restart),
            (".dev.vars.staging", .restart), ("Sources/SiteBuilder/Core/Diagnostic.swift", .ourselves),
            ("Sources/lilypad/Dev/DevCommand.swift", .ourselves), ("README.md", .nothing), ("edge.txt", .nothing),
        ])
    func meaning(path: String, change: EdgeChange) {
        #expect(EdgeChange.of(path) == change)
    }

    @Test func `building comes before restarting when a batch asks for both`() {
        #expect(["wrangler.toml", "edge/a.swift", "README.md"].map { EdgeChange.of($0) }.max() == .build)
    }
}

@Suite struct SwiftDiagnosticsTests {
    private let output = """
        Building for debugging...
        [1/3] Compiling LilypadWorker Status.swift
        /project/edge/Status.swift:3:5: error: cannot find 'foo' in scope
        1 |\u{20}
        2 | func a() {
        3 |     foo()
          |     `- error: cannot find 'foo' in scope
        /project/edge/Status.swift:9:1: warning: never used
        /project/edge/Status.swift:3:5: error: cannot find 'foo' in scope
        error: fatalError
        """

    @Test func `an error is told once, with its place and its line`() {
        let errors = SwiftDiagnostics.errors(in: output, root: "/project")
        #expect(errors.count == 1)
        #expect(errors.first?.place == "edge/Status.swift:3:5")
        #expect(errors.first?.message == "Cannot find 'foo' in scope.")
        #expect(errors.first?.sourceLine == "    foo()")
    }

    @Test func `an error without a place is told when there is no other`() {
        let errors = SwiftDiagnostics.errors(in: "error: link command failed\n", root: "/project")
        #expect(errors.map(\.message) == ["Link command failed."])
    }
}

@Suite struct SiteChangeTests {
    private var configuration: SiteConfiguration {
        var configuration = SiteConfiguration(title: "", description: "", baseURL: "https://example.com")
        configuration.client = .init()
        configuration.docs = .init()
        return configuration
    }

    private func change(_ paths: String...) -> SiteChange { SiteChange(paths, configuration: configuration) }

    @Test func `modules, pages, frames and published files are told apart`() {
        #expect(change("app/b.tsx", "app/a.css").sources == ["app/a.css", "app/b.tsx"])
        #expect(change("docs/guide.md").isOnlyPages)
        #expect(change("docs/guide.md").isDocs)
        #expect(!change("docs/_docs.css").isOnlyPages)
        #expect(!change("docs/_docs.css").touchesClient)
        #expect(change("public/robots.txt").isPublished)
        #expect(change("app/index.html").isPublished)
        #expect(change("site.toml").isConfiguration)
        #expect(change("standins/react-query/src/query.ts").isConfiguration)
    }

    @Test func `tests of the site are not part of it`() {
        #expect(change("app/status/status.test.ts").isEmpty)
    }
}

@Suite struct PageChangesTests {
    private func message(_ paths: String...) -> DevMessage? {
        var changes = IncrementalOutput.Changes()
        changes.written = paths.map { "public/" + $0 }
        return PageChanges.message(changes, docs: "/docs")
    }

    @Test func `a page of the docs concerns those who read it`() {
        #expect(message("docs/guide.html", "docs/search-index.json", "sitemap.xml") == .reload(pages: ["/docs/guide"]))
        #expect(message("docs/index.html", "docs/api/index.html") == .reload(pages: ["/docs", "/docs/api"]))
    }

    @Test func `the application's page, the rules and published files concern all`() {
        #expect(message("index.html") == .reload(pages: nil))
        #expect(message("_headers", "docs/guide.html") == .reload(pages: nil))
        #expect(message("favicon.svg") == .reload(pages: nil))
    }

    @Test func `hashed files and indexes concern nobody by themselves`() {
        #expect(message("assets/docs-0123456789abcdef.css", "docs/search-index.json", "llms.txt", "404.html") == nil)
    }

    @Test func `many pages are told together`() {
        var changes = IncrementalOutput.Changes()
        changes.written = (0..<80).map { "public/docs/page-\($0).html" }
        #expect(PageChanges.message(changes, docs: "/docs") == .reload(pages: ["/docs/*"]))
    }
}

@Suite struct MessageHistoryTests {
    @Test func `a page that was away hears what it missed, and only that`() {
        var history = MessageHistory(session: "s")
        let first = history.add("{\"a\":1}", isState: false)
        let seen = history.position
        _ = history.add("{\"state\":1}", isState: true)
        let second = history.add("{\"a\":2}", isState: false)
        #expect(history.missed(since: seen) == [second])
        #expect(history.missed(since: "s-0") == [first, second])
        #expect(history.missed(since: history.position) == [])
        #expect(first == "id: s-1\ndata: {\"a\":1}\n\n")
    }

    @Test func `a page of another session, or one too far behind, cannot catch up`() {
        var history = MessageHistory(session: "s")
        #expect(history.missed(since: "old-3") == nil)
        #expect(history.missed(since: "s-3") == nil)
        for _ in 0...MessageHistory.length { _ = history.add("{}", isState: false) }
        #expect(history.missed(since: "s-0") == nil)
        #expect(history.missed(since: "s-2")?.count == MessageHistory.length - 1)
    }
}

@Suite struct LocalRequestTests {
    @Test(
        "only names that always mean this machine are let in",
        arguments: [
            ("127.0.0.1:8787", nil, true), ("localhost:8787", "http://localhost:8787", true), ("[::1]:8787", nil, true),
            ("app.localhost", nil, true), ("rebound.example:8787", nil, false), ("127.0.0.1.example", nil, false),
            ("localhost:8787", "https://evil.example", false), ("localhost:8787", "null", false),
            ("127.0.0.1", "", false),
        ] as [(String, String?, Bool)])
    func isLocal(host: String, origin: String?, expected: Bool) {
        var headers = HTTPHeaders([("host", host)])
        if let origin { headers.add(name: "origin", value: origin) }
        #expect(LocalRequest.isLocal(headers) == expected)
    }
}

@Suite struct ContentLedgerTests {
    @Test func `only new content counts as a change`() {
        final class Files { var content: [String: String] = ["a": "1", "b": "2"] }
        let files = Files()
        var ledger = ContentLedger { path in files.content[path].map { Data($0.utf8) } }
        ledger.note(["a", "b"])
        #expect(ledger.changed(among: ["a", "b"]) == [])
        files.content["a"] = "changed"
        files.content["b"] = nil
        files.content["c"] = "new"
        #expect(ledger.changed(among: ["a", "b", "c", "folder"]) == ["a", "b", "c"])
        #expect(ledger.changed(among: ["a", "b", "c", "folder"]) == [])
    }

    @Test("scratch files of editors are no files", arguments: ["x/.a.tsx.swp", "x/a.tsx~", "x/.#a.tsx", "x/4913"])
    func scratch(path: String) {
        #expect(FileTree.isScratch(path))
        #expect(!FileTree.isScratch("x/a.tsx"))
    }
}

@Suite struct EdgeLogLineTests {
    @Test func `a request reads as on a terminal`() {
        let line = EdgeLogLine(
            "{\"time\":\"t\",\"level\":\"info\",\"event\":\"request\",\"method\":\"GET\",\"target\":\"/a\",\"status\":200,"
                + "\"bytes\":3,\"milliseconds\":1.26,\"completed\":true,\"source\":\"worker\",\"reason\":\"rule\"}")
        #expect(line?.text(colors: false) == "GET /a 200 1.2 ms worker rule")
    }

    @Test func `what is no record stays as it is`() {
        #expect(EdgeLogLine("listening app unix:/x") == nil)
        #expect(EdgeLogLine("{broken") == nil)
    }
}

@Suite struct RelayedFieldsTests {
    @Test func `fields of one connection end with it`() {
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: "/",
            headers: [
                "Host": "a", "Connection": "close, X-Hop", "X-Hop": "1", "TE": "trailers", "Expect": "100-continue",
                "X-End": "2",
            ])
        #expect(RelayedFields.request(head).headers.map(\.name) == ["Host", "X-End"])
    }

    @Test func `a body keeps its framing, and a method that may have one says when it has none`() {
        func framed(_ headers: HTTPHeaders) -> [String] {
            let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/", headers: headers)
            return RelayedFields.request(head).headers.map { "\($0.name): \($0.value)" }
        }
        #expect(framed(["Transfer-Encoding": "chunked"]) == ["transfer-encoding: chunked"])
        #expect(framed(["Content-Length": "5"]).map { $0.lowercased() } == ["content-length: 5"])
        #expect(framed([:]) == ["content-length: 0"])
    }
}
