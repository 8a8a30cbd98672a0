import HTTPTypes

package enum Storing: Sendable, Hashable {
    /// Its content is what the head promises; see `CachedResponse.finished`.
    case store(CachedResponse)
    case refuse(StorageRefusal)
}

/// Why a response is not stored; the raw value is the detail in `Cache-Status`.
package enum StorageRefusal: String, Sendable, Hashable, CaseIterable {
    case method = "method"
    /// Interim, 304, one that the policy never stores, or one that `must-understand` speaks of and nobody understands.
    case status = "status"
    case noStore = "no-store"
    case requestNoStore = "request-no-store"
    case isPrivate = "private"
    case authorization = "authorization"
    case cookies = "set-cookie"
    /// `Vary: *`, or a `Vary` that cannot be read.
    case vary = "vary"
    /// A 206 that nobody asked for, of several parts, or whose numbers disagree.
    case part = "partial"
    /// `Content-Length` is no number, or several.
    case length = "content-length"
    /// The type contradicts the extension of the path.
    case type = "content-type"
    /// Stale at once, and without anything to ask the origin by.
    case useless = "no-lifetime"
    /// The request's path is not one that this cache stores.
    case ineligible = "ineligible"
}

/// RFC 9111 §3.
extension CachePolicy {
    /// Whether and how a response is stored, decided when its head is there.
    ///
    /// - Parameters:
    ///   - request: as it was sent to the origin.
    ///   - requestTime: when it was sent.
    ///   - responseTime: when the head came.
    package func storing(
        status: Int, fields: HTTPFields, for request: CacheRequest, requestTime: Double, responseTime: Double
    ) -> Storing {
        var fields = fields
        if let refusal = program(&fields, status: status) { return .refuse(refusal) }
        let directives = directives(fields)
        if let refusal = refusal(directives, status: status, fields: fields, request: request) {
            return .refuse(refusal)
        }
        guard let variant = variant(of: fields, request: request.fields) else { return .refuse(.vary) }
        guard let content = CachePolicy.content(status: status, fields: fields) else {
            return .refuse(status == 206 ? .part : .length)
        }
        let freshness = freshness(
            directives, status: status, fields: fields, requestTime: requestTime, responseTime: responseTime)
        let response = CachedResponse(
            status: status, fields: kept(fields, control: directives.control, responseTime: responseTime),
            requestTime: requestTime, responseTime: responseTime, variant: variant, content: content,
            freshness: freshness)
        return isUseful(response, directives.control) ? .store(response) : .refuse(.useless)
    }

    private func refusal(
        _ directives: Directives, status: Int, fields: HTTPFields, request: CacheRequest
    ) -> StorageRefusal? {
        let control = directives.control
        guard isEligible(request.target) else { return .ineligible }
        guard mayStore(method: request.method, status: status, fields, directives, request) else { return .method }
        guard isStorable(status, directives), status != 206 || isRangeRequest(request) else { return .status }
        if obeysRequestDirectives, CacheControl(request.fields).has("no-store") { return .requestNoStore }
        // `must-understand` speaks to caches that know what the status code asks of them (RFC 9111 §5.2.2.3).
        let understands = CachePolicy.isUnderstood(status)
        if control.has("must-understand"), !understands { return .status }
        if control.has("no-store"), !control.has("must-understand") { return .noStore }
        if control.scope("private") == .everything { return .isPrivate }
        if request.fields.contains(.authorization), !mayStoreAuthorized(control) { return .authorization }
        if !storesCookies, program?.forcesStorage(status) != true, fields.contains(.setCookie),
            !CachePolicy.leavesOut("set-cookie", control)
        {
            return .cookies
        }
        if refusesContradictingTypes, MediaTypes.contradicts(path: request.target, type: fields[.contentType]) {
            return .type
        }
        return nil
    }

    func isEligible(_ target: String) -> Bool {
        guard case .extensions(let extensions) = eligibility else { return true }
        guard let ending = MediaTypes.pathExtension(target) else { return false }
        return extensions.contains(ending)
    }

    /// Answers to GET; and to POST when it says which GET it answers as well, and for how long (RFC 9110 §9.3.3).
    private func mayStore(
        method: String, status: Int, _ fields: HTTPFields, _ directives: Directives, _ request: CacheRequest
    ) -> Bool {
        if method == "GET" { return true }
        guard method == "POST", (200..<300).contains(status), status != 206 else { return false }
        let locations = fields[values: .contentLocation]
        guard locations.count == 1, SameOrigin(request).target(of: locations[0]) == SameOrigin(request).target else {
            return false
        }
        return CachePolicy.explicitLifetime(directives, fields: fields, date: 0) != nil
    }

    /// RFC 9111 §3: a final status, and a reason to store it.
    private func isStorable(_ status: Int, _ directives: Directives) -> Bool {
        guard (200...999).contains(status), status != 304, !refusedStatuses.contains(status) else { return false }
        if status == 206 { return storesParts }
        return true
    }

    private func isRangeRequest(_ request: CacheRequest) -> Bool {
        request.method == "GET" && request.fields.contains(.range)
    }

    /// RFC 9111 §3.5.
    private func mayStoreAuthorized(_ control: CacheControl) -> Bool {
        control.has("public") || control.has("must-revalidate") || control.has("s-maxage")
    }

    /// The statuses whose rules this cache knows: those of RFC 9110.
    static func isUnderstood(_ status: Int) -> Bool {
        switch status {
        case 200...206, 300...305, 307, 308, 400...417, 421, 422, 426, 500...505: true
        default: false
        }
    }

    static func leavesOut(_ name: String, _ control: CacheControl) -> Bool {
        for directive in ["private", "no-cache"] {
            if case .fields(let names) = control.scope(directive), names.contains(name) { return true }
        }
        return false
    }

    /// - Returns: `nil` when the numbers of the head cannot be true.
    private static func content(status: Int, fields: HTTPFields) -> CachedResponse.Content? {
        var length: Int?
        for line in fields[values: .contentLength] {
            guard let number = Digits.number(line.trimmedOfBlanks), length == nil || length == number else {
                return nil
            }
            length = number
        }
        guard status == 206 else { return .complete(size: length ?? 0) }
        let ranges = fields[values: .contentRange]
        guard ranges.count == 1, let range = ContentRange(ranges[0]), length == nil || length == range.range.count
        else {
            return nil
        }
        return .part(range.range, of: range.size)
    }

    /// The fields that describe the response and not this transfer of it (RFC 9111 §3.1).
    private func kept(_ fields: HTTPFields, control: CacheControl, responseTime: Double) -> HTTPFields {
        let named = fields.contains(.connection) ? TransferFields.named(in: fields) : []
        var scoped: [String] = []
        for directive in ["private", "no-cache"] {
            if case .fields(let names) = control.scope(directive) { scoped += names }
        }
        var kept = HTTPFields()
        kept.reserveCapacity(fields.count + 1)
        for field in fields {
            let name = field.name.canonicalName
            if TransferFields.contains(name) || name == HTTPField.Name.cfCacheStatus.canonicalName { continue }
            let isUnwanted =
                named.contains(name) || scoped.contains(name) || strippedFields.contains(name)
                || (!storesCookies && name == "set-cookie") || program?.strippedFields.contains(name) == true
            // A field that other decisions rest upon stays whoever does not want it.
            if !isUnwanted || CachePolicy.isStructural(name) { kept.append(field) }
        }
        // RFC 9110 §6.6.1.
        if !kept.contains(.date) { kept[.date] = HTTPDate.text(Int(responseTime.rounded(.down))) }
        return kept
    }

    private static func isStructural(_ name: String) -> Bool {
        switch name {
        case "age", "cache-control", "cdn-cache-control", "content-range", "date", "expires", "vary",
            HTTPField.Name.cloudflareCDNCacheControl.canonicalName, HTTPField.Name.programmedCacheControl.canonicalName:
            true
        default: false
        }
    }

    /// Whether there can ever be a request that this response answers.
    private func isUseful(_ response: CachedResponse, _ control: CacheControl) -> Bool {
        let freshness = response.freshness
        let now = response.responseTime
        if freshness.isFresh(at: now) || freshness.mayServeWhileRefreshing(at: now) { return true }
        guard response.hasValidator else { return false }
        // Without a word about freshness only those statuses may be stored that are cacheable by nature (RFC 9111 §3).
        guard freshness.rules.contains(.heuristic) else { return true }
        if case .byStatus(let lifetimes) = defaultLifetime { return lifetimes[response.status] != nil }
        return CachePolicy.isHeuristicallyCacheable(response.status) || control.has("public")
    }

    /// Takes what a program says about storing into the fields.
    ///
    /// - Returns: a reason when it says that nothing is stored.
    private func program(_ fields: inout HTTPFields, status: Int) -> StorageRefusal? {
        fields[.programmedCacheControl] = nil
        guard let program else { return nil }
        switch program.directive(for: status) {
        case .none: break
        case .refuse: return .noStore
        case .replace(let text): fields[.programmedCacheControl] = text
        }
        let known = fields[values: .cacheTag]
        for tag in program.tags where !known.contains(tag) { fields.append(HTTPField(name: .cacheTag, value: tag)) }
        return nil
    }
}
