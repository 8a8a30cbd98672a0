import Foundation
import HTTPTypes
import Testing
import Workers

/// The examples in the documentation of each middleware, compiled and run. The text between the marks is the example.
@Suite struct ExampleTests {
    @Test func `CORS lets the page of the example read the answer`() async throws {
        // example: CORS
        let router = try Router<Env> { routes in
            routes.use(try CORS(origins: ["https://app.example.com"], credentials: true))
            routes.get("/status") { call in .text("well") }
        }
        // end of example
        let response = try await router.get("/status", headers: [.origin: "https://app.example.com"])
        #expect(response.headers[.accessControlAllowOrigin] == "https://app.example.com")
        #expect(response.headers[.accessControlAllowCredentials] == "true")
    }

    @Test func `ETag spares a client what it has`() async throws {
        // example: ETag
        let router = try Router<Env> { routes in
            routes.use(ETag())
            routes.get("/prices") { call in .text("coffee 2.40\ntea 1.90\n") }
        }
        // end of example
        let tag = try #require(try await router.get("/prices").headers[.eTag])
        #expect(try await router.get("/prices", headers: [.ifNoneMatch: tag]).status == .notModified)
    }

    @Test func `SecureHeaders forbids sniffing`() async throws {
        // example: SecureHeaders
        let router = try Router<Env> { routes in
            routes.use(SecureHeaders())
            routes.get("/status") { call in .text("well") }
        }
        // end of example
        #expect(try await router.get("/status").headers[.xContentTypeOptions] == "nosniff")
    }

    @Test func `BodyLimit refuses a note that is too long`() async throws {
        // example: BodyLimit
        let router = try Router<Env> { routes in
            routes.use(BodyLimit(bytes: 1 << 20))
            routes.post("/notes") { call in
                let note = try await call.request.text()
                return .text("\(note.count) characters", status: .created)
            }
        }
        // end of example
        #expect(try await router.ask(.post, "/notes", body: "short").text() == "5 characters")
        let long = Body(bytes: [UInt8](repeating: 0x61, count: 1 << 20 + 1))
        #expect(try await router.ask(.post, "/notes", body: long).status == .contentTooLarge)
    }

    @Test func `Timeout leaves a quick handler alone`() async throws {
        // example: Timeout
        let router = try Router<Env> { routes in
            routes.use(Timeout(seconds: 30, sleep: { try await Task.sleep(for: .seconds($0)) }))
            routes.get("/report") { call in
                try await call.context.fetch(Request(.get, RequestURL(authority: "reports.example.com", path: "/")))
            }
        }
        // end of example
        // Tests allow no outgoing requests unless they script them.
        await #expect(throws: WorkersError.self) { try await router.get("/report") }
    }

    @Test func `BearerAuthentication knows the robot`() async throws {
        // example: BearerAuthentication
        let router = try Router<Env> { routes in
            routes.use(
                BearerAuthentication(realm: "api") { token, call in
                    ConstantTime.areEqual(token, "lp_secret") ? Robot(name: "build") : nil
                })
            routes.get("/me") { call in .text(try call.principal(Robot.self).name) }
        }
        // end of example
        #expect(try await router.get("/me", headers: [.authorization: "Bearer lp_secret"]).text() == "build")
        #expect(try await router.get("/me").status == .unauthorized)
    }

    @Test func `BasicAuthentication knows the operator`() async throws {
        // example: BasicAuthentication
        let router = try Router<Env> { routes in
            routes.use(
                BasicAuthentication(realm: "Metrics") { user, password, call in
                    user == "ops" && ConstantTime.areEqual(password, "open sesame") ? Operator(name: user) : nil
                })
            routes.get("/metrics") { call in .text("Hello, \(try call.principal(Operator.self).name)") }
        }
        // end of example
        // ops:open sesame
        let headers: Headers = [.authorization: "Basic b3BzOm9wZW4gc2VzYW1l"]
        #expect(try await router.get("/metrics", headers: headers).text() == "Hello, ops")
    }

    @Test func `RequestID is told to handler and client`() async throws {
        // example: RequestID
        let router = try Router<Env> { routes in
            routes.use(RequestID(random: { .random(in: .min ... .max) }))
            routes.get("/status") { call in .text("request \(call.requestID ?? "")") }
        }
        // end of example
        let response = try await router.get("/status")
        let id = try #require(response.headers[.init("X-Request-ID")!])
        #expect(try await response.text() == "request \(id)")
    }

    @Test func `ServerTiming shows the measurement`() async throws {
        // example: ServerTiming
        let router = try Router<Env> { routes in
            routes.use(ServerTiming())
            routes.get("/report") { call in
                let rows = await call.measure("db", "Rows of the report") { ["a", "b"] }
                return .text("\(rows.count) rows")
            }
        }
        // end of example
        let response = try await router.get("/report")
        #expect(response.headers[.init("Server-Timing")!]?.hasPrefix("db;dur=") == true)
    }

    @Test func `RequestLogging prints an entry`() async throws {
        // example: RequestLogging
        let router = try Router<Env> { routes in
            routes.use(RequestLogging(sink: { entry in print(entry) }))
            routes.get("/projects/:project") { call in .text(call.parameters["project"] ?? "") }
        }
        // end of example
        #expect(try await router.text("/projects/lamp") == "lamp")
    }

    // MARK: Documentation and tests say the same

    @Test func `every middleware's documented example is the one that runs here`() throws {
        let here = URL(filePath: #filePath)
        let root = here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let sources = root.appending(path: "Sources/Workers/Middleware")
        let tested = Self.testedExamples(try String(contentsOf: here, encoding: .utf8))
        var documented: [String: String] = [:]
        for folder in try FileManager.default.contentsOfDirectory(atPath: sources.path).sorted() {
            let files = sources.appending(path: folder)
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: files.path) else { continue }
            var found = 0
            for name in names where name.hasSuffix(".swift") {
                let text = try String(contentsOf: files.appending(path: name), encoding: .utf8)
                guard let example = Self.documentedExample(text) else { continue }
                documented[String(name.dropLast(".swift".count))] = example
                found += 1
            }
            #expect(found == 1, "\(folder) documents \(found) middleware with an example")
        }
        #expect(documented.count == 10)
        #expect(documented.keys.sorted() == tested.keys.sorted())
        for (name, example) in documented { #expect(example == tested[name], "\(name)") }
    }

    /// The first fenced code in the comment of the first public type.
    private static func documentedExample(_ text: String) -> String? {
        let comment = text.split(separator: "\n", omittingEmptySubsequences: false).prefix {
            !$0.hasPrefix("public ")
        }.filter { $0.hasPrefix("///") }.map { $0.dropFirst(3) }
        let lines = comment.drop { $0 != " ```swift" }.dropFirst().prefix { $0 != " ```" }
        return lines.isEmpty ? nil : lines.map { String($0.dropFirst()) }.joined(separator: "\n")
    }

    private static func testedExamples(_ text: String) -> [String: String] {
        let mark = "        // example: "
        var examples: [String: String] = [:]
        var name: String?
        var lines: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix(mark) {
                name = String(line.dropFirst(mark.count))
                lines = []
            } else if line == "        // end of example", let ended = name {
                examples[ended] = lines.joined(separator: "\n")
                name = nil
            } else if name != nil {
                lines.append(String(line.dropFirst(8)))
            }
        }
        return examples
    }
}
