import HTTPTypes

/// One request of a chain of redirects, without its bytes.
package struct FetchHop: Sendable, Equatable {
    /// Whether there is a body, and whether it can be sent a second time.
    package enum Content: Sendable, Equatable {
        case none
        case replayable
        case stream
    }

    package var method: HTTPRequest.Method
    package var url: RequestURL
    package var headers: Headers
    package var content: Content

    package init(method: HTTPRequest.Method, url: RequestURL, headers: Headers, content: Content) {
        self.method = method
        self.url = url
        self.headers = headers
        self.content = content
    }
}

/// What a response means to a fetch: the answer, or the way to another one.
///
/// The rules are those of the Fetch Standard, "HTTP-redirect fetch", in the order in which Workers apply them.
package enum RedirectDecision: Sendable, Equatable {
    /// The response is the answer.
    case deliver
    /// The next request.
    case follow(FetchHop)
    case fail(WorkersError)

    /// Fields that describe a body and leave with it (Fetch Standard, "request-body-header name").
    private static let aboutContent: [HTTPField.Name] = [
        .contentEncoding, .contentLanguage, .contentLocation, .contentType, .contentLength,
    ]

    /// Fields that are meant for one origin. The standard names `Authorization`; cookies and a proxy's password, which a
    /// handler can only have set by hand, are not for strangers either.
    private static let forOneOrigin: [HTTPField.Name] = [.authorization, .cookie, .proxyAuthorization]

    /// - Parameters:
    ///   - location: the `Location` field; a redirect without one is an ordinary response.
    ///   - followed: redirects that were followed so far.
    package static func decide(
        status: Int, location: String?, after hop: FetchHop, followed: Int, mode: FetchOptions.Redirect
    ) -> RedirectDecision {
        guard mode == .follow, isRedirect(status), let location else { return .deliver }
        guard let target = hop.url.resolving(location) else { return .fail(.invalidLocation) }
        guard followed < FetchOptions.mostRedirects else { return .fail(.tooManyRedirects) }
        guard target.scheme == "http" || target.scheme == "https" else { return .fail(.cannotLoad(target)) }
        // Also where the next request would have no body: the standard refuses before it looks at the method.
        if status != 303, hop.content == .stream { return .fail(.bodyCannotBeSentAgain) }
        var next = hop
        next.url = target
        if hop.url.origin != target.origin {
            for name in forOneOrigin { next.headers[name] = nil }
        }
        if becomesGet(status, hop.method) {
            next.method = .get
            next.content = .none
            for name in aboutContent { next.headers[name] = nil }
        } else if status == 303 {
            // HEAD stays HEAD; a body it should not have had does not go along.
            next.content = .none
        }
        return .follow(next)
    }

    /// RFC 9110 §15.4; 300, 304, 305 and 306 are none that a client follows.
    package static func isRedirect(_ status: Int) -> Bool {
        switch status {
        case 301, 302, 303, 307, 308: true
        default: false
        }
    }

    private static func becomesGet(_ status: Int, _ method: HTTPRequest.Method) -> Bool {
        switch status {
        case 301, 302: method == .post
        case 303: method != .head && method != .get
        default: false
        }
    }
}
