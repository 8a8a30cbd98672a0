import HTTPTypes

/// What a 304 does to the response that the origin was asked about.
package enum Updating: Sendable, Hashable {
    /// It holds, with these fields and a freshness of its own.
    case updated(CachedResponse)
    /// It holds for this client, and must not be kept.
    case discard(CachedResponse, StorageRefusal)
    /// The 304 is about another response: the origin is to be asked again, without conditions.
    case mismatch
}

/// What the answer to a HEAD says about a stored response to GET (RFC 9111 §4.3.5).
package enum HeadUpdate: Sendable, Hashable {
    case updated(CachedResponse)
    /// Another representation is there now.
    case invalidated
    case unaffected
}

extension CachePolicy {
    /// RFC 9111 §3.2, §4.3.4.
    ///
    /// - Parameters:
    ///   - notModified: the fields of the 304.
    ///   - request: as it was sent to the origin.
    ///   - requestTime: when it was sent.
    ///   - responseTime: when the 304 came.
    package func updating(
        _ stored: CachedResponse, with notModified: HTTPFields, for request: CacheRequest, requestTime: Double,
        responseTime: Double
    ) -> Updating {
        guard CachePolicy.isAbout(stored, notModified, now: responseTime) else { return .mismatch }
        let fields = merged(stored.fields, with: notModified, responseTime: responseTime)
        // The method that was stored, whatever asked: a HEAD freshens a GET.
        var request = request
        request.method = "GET"
        if case .part(let range, _) = stored.content {
            request.fields[.range] = "bytes=\(range.lowerBound)-\(range.upperBound - 1)"
        }
        let decision = storing(
            status: stored.status, fields: fields, for: request, requestTime: requestTime, responseTime: responseTime)
        switch decision {
        case .store(var updated):
            updated.content = stored.content
            return .updated(updated)
        case .refuse(let refusal):
            let answer = CachedResponse(
                status: stored.status, fields: fields, requestTime: requestTime, responseTime: responseTime,
                variant: stored.variant, content: stored.content, policy: self)
            return .discard(answer, refusal)
        }
    }

    /// Whether a HEAD's answer is about what is stored, and what it changes.
    package func updating(
        _ stored: CachedResponse, withHead status: Int, fields: HTTPFields, for request: CacheRequest,
        requestTime: Double, responseTime: Double
    ) -> HeadUpdate {
        guard fit(stored, request.fields) != nil else { return .unaffected }
        if status == 404 || status == 410 { return .invalidated }
        guard status == 200 else { return .unaffected }
        let isSame =
            stored.status == 200 && fields[.eTag] == stored.fields[.eTag]
            && fields[.lastModified] == stored.fields[.lastModified]
            && fields[values: .contentLength].allSatisfy { Digits.number($0.trimmedOfBlanks) == stored.wholeSize }
        guard isSame else { return .invalidated }
        let updating = updating(
            stored, with: fields, for: request, requestTime: requestTime, responseTime: responseTime)
        guard case .updated(let updated) = updating else { return .invalidated }
        return .updated(updated)
    }

    /// RFC 9111 §4.3.4: a 304 with a validator is about the response that has the same one. One without any answers the
    /// condition that was sent.
    private static func isAbout(_ stored: CachedResponse, _ notModified: HTTPFields, now: Double) -> Bool {
        if let tag = notModified[.eTag] {
            guard let known = stored.fields[.eTag] else { return true }
            if tag.utf8.elementsEqual(known.utf8) || EntityTag.list([tag], weaklyHas: known) { return true }
            // The dates may still say that it is the same.
            guard let date = notModified[.lastModified], strongDate(stored, now: now) != nil else { return false }
            return date == stored.fields[.lastModified]
        }
        guard let text = notModified[.lastModified], let known = stored.fields[.lastModified] else { return true }
        if stored.fields.contains(.eTag) { return true }
        guard let date = HTTPDate.lenient(text, now: now), let knownDate = HTTPDate.lenient(known, now: now) else {
            return text == known
        }
        return date <= knownDate
    }

    private func merged(_ stored: HTTPFields, with newer: HTTPFields, responseTime: Double) -> HTTPFields {
        let named = TransferFields.named(in: newer)
        var fields = stored
        // The age and the date are those of the newer message.
        fields[.age] = nil
        fields[.date] = HTTPDate.text(Int(responseTime.rounded(.down)))
        fields[.programmedCacheControl] = nil
        var replaced: Set<String> = []
        for field in newer {
            let name = field.name.canonicalName
            if TransferFields.contains(name) || named.contains(name) || CachePolicy.describesContent(name) { continue }
            if replaced.insert(name).inserted { fields[field.name] = nil }
            fields.append(field)
        }
        return fields
    }

    /// Fields that are about the stored bytes; a message without them cannot know better (RFC 9111 §3.2).
    private static func describesContent(_ name: String) -> Bool {
        switch name {
        case "content-length", "content-encoding", "content-range": true
        default: false
        }
    }
}

extension CachedResponse {
    /// Bytes of the whole representation, as far as they are known.
    fileprivate var wholeSize: Int? {
        switch content {
        case .complete(let size): size
        case .part(_, let size): size
        }
    }
}
