import Foundation
import GRDB
import HTTPTypes
import Testing
import Workers

@testable import EdgeEmulator

@Suite struct RESTKVTests {
    private static let notes = "0123456789abcdef0123456789abcdef"
    private static let base = "/storage/kv/namespaces"

    private func namespace(_ rest: RESTHarness, _ title: String = "made") async throws -> String {
        let made = try await rest.result(.post, Self.base, JSON.object([.init("title", .string(title))]).text)
        return Self.base + "/" + (try #require(made["id"]?.string))
    }

    @Test func `the Worker's namespace is there under its id, with the same entries`() async throws {
        try await RESTHarness.with { rest async throws in
            let listed = try await rest.result(.get, Self.base)
            #expect(listed.array?.count == 1)
            #expect(listed[0]?["id"]?.string == Self.notes)
            #expect(listed[0]?["title"]?.string == "NOTES")
            let binding = rest.platform.kv.namespace(Self.notes) { 0 }
            _ = try await rest.ask(.put, "\(Self.base)/\(Self.notes)/values/a%2Fb", "from outside")
            #expect(try await binding.get("a/b") == "from outside")
            try await binding.put("c", "from inside", metadata: .bool(true))
            #expect(try await rest.ask(.get, "\(Self.base)/\(Self.notes)/values/c").text == "from inside")
            #expect(try await rest.result(.get, "\(Self.base)/\(Self.notes)/metadata/c") == .bool(true))
            #expect(try await rest.ask(.delete, "\(Self.base)/\(Self.notes)").refusal == [400, 10001])
            // Another title stays, also when the configuration is read again.
            try await rest.result(.put, "\(Self.base)/\(Self.notes)", #"{"title":"Better"}"#)
            #expect(try await rest.result(.get, Self.base)[0]?["title"]?.string == "Better")
        }
    }

    @Test func `namespaces and entries are there after a restart, and gone after a delete`() async throws {
        try await withTemporaryFolder { folder in
            var path = ""
            try await RESTHarness.with(folder) { rest async throws in
                path = try await namespace(rest)
                _ = try await rest.ask(.put, "\(path)/values/k", "v")
                #expect(
                    try await rest.ask(.post, Self.base, .object([.init("title", .string("NOTES"))])).refusal
                        == [400, 10014])
            }
            let kept = path
            try await RESTHarness.with(folder) { rest async throws in
                #expect(try await rest.ask(.get, "\(kept)/values/k").text == "v")
                #expect(try await rest.result(.delete, kept) == .null)
                let answer = try await rest.ask(.get, "\(kept)/values/k")
                #expect(answer.refusal == [404, 10013])
                #expect(answer.message == "get: 'namespace not found'")
                let id = try #require(kept.split(separator: "/").last)
                #expect(try await rest.platform.kv.namespace(String(id)) { 0 }.list().keys.isEmpty)
                // The title is free again.
                _ = try await namespace(rest)
            }
        }
    }

    @Test func `a list ends with an empty page`() async throws {
        try await RESTHarness.with { rest async throws in
            for number in 0..<4 { _ = try await namespace(rest, "n\(number)") }
            let page = try await rest.ask(.get, Self.base + "?page=2&per_page=3&order=title&direction=desc")
            #expect(page.json?["result"]?.array?.map { $0["title"]?.string } == ["n0", "NOTES"])
            #expect(
                page.json?["result_info"]?.text == #"{"page":2,"per_page":3,"count":2,"total_count":5}"#)
            #expect(try await rest.result(.get, Self.base + "?page=3&per_page=3") == .array([]))
            #expect(try await rest.ask(.get, Self.base + "?per_page=1001").refusal == [400, 10001])
            #expect(try await rest.ask(.get, Self.base + "?order=x").refusal == [400, 10001])
        }
    }

    @Test func `a value comes in a form, as an object, or as it is`() async throws {
        try await RESTHarness.with { rest async throws in
            let path = try await namespace(rest)
            func put(_ body: String, _ type: String) async throws -> RESTHarness.Answer {
                try await rest.ask(.put, "\(path)/values/k", Body(text: body), type: type)
            }
            func held() async throws -> [String] {
                [
                    try await rest.ask(.get, "\(path)/values/k").text,
                    try await rest.result(.get, "\(path)/metadata/k").text,
                ]
            }
            let head = "--x\r\nContent-Disposition: form-data; name="
            let form = "multipart/form-data; boundary=x"
            #expect(
                try await put(
                    "\(head)\"metadata\"\r\n\r\n{ \"a\": 1 }\r\n"
                        + "\(head)\"value\"; filename=\"upload\"\r\nContent-Type: application/octet-stream\r\n\r\n"
                        + "v\r\n--x--\r\n", form
                ).status == 200)
            #expect(try await held() == ["v", #"{"a":1}"#])
            #expect(try await put("\(head)\"value\"\r\n\r\ntext\r\n--x--\r\n", form).status == 200)
            #expect(try await held() == ["text", "null"])
            let missing = try await put("\(head)\"metadata\"\r\n\r\n1\r\n--x--\r\n", form)
            #expect(missing.refusal == [400, 10001])
            #expect(missing.message == "Missing value field")
            let bad = try await put(
                "\(head)\"value\"\r\n\r\nv\r\n\(head)\"metadata\"\r\n\r\n{\r\n--x--\r\n", form)
            #expect(bad.message == "Invalid metadata JSON")
            #expect(try await held() == ["text", "null"])

            let json = "application/json"
            #expect(try await put(#"{"value":"v4","metadata":"{\"a\":2}"}"#, json).status == 200)
            #expect(try await held() == ["v4", #"{"a":2}"#])
            for raw in [#"{"value":1}"#, #"{"value":1,"metadata":2,"more":3}"#, "[1]", "{", #""text""#] {
                #expect(try await put(raw, json).status == 200)
                #expect(try await held() == [raw, "null"])
            }
            #expect(try await put(#"{"value":1,"metadata":2}"#, "text/plain").status == 200)
            #expect(try await held() == [#"{"value":1,"metadata":2}"#, "null"])
        }
    }

    @Test func `an entry says when it expires, and does`() async throws {
        try await RESTHarness.with { rest async throws in
            let path = try await namespace(rest)
            let field = try #require(HTTPField.Name("expiration"))
            let now = Int(rest.platform.clock.now)
            #expect(try await rest.ask(.put, "\(path)/values/k?expiration=\(now + 500)", "v").status == 200)
            #expect(try await rest.ask(.get, "\(path)/values/k").headers[field] == "\(now + 500)")
            #expect(try await rest.ask(.put, "\(path)/values/k?expiration=1&expiration_ttl=100", "v").status == 200)
            let listed = try await rest.result(.get, "\(path)/keys")
            #expect(listed[0]?["expiration"]?.integer.map { $0 >= now + 100 && $0 <= now + 130 } == true)
            rest.clock?.move(by: 200)
            #expect(try await rest.ask(.get, "\(path)/values/k").refusal == [404, 10009])
            #expect(try await rest.ask(.get, "\(path)/metadata/k").message == "get: 'key not found'")
            #expect(try await rest.result(.get, "\(path)/keys") == .array([]))
            let late = try await rest.ask(.put, "\(path)/values/k?expiration_ttl=59", "v")
            #expect(late.refusal == [400, 10001])
            #expect(late.message == "Invalid expiration_ttl of 59. Expiration TTL must be at least 60.")
        }
    }

    @Test func `limits have the statuses that Workers see`() async throws {
        try await RESTHarness.with { rest async throws in
            let path = try await namespace(rest)
            let large = try await rest.ask(
                .put, "\(path)/values/k", Body(bytes: Array(repeating: 0, count: 26_214_401)))
            #expect(large.refusal == [413, 10001])
            #expect(large.message == "Value length of 26214401 exceeds limit of 26214400.")
            let long = String(repeating: "k", count: 513)
            #expect(try await rest.ask(.put, "\(path)/values/\(long)", "v").refusal == [414, 10001])
            #expect(try await rest.ask(.get, "\(path)/values/\(long)").refusal == [414, 10001])
            #expect(try await rest.ask(.get, "\(path)/values/").message == "Key name cannot be empty.")
            #expect(try await rest.ask(.get, "\(path)/values/..").message == "\"..\" is not allowed as a key name.")
            #expect(try await rest.ask(.get, "\(path)/keys?prefix=\(long)").refusal == [414, 10001])
            #expect(try await rest.ask(.get, "\(path)/keys?limit=9").refusal == [400, 10001])
            #expect(try await rest.ask(.get, "\(path)/keys?limit=1001").refusal == [400, 10001])
            #expect(try await rest.ask(.get, "\(path)/keys?cursor=nonsense").refusal == [400, 10001])
            // The SDK says so with a delete, and sends nothing.
            #expect(try await rest.ask(.delete, "\(path)/values/none", type: "application/json").status == 200)
        }
    }

    @Test(
        "a bulk write of which one item is wrong writes nothing",
        arguments: [
            #"{"key":"","value":"v"}"#, #"{"key":"b"}"#, #"{"value":"v"}"#, #"{"key":"b","value":1}"#,
            #"{"key":"b","value":"*","base64":true}"#, #"{"key":"b","value":"v","base64":1}"#,
            #"{"key":"b","value":"v","expiration_ttl":59}"#, #"{"key":"b","value":"v","expiration":"soon"}"#, "[]", "1",
        ])
    func bulkRefusals(item: String) async throws {
        try await RESTHarness.with { rest async throws in
            let path = try await namespace(rest)
            let answer = try await rest.ask(
                .put, "\(path)/bulk", Body(text: #"[{"key":"a","value":"v"},\#(item)]"#), type: "application/json")
            #expect(answer.refusal == [400, 10001])
            #expect(answer.message.hasPrefix("Item 1: "))
            #expect(try await rest.result(.get, "\(path)/keys") == .array([]))
        }
    }

    @Test func `many keys go in one call`() async throws {
        try await RESTHarness.with { rest async throws in
            let path = try await namespace(rest)
            let written = try await rest.result(
                .put, "\(path)/bulk",
                #"[{"key":"a","value":"1"},{"key":"e\u0301","value":"2"},{"key":"é","value":"3","metadata":[1]},"#
                    + #"{"key":"a","value":"4"}]"#)
            #expect(written.text == #"{"successful_key_count":4,"unsuccessful_keys":[]}"#)
            let read = try await rest.result(
                .post, "\(path)/bulk/get", #"{"keys":["é","a","e\u0301","a","none"],"type":"json"}"#)
            #expect(read["values"]?.members?.map(\.value) == [.integer(3), .integer(4), .integer(2), .null])
            let rich = try await rest.result(.post, "\(path)/bulk/get", #"{"keys":["é"],"withMetadata":true}"#)
            #expect(rich["values"]?.members?[0].value.text == #"{"value":"3","metadata":[1]}"#)
            for body in ["{}", #"{"keys":[]}"#, #"{"keys":[1]}"#, #"{"keys":["a"],"type":"stream"}"#, "[", ""] {
                #expect(try await rest.ask(.post, "\(path)/bulk/get", Body(text: body)).refusal == [400, 10001])
            }
            #expect(try await rest.result(.delete, "\(path)/bulk", #"["a"]"#)["successful_key_count"] == .integer(1))
            #expect(
                try await rest.result(.post, "\(path)/bulk/delete", #"["é","none"]"#)["successful_key_count"]
                    == .integer(2))
            #expect(try await rest.result(.get, "\(path)/keys").array?.count == 1)
            for body in ["[]", "{}", "[1]"] {
                #expect(try await rest.ask(.post, "\(path)/bulk/delete", Body(text: body)).refusal == [400, 10001])
            }
        }
    }

    @Test func `a key is written once a second where limits are enforced`() async throws {
        try await RESTHarness.with(enforcesLimits: true) { rest async throws in
            let path = try await namespace(rest)
            #expect(try await rest.ask(.put, "\(path)/values/k", "1").status == 200)
            var again = try await rest.ask(.put, "\(path)/values/k", "2")
            // The clock runs, and this machine may have taken longer than a second.
            for _ in 1...20 where again.status == 200 { again = try await rest.ask(.put, "\(path)/values/k", "2") }
            #expect(again.refusal == [429, 10429])
            #expect(again.headers[.retryAfter] == "1")
            #expect(try await rest.ask(.put, "\(path)/values/other", "1").status == 200)
            rest.clock?.move(by: 1)
            #expect(try await rest.ask(.put, "\(path)/values/k", "3").status == 200)
        }
    }

    @Test func `what the disk does not take is named, and may be tried again`() async throws {
        try await RESTHarness.with { rest async throws in
            let path = try await namespace(rest)
            try await rest.platform.kv.database.write { db in
                let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
                try db.execute(sql: "PRAGMA max_page_count = \(pages + 4)")
            }
            let large = String(repeating: "x", count: 100_000)
            let written = try await rest.result(
                .put, "\(path)/bulk", #"[{"key":"small","value":"1"},{"key":"large","value":"\#(large)"}]"#)
            #expect(written.text == #"{"successful_key_count":1,"unsuccessful_keys":["large"]}"#)
            #expect(try await rest.ask(.get, "\(path)/values/small").text == "1")
            let answer = try await rest.ask(.put, "\(path)/values/large", Body(text: large))
            #expect(answer.refusal == [500, 15000])
            #expect(answer.message.hasPrefix("There is no room left on the disk for "))
        }
    }

    @Test func `reads see every write, also where locations do not`() async throws {
        try await RESTHarness.with(isEventual: true) { rest async throws in
            let path = "\(Self.base)/\(Self.notes)/values/note"
            let worker = try #require(rest.runtime.worker)
            func seen() async throws -> String {
                let request = Request(.get, RequestURL(scheme: "http", authority: "app.test", path: "/note"))
                return try await worker.service(props: .null).fetch(request).text()
            }
            _ = try await rest.ask(.put, path, "old")
            #expect(try await seen() == "old")
            _ = try await rest.ask(.put, path, "new")
            #expect(try await rest.ask(.get, path).text == "new")
            #expect(try await seen() == "old")
            rest.clock?.move(by: 61)
            #expect(try await seen() == "new")
        }
    }
}
