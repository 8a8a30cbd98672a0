import HTTPTypes
import Testing
import Workers

@testable import EdgeServer

private struct Failed: Error, CustomStringConvertible {
    var description: String
}

@Suite struct ErrorPageTests {
    private let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

    private func answer(
        _ error: any Error, accept: String?, to target: String = "/a?b=1", audience: ErrorPage.Audience = .developer
    ) -> Response {
        let asked = ErrorPage.Asked(method: "GET", target: target, accept: accept)
        return ErrorPage.response(to: asked, UncaughtError(error), for: audience)
    }

    @Test func `a browser gets a page that can do nothing but be read`() async throws {
        let response = answer(
            Failed(description: "<script>alert('x')</script> & more\u{1B}"), accept: browser, to: "/<b>\"")
        #expect(response.status == .internalServerError)
        #expect(response.headers[.contentType] == "text/html; charset=utf-8")
        #expect(response.headers[.cacheControl] == "no-store")
        let policy = try #require(response.headers[.contentSecurityPolicy])
        #expect(policy.contains("default-src 'none'"))
        #expect(!policy.contains("script"))
        let page = try await response.text()
        #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; more\u{FFFD}"))
        #expect(!page.contains("<script"))
        #expect(page.contains("GET /&lt;b&gt;&quot;"))
        #expect(page.contains("Error 1101"))
        #expect(page.contains("Failed"))
    }

    @Test func `a tool gets the details as JSON`() async throws {
        let error = WorkersError(.typeError, "Illegal invocation")
        let response = answer(error, accept: "application/json")
        #expect(response.headers[.contentType] == "application/problem+json")
        let document = try await response.json()
        #expect(document["status"]?.integer == 500)
        #expect(document["error"]?["name"]?.string == "TypeError")
        #expect(document["error"]?["message"]?.string == "Illegal invocation")
        #expect(document["error"]?["code"]?.integer == 1101)
        #expect(document["error"]?["request"]?.string == "GET /a?b=1")
    }

    @Test func `everybody else gets text`() async throws {
        let response = answer(WorkersError(.error, "No."), accept: "*/*")
        #expect(response.headers[.contentType] == "text/plain; charset=utf-8")
        #expect(try await response.text() == "Error: No.\n\nGET /a?b=1\nerror 1101\n")
    }

    @Test(arguments: ["text/html", "application/json", "*/*"])
    func `in production nothing of the error is shown, only a reference`(accept: String) async throws {
        let response = answer(
            Failed(description: "password hunter2"), accept: accept, audience: .everybody(reference: "f00d"))
        #expect(response.status == .internalServerError)
        let text = try await response.text()
        #expect(text.contains("f00d"))
        #expect(!text.contains("hunter2"))
        #expect(!text.contains("Failed"))
        #expect(!text.contains("/a?b=1"))
    }

    @Test func `a limit is 1102 as 503`() async throws {
        let response = answer(LimitFailure.cpu, accept: "text/plain")
        #expect(response.status == .serviceUnavailable)
        let text = try await response.text()
        #expect(text.contains("Worker exceeded CPU time limit."))
        #expect(text.contains("1102"))
    }

    @Test func `the form is what the client names first of what it likes best`() {
        #expect(AcceptedFormat(accept: browser) == .html)
        #expect(AcceptedFormat(accept: "application/json, text/html") == .json)
        #expect(AcceptedFormat(accept: "text/html;q=0.5, application/json") == .json)
        #expect(AcceptedFormat(accept: "text/html;q=0") == .text)
        #expect(AcceptedFormat(accept: "*/*") == .text)
        #expect(AcceptedFormat(accept: nil) == .text)
        #expect(AcceptedFormat(accept: "text/plain, text/html") == .text)
    }
}
