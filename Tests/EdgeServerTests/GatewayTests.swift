import Logging
import NIOCore
import StaticAssets
import Testing
import Workers

@testable import EdgeServer

private struct App: Worker {
    struct Env: WorkerEnvironment {
        let assets: any AssetFetcher
        init(_ bindings: Bindings) throws { assets = try bindings.assets("ASSETS") }
    }

    struct Broken: Error {}

    func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
        switch request.url.path {
        case "/api/echo": return .text("\(request.method) \(request.url.query ?? "-") \(try await request.text())")
        case "/api/page": return try await env.assets.fetch(Request(.get, RequestURL(authority: "x", path: "/page")))
        case "/api/teapot": throw Problem(.init(code: 418), code: "teapot", "No coffee.")
        case "/api/none": return Response(.noContent)
        case "/api/interim": return Response(.init(code: 103))
        case "/api/empty": return Response(headers: [.contentType: "text/plain"])
        default: throw Broken()
        }
    }
}

@Suite struct GatewayTests {
    private let services = HostServices(now: { 0 })
    private static let script = String(repeating: "let a = 1\n", count: 100)

    private func site(_ headers: String = "") throws -> Site {
        let packed = PackedVariants(
            brotli: PackedFile(bytes: Array("BR".utf8)), gzip: PackedFile(bytes: Array("GZ".utf8)))
        let bundle = AssetBundle(
            files: [
                AssetFile(path: "/index.html", bytes: Array("home".utf8)),
                AssetFile(path: "/page.html", bytes: Array("page".utf8), packed: packed),
                AssetFile(path: "/a.js", bytes: Array(GatewayTests.script.utf8), packed: packed),
                AssetFile(path: "/K.js", bytes: Array("k".utf8)),
                AssetFile(path: "/404.html", bytes: Array("nothing here".utf8)),
            ], headersFile: headers, redirectsFile: "/old /page 301\n")
        let settings = AssetSettings(
            notFoundHandling: .notFoundPage, runWorkerFirst: .rules(try WorkerFirstRules(["/api/*"])))
        return Site(router: AssetRouter(bundle: bundle, settings: settings, hasWorker: true), bundleHash: nil)
    }

    /// Sends requests over one connection, one after the other, and returns what came back.
    private func send(_ requests: [String], headers: String = "", then change: ((LiveSite) throws -> Void)? = nil)
        async throws
        -> String
    {
        let live = LiveSite(try site(headers))
        let worker = try WorkerHost(
            App.self, bindings: Bindings(["ASSETS": .assets(SiteAssets(live))]), services: services,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let server = EdgeServer(threads: 1)
        let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0)) { _ in
            Gateway(site: live, worker: worker)
        }
        let client = try RawClient(port: address?.port ?? 0)
        for request in requests.dropLast() { client.send(request + "Host: example.com\r\n\r\n") }
        if let change {
            _ = client.read { $0.contains("HTTP/1.1") }
            try change(live)
        }
        client.send((requests.last ?? "") + "Host: example.com\r\nConnection: close\r\n\r\n")
        let text = client.read()
        await server.stop(within: .seconds(5))
        return text
    }

    @Test func `a client that unpacks brotli gets it, with a weak tag and Vary`() async throws {
        let text = try await send(["GET /a.js HTTP/1.1\r\nAccept-Encoding: gzip, br\r\n"])
        #expect(text.contains("content-encoding: br\r\n"))
        #expect(text.contains("etag: W/\""))
        #expect(text.contains("vary: Accept-Encoding\r\n"))
        #expect(text.hasSuffix("\r\n\r\nBR"))
    }

    @Test func `a client that unpacks nothing gets the file, with a strong tag and Vary all the same`() async throws {
        let text = try await send(["GET /a.js HTTP/1.1\r\n"])
        #expect(!text.contains("content-encoding"))
        #expect(text.contains("etag: \""))
        #expect(text.contains("vary: Accept-Encoding\r\n"))
        #expect(text.hasSuffix(GatewayTests.script))
    }

    @Test func `an answer kept ready differs with each client's wishes`() async throws {
        let text = try await send([
            "GET /a.js HTTP/1.1\r\nAccept-Encoding: br\r\n", "GET /a.js HTTP/1.1\r\nAccept-Encoding: gzip\r\n",
            "HEAD /a.js HTTP/1.1\r\n", "GET /a.js HTTP/1.1\r\nAuthorization: x\r\n",
            "GET /a.js HTTP/1.1\r\nRange: bytes=0-2\r\n",
        ])
        #expect(text.occurrences(of: "content-encoding: br") == 1)
        #expect(text.occurrences(of: "content-encoding: gzip") == 1)
        // The one for a signed-in client must not be kept by caches, so it has no Cache-Control from the asset layer.
        #expect(text.occurrences(of: "cache-control: public") == 4)
        #expect(text.hasSuffix("\r\n\r\nlet"))
    }

    @Test func `a range is of the identity bytes and keeps its Cache-Control`() async throws {
        let text = try await send(["GET /a.js HTTP/1.1\r\nAccept-Encoding: br\r\nRange: bytes=4-8\r\n"])
        #expect(text.hasPrefix("HTTP/1.1 206"))
        #expect(text.contains("content-range: bytes 4-8/1000\r\n"))
        #expect(text.contains("cache-control: public, max-age=0, must-revalidate\r\n"))
        #expect(!text.contains("content-encoding"))
        #expect(text.hasSuffix("\r\n\r\na = 1"))
    }

    @Test func `several ranges travel in one multipart answer`() async throws {
        let text = try await send(["GET /a.js HTTP/1.1\r\nRange: bytes=0-2,-2\r\n"])
        #expect(text.contains("content-type: multipart/byteranges; boundary="))
        #expect(text.contains("content-range: bytes 0-2/1000\r\n\r\nlet\r\n--"))
        #expect(text.contains("content-range: bytes 998-999/1000\r\n\r\n1\n\r\n--"))
    }

    @Test func `ranges nobody can have are 416, a stale If-Range gets the whole file`() async throws {
        #expect(
            try await send(["GET /a.js HTTP/1.1\r\nRange: bytes=5000-\r\n"]).contains("content-range: bytes */1000"))
        // A cache may not take the refusal for the file.
        #expect(try await !send(["GET /a.js HTTP/1.1\r\nRange: bytes=5000-\r\n"]).contains("cache-control"))
        let stale = try await send(["GET /a.js HTTP/1.1\r\nRange: bytes=0-1\r\nIf-Range: \"old\"\r\n"])
        #expect(stale.hasPrefix("HTTP/1.1 200"))
    }

    @Test func `both spellings of the tag revalidate, to the tag of what would have been sent`() async throws {
        let tag = AssetFile(path: "/a.js", bytes: Array(GatewayTests.script.utf8)).contentTag
        let text = try await send([
            "GET /a.js HTTP/1.1\r\nAccept-Encoding: br\r\nIf-None-Match: W/\"\(tag)\"\r\n",
            "GET /a.js HTTP/1.1\r\nIf-None-Match: \"\(tag)\"\r\n",
            "GET /a.js HTTP/1.1\r\n", "GET /a.js HTTP/1.1\r\nAccept-Encoding: br\r\nIf-None-Match: \"\(tag)\"\r\n",
        ])
        #expect(text.occurrences(of: "HTTP/1.1 304 Not Modified") == 3)
        #expect(text.occurrences(of: "etag: W/\"\(tag)\"") == 2)
    }

    @Test func `redirects, missing pages and wrong methods follow the asset rules`() async throws {
        let text = try await send([
            "GET /old HTTP/1.1\r\n", "GET /page.html HTTP/1.1\r\n", "GET /nowhere HTTP/1.1\r\n",
            "POST /page HTTP/1.1\r\n",
        ])
        #expect(text.contains("HTTP/1.1 301 Moved Permanently\r\nlocation: /page"))
        #expect(text.contains("HTTP/1.1 307 Temporary Redirect\r\nlocation: /page"))
        #expect(text.contains("HTTP/1.1 404 Not Found"))
        #expect(text.contains("nothing here"))
        #expect(text.contains("HTTP/1.1 405 Method Not Allowed"))
        // Cloudflare's asset layer sends none, and the local edge answers as it does.
        #expect(!text.contains("allow:"))
    }

    @Test func `header rules bound to a host apply to that host only`() async throws {
        let rules = "https://example.com/*\n  X-Host: yes\nhttps://other.example/*\n  X-Other: yes\n"
        let text = try await send(["GET /a.js HTTP/1.1\r\n", "GET /a.js HTTP/1.1\r\n"], headers: rules)
        #expect(text.occurrences(of: "x-host: yes") == 2)
        #expect(!text.contains("x-other"))
    }

    @Test func `a new site is live with the next request`() async throws {
        let text = try await send(["GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\n"]) { live in
            let bundle = AssetBundle(files: [AssetFile(path: "/index.html", bytes: Array("changed".utf8))])
            let router = AssetRouter(bundle: bundle, settings: AssetSettings(), hasWorker: false)
            live.replace(with: Site(router: router, bundleHash: nil))
        }
        #expect(text.hasSuffix("changed"))
    }

    @Test func `the Worker gets its paths, with query and body, and reaches the assets`() async throws {
        let text = try await send([
            "POST /api/echo?a=1 HTTP/1.1\r\nContent-Length: 0\r\n", "GET /api/page HTTP/1.1\r\n",
            "GET /api/none HTTP/1.1\r\n",
        ])
        #expect(text.contains("POST a=1 "))
        #expect(text.contains("\r\n\r\npage"))
        #expect(text.contains("HTTP/1.1 204 No Content"))
    }

    @Test func `HEAD of a Worker that sends no content claims no length`() async throws {
        let text = try await send(["HEAD /api/echo HTTP/1.1\r\n", "HEAD /api/empty HTTP/1.1\r\n"])
        #expect(text.occurrences(of: "content-length: 7\r\n") == 1)
        #expect(text.occurrences(of: "content-length") == 1)
        #expect(text.occurrences(of: "200 OK") == 2)
        #expect(try await send(["GET /api/empty HTTP/1.1\r\n"]).contains("content-length: 0\r\n"))
    }

    @Test func `a status that ends nothing is a 500`() async throws {
        #expect(try await send(["GET /api/interim HTTP/1.1\r\n"]).hasPrefix("HTTP/1.1 500"))
    }

    @Test func `an answer kept ready is for the same bytes, not for text that looks the same`() async throws {
        // U+212A, the sign for Kelvin, is canonically equivalent to the letter K.
        let text = try await send(["GET /K.js HTTP/1.1\r\n", "GET /\u{212A}.js HTTP/1.1\r\n"])
        #expect(text.occurrences(of: "HTTP/1.1 200") == 1)
    }

    @Test func `a thrown problem is an answer, any other error a 500 that tells nothing`() async throws {
        let text = try await send(["GET /api/teapot HTTP/1.1\r\n", "GET /api/broken HTTP/1.1\r\n"])
        #expect(text.contains("HTTP/1.1 418"))
        #expect(text.contains("\"code\":\"teapot\""))
        #expect(text.contains("HTTP/1.1 500"))
        #expect(text.contains("Reference: "))
        #expect(!text.contains("Broken"))
    }

    @Test func `a binding that is missing is named before anything listens`() throws {
        #expect(throws: MissingBindings.self) {
            _ = try WorkerHost(
                App.self, bindings: Bindings(["ASSETS": .text("x")]), services: services,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }
    }
}
