import HTTPCaching
import HTTPTypes

/// What `put` does with a response: refuse it with an error, let it pass, or keep it.
package enum CacheStorageDecision: Sendable {
    case refuse(WorkersError)
    /// The body is read and dropped.
    case drop
    case store(StoredHead)

    /// Decides by request and response alone.
    ///
    /// - Parameters:
    ///   - now: in seconds since 1970, the time the response came.
    ///   - defaultsByStatus: see `CacheFreshness.lifetime`.
    package init(request: Request, response: Response, now: Double, defaultsByStatus: Bool) {
        if let error = CacheStorageDecision.refusal(request, response) {
            self = .refuse(error)
            return
        }
        let status = response.status.code
        let control = CacheControl(response.headers)
        guard CacheStorageDecision.mayStore(request, response, control) else {
            self = .drop
            return
        }
        let lifetime = CacheFreshness.lifetime(
            status: status, headers: response.headers, control: control, now: now, defaultsByStatus: defaultsByStatus)
        guard lifetime > 0 else {
            self = .drop
            return
        }
        self = .store(
            StoredHead(
                status: status, headers: CacheStorageDecision.kept(response.headers),
                initialAge: CacheFreshness.age(response.headers), storedAt: now, expires: now + lifetime))
    }

    private static func refusal(_ request: Request, _ response: Response) -> WorkersError? {
        if request.method != .get { return .cannotCacheMethod }
        switch response.status.code {
        case 0: return .cannotCacheFailure
        case 101: return .cannotCacheWebSocket
        case 206: return .cannotCachePart
        default: break
        }
        let isAnyVarying = response.headers[values: .vary].contains { line in
            line.membersOfList.contains { $0.trimmedOfBlanks == "*" }
        }
        return isAnyVarying ? .cannotCacheVaryAny : nil
    }

    /// RFC 9111 §3, with what Workers add to it.
    private static func mayStore(_ request: Request, _ response: Response, _ control: CacheControl) -> Bool {
        guard storableStatuses.contains(response.status.code) else { return false }
        if control.has("no-store") || control.has("no-cache") { return false }
        let isPrivateForCookies = isPrivateForCookiesOnly(control)
        if control.has("private"), !isPrivateForCookies { return false }
        if response.headers.contains(.setCookie), !isPrivateForCookies { return false }
        guard request.headers.contains(.authorization) else { return true }
        // RFC 9111 §3.5.
        return control.has("public") || control.has("must-revalidate") || control.has("s-maxage")
    }

    /// `private=set-cookie`: the response may be stored when that field is left out.
    private static func isPrivateForCookiesOnly(_ control: CacheControl) -> Bool {
        guard case .fields(let names) = control.scope("private") else { return false }
        return names.allSatisfy { $0 == "set-cookie" }
    }

    /// The fields that describe the response and not this transfer of it (RFC 9111 §3.1). Cookies belong to one client,
    /// and the age is counted anew.
    private static func kept(_ headers: Headers) -> Headers {
        var dropped = transferFields
        for line in headers[values: .connection] {
            for name in line.membersOfList { dropped.insert(name.trimmedOfBlanks.lowercased()) }
        }
        var kept = Headers()
        for field in headers where !dropped.contains(field.name.canonicalName) { kept.append(field) }
        return kept
    }

    private static let transferFields: Set<String> = [
        "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authentication-info",
        "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade", "set-cookie", "age", "cf-cache-status",
    ]

    private static let storableStatuses: Set<Int> = [
        200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 501,
    ]
}

/// Everything about a stored response but its content.
package struct StoredHead: Sendable, Hashable {
    package var status: Int
    package var headers: Headers
    /// Seconds that it had spent in other caches when it was stored.
    package var initialAge: Double
    /// Seconds since 1970.
    package var storedAt: Double
    /// Seconds since 1970; from this instant on it is gone.
    package var expires: Double

    package init(status: Int, headers: Headers, initialAge: Double, storedAt: Double, expires: Double) {
        self.status = status
        self.headers = headers
        self.initialAge = initialAge
        self.storedAt = storedAt
        self.expires = expires
    }
}
