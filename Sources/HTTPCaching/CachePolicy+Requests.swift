import HTTPTypes

extension CachePolicy {
    /// What becomes of a request before anything stored is looked at.
    package func handling(of request: CacheRequest) -> RequestHandling {
        guard request.method == "GET" || request.method == "HEAD" else {
            let isSafe = CachePolicy.isSafe(request.method)
            return .passThrough(
                .method, detail: nil, invalidates: !isSafe,
                mayStore: request.method == "POST" && !asksNotToStore(request))
        }
        guard isEligible(request.target) else {
            return bypass(StorageRefusal.ineligible.rawValue)
        }
        if program?.mode == .noStore { return bypass(StorageRefusal.noStore.rawValue) }
        if request.fields.contains(.upgrade) { return bypass("upgrade") }
        // Content that the origin may look at is no part of the key.
        if CachePolicy.hasContent(request.fields) { return bypass("content") }
        // Meant for the origin, which alone knows its state (RFC 9111 §4.3.2).
        if request.fields.contains(.ifMatch) || request.fields.contains(.ifUnmodifiedSince) {
            return bypass("precondition")
        }
        if asksNotToStore(request) {
            return .passThrough(
                .request, detail: StorageRefusal.requestNoStore.rawValue, invalidates: false, mayStore: false)
        }
        return .lookUp
    }

    private func bypass(_ detail: String) -> RequestHandling {
        .passThrough(.bypass, detail: detail, invalidates: false, mayStore: false)
    }

    private func asksNotToStore(_ request: CacheRequest) -> Bool {
        obeysRequestDirectives && RequestDirectives(request.fields).noStore
    }

    private static func hasContent(_ fields: HTTPFields) -> Bool {
        fields.contains(.transferEncoding) || fields[values: .contentLength].contains { $0.trimmedOfBlanks != "0" }
    }

    /// Methods that change nothing (RFC 9110 §9.2.1, and the registry of methods). Those that nobody knows may change
    /// anything.
    package static func isSafe(_ method: String) -> Bool {
        switch method {
        case "GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "QUERY", "REPORT", "SEARCH": true
        default: false
        }
    }

    /// The stored URLs that an answer to an unsafe request makes invalid (RFC 9111 §4.4): its own, and those of the same
    /// origin that it names. An error makes none invalid.
    ///
    /// - Returns: paths with queries.
    package func invalidated(by request: CacheRequest, status: Int, fields: HTTPFields) -> [String] {
        guard !CachePolicy.isSafe(request.method), (200..<400).contains(status) else { return [] }
        let origin = SameOrigin(request)
        var targets = [request.target]
        for name in [HTTPField.Name.location, .contentLocation] {
            for line in fields[values: name] {
                if let target = origin.target(of: line), !targets.contains(target) { targets.append(target) }
            }
        }
        return targets
    }

    // MARK: Requests to the origin

    /// The request as the origin sees it when nothing stored is of use.
    package func fetching(_ request: CacheRequest, because reason: CacheStatus.Forward) -> Forward {
        var fields = request.fields
        let isForOne =
            (forwardsConditions && CachePolicy.isConditional(fields)) || (forwardsRanges && fields.contains(.range))
        if !forwardsConditions || program?.mode == .reload {
            fields[.ifNoneMatch] = nil
            fields[.ifModifiedSince] = nil
        }
        if !forwardsRanges {
            fields[.range] = nil
            fields[.ifRange] = nil
        }
        let method = fetchesWholeForHead && request.method == "HEAD" ? "GET" : request.method
        return Forward(method: method, fields: fields, reason: reason, mayBeShared: method == "GET" && !isForOne)
    }

    private static func isConditional(_ fields: HTTPFields) -> Bool {
        fields.contains(.ifNoneMatch) || fields.contains(.ifModifiedSince)
    }

    /// The request with the stored response's validators in the place of the client's conditions (RFC 9111 §4.3.1); without
    /// any when the response has none.
    func validating(_ stored: CachedResponse, for request: CacheRequest, because reason: CacheStatus.Forward) -> Forward
    {
        var fields = CachePolicy.withoutConditions(request.fields)
        // Byte for byte, even where it is no text.
        if let tag = stored.fields.first(where: { $0.name == .eTag }) {
            fields.append(CachePolicy.copy(tag, as: .ifNoneMatch))
        }
        if let date = stored.fields.first(where: { $0.name == .lastModified }) {
            fields.append(CachePolicy.copy(date, as: .ifModifiedSince))
        }
        let method = fetchesWholeForHead ? "GET" : request.method
        return Forward(method: method, fields: fields, reason: reason, mayBeShared: method == "GET")
    }

    /// The request for what a stored part lacks (RFC 9111 §3.4).
    func completing(
        _ stored: CachedResponse, missing: Range<Int>, size: Int, for request: CacheRequest
    ) -> Forward {
        var fields = CachePolicy.withoutConditions(request.fields)
        let last = missing.upperBound == size ? "" : String(missing.upperBound - 1)
        fields[.range] = "bytes=\(missing.lowerBound)-\(last)"
        if let tag = stored.fields[.eTag], EntityTag.isStrong(tag) {
            fields.append(HTTPField(name: .ifRange, value: tag))
        } else if let date = stored.fields.first(where: { $0.name == .lastModified }) {
            fields.append(CachePolicy.copy(date, as: .ifRange))
        }
        return Forward(method: "GET", fields: fields, reason: .partial, mayBeShared: false)
    }

    private static func withoutConditions(_ fields: HTTPFields) -> HTTPFields {
        var fields = fields
        for name in [HTTPField.Name.ifNoneMatch, .ifModifiedSince, .ifRange, .range] { fields[name] = nil }
        return fields
    }

    private static func copy(_ field: HTTPField, as name: HTTPField.Name) -> HTTPField {
        field.withUnsafeBytesOfValue { HTTPField(name: name, value: $0) }
    }
}
