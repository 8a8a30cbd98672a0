import HTTPTypes
import Testing

@testable import Workers

@Suite struct RedirectDecisionTests {
    private func hop(
        _ method: HTTPRequest.Method = .get, _ content: FetchHop.Content = .none, headers: Headers = [:]
    ) -> FetchHop {
        FetchHop(
            method: method, url: RequestURL(authority: "a.test", path: "/from"), headers: headers, content: content)
    }

    private func decide(
        _ status: Int, _ hop: FetchHop, to location: String? = "/to", followed: Int = 0,
        mode: FetchOptions.Redirect = .follow
    ) -> RedirectDecision {
        RedirectDecision.decide(status: status, location: location, after: hop, followed: followed, mode: mode)
    }

    @Test(arguments: [200, 204, 300, 304, 305, 306, 400, 500])
    func `other statuses are answers, whatever their Location`(status: Int) {
        #expect(decide(status, hop()) == .deliver)
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func `these five are followed when there is a Location and a wish`(status: Int) {
        var next = hop()
        next.url.path = "/to"
        #expect(decide(status, hop()) == .follow(next))
        #expect(decide(status, hop(), to: nil) == .deliver)
        #expect(decide(status, hop(), mode: .manual) == .deliver)
    }

    @Test func `the twentieth is followed, the next is not`() {
        if case .follow = decide(302, hop(), followed: 19) {} else { Issue.record("the twentieth was not followed") }
        #expect(decide(302, hop(), followed: 20) == .fail(.tooManyRedirects))
    }

    @Test(arguments: [301, 302, 307, 308])
    func `a stream stops all of them but 303, even those that would drop it`(status: Int) {
        #expect(decide(status, hop(.post, .stream)) == .fail(.bodyCannotBeSentAgain))
        if case .follow(let next) = decide(303, hop(.post, .stream)) {
            #expect(next.method == .get && next.content == .none)
        } else {
            Issue.record("303 was not followed")
        }
    }

    @Test func `a request that becomes GET loses what describes its body`() {
        let headers: Headers = [
            .contentType: "text/plain", .contentEncoding: "gzip", .contentLanguage: "en", .contentLocation: "/x",
            .accept: "*/*",
        ]
        guard case .follow(let next) = decide(302, hop(.post, .replayable, headers: headers)) else {
            Issue.record("302 was not followed")
            return
        }
        #expect(next.headers == [.accept: "*/*"])
    }

    @Test func `HEAD stays HEAD, and only POST becomes GET at 301 and 302`() {
        for status in [301, 302, 303] {
            guard case .follow(let next) = decide(status, hop(.head)) else { continue }
            #expect(next.method == .head)
        }
        for status in [301, 302, 307, 308] {
            guard case .follow(let next) = decide(status, hop(.patch, .replayable)) else { continue }
            #expect(next.method == .patch && next.content == .replayable)
        }
    }

    @Test(arguments: ["http://a.test/to", "https://a.test:444/to", "https://b.test/to"])
    func `another scheme, port or host is another origin`(location: String) {
        guard case .follow(let next) = decide(302, hop(headers: [.authorization: "x", .cookie: "y"]), to: location)
        else {
            Issue.record("302 was not followed")
            return
        }
        #expect(next.headers.isEmpty)
    }
}
