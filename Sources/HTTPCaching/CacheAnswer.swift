import HTTPTypes

/// What a stored response answers to a request: all of it, parts of it, or that the client has it already.
package struct CacheAnswer: Sendable, Hashable {
    /// Which bytes follow the head. Positions count from the first byte that the store holds.
    package enum Content: Sendable, Hashable {
        case none
        case whole
        case range(Range<Int>)
        /// The parts of a `multipart/byteranges` body with the lines before each, and the line that closes it.
        case parts([Part], closing: String)
    }

    package struct Part: Sendable, Hashable {
        package var heading: String
        package var range: Range<Int>
    }

    /// Which of the stored responses.
    package var stored: Int
    package var status: Int
    /// Of the stored response, with `Age` and whatever belongs to the range. `Cache-Status` is not among them.
    package var fields: HTTPFields
    package var content: Content
    package var cacheStatus: CacheStatus

    package init(stored: Int, status: Int, fields: HTTPFields, content: Content, cacheStatus: CacheStatus) {
        self.stored = stored
        self.status = status
        self.fields = fields
        self.content = content
        self.cacheStatus = cacheStatus
    }
}

extension CachePolicy {
    /// The fields with which a stored response goes out, but for `Age`, which is left out: they are the same for each hit.
    package func servedFields(of stored: CachedResponse) -> HTTPFields {
        var fields = stored.fields
        fields.removeAll { field in
            let name = field.name.canonicalName
            return name == "age" || name == HTTPField.Name.programmedCacheControl.canonicalName
                || consumedFields.contains(name)
        }
        if case .complete(let size) = stored.content, !CachePolicy.hasNoContent(stored.status) {
            fields[.contentLength] = String(size)
        }
        return fields
    }

    /// The fields with which a response goes out that came just now from the origin.
    package func passedOn(_ fields: HTTPFields) -> HTTPFields {
        var fields = fields
        let stripped = strippedFields.union(program?.strippedFields ?? [])
        fields.removeAll { field in
            let name = field.name.canonicalName
            return consumedFields.contains(name) || stripped.contains(name)
                || name == HTTPField.Name.programmedCacheControl.canonicalName
        }
        return fields
    }

    private static func hasNoContent(_ status: Int) -> Bool { status == 204 || status == 304 }

    /// The value of `Age` (RFC 9111 §5.1).
    package static func age(of stored: CachedResponse, at now: Double) -> Int {
        Int(min(stored.freshness.currentAge(at: now), DeltaSeconds.longest))
    }

    /// What a response that may be used answers to a request, conditions before ranges (RFC 9110 §13.2.2).
    ///
    /// - Returns: `nil` when it is a part, and the request wants more than that.
    package func answer(
        from stored: CachedResponse, at index: Int, for request: CacheRequest, now: Double, status: CacheStatus
    ) -> CacheAnswer? {
        var answer = CacheAnswer(
            stored: index, status: stored.status, fields: servedFields(of: stored), content: .whole,
            cacheStatus: status)
        answer.fields[.age] = String(CachePolicy.age(of: stored, at: now))
        if (200..<300).contains(stored.status), CachePolicy.isUnchanged(stored, request: request.fields, now: now) {
            answer.becomeNotModified()
            return answer
        }
        if request.method == "HEAD" {
            answer.content = .none
            return stored.isComplete ? answer : nil
        }
        switch stored.content {
        case .complete(let size):
            guard stored.status == 200, let field = CachePolicy.applicableRange(stored, request: request, now: now)
            else { return answer }
            answer.narrow(to: ByteRanges(field, size: size), size: size, boundary: boundary)
            return answer
        case .part(let held, let size):
            guard let field = CachePolicy.applicableRange(stored, request: request, now: now) else { return nil }
            return answer.narrowed(to: field, held: held, size: size) ? answer : nil
        }
    }

    /// The `Range` of the request unless `If-Range` says that the client's parts are of something else.
    static func applicableRange(_ stored: CachedResponse, request: CacheRequest, now: Double) -> String? {
        let ranges = request.fields[values: .range]
        guard request.method == "GET", ranges.count == 1 else { return nil }
        let conditions = request.fields[values: .ifRange]
        guard let condition = conditions.first else { return ranges[0] }
        guard conditions.count == 1 else { return nil }
        // RFC 9110 §13.1.5: strong validators only.
        if condition.contains("\"") {
            return EntityTag.stronglyEqual(condition, stored.fields[.eTag] ?? "") ? ranges[0] : nil
        }
        guard let modified = strongDate(stored, now: now), HTTPDate.lenient(condition, now: now) == modified else {
            return nil
        }
        return ranges[0]
    }

    /// `Last-Modified`, when the response cannot have changed within the same second (RFC 9110 §8.8.2.2).
    static func strongDate(_ stored: CachedResponse, now: Double) -> Double? {
        guard let modified = stored.fields[.lastModified].flatMap({ HTTPDate.lenient($0, now: now) }) else {
            return nil
        }
        let date = date(stored.fields, now: now) ?? stored.responseTime
        return date - modified >= 1 ? modified : nil
    }

    /// Whether the client has this response already. Once there is an `If-None-Match`, the date is not looked at, whatever
    /// the tags said (RFC 9110 §13.1.3).
    private static func isUnchanged(_ stored: CachedResponse, request: HTTPFields, now: Double) -> Bool {
        let tags = request[values: .ifNoneMatch]
        guard tags.isEmpty else {
            // `*` is about whether there is anything at all.
            if tags.count == 1, tags[0].trimmedOfBlanks == "*" { return true }
            return stored.fields[.eTag].map { EntityTag.list(tags, weaklyHas: $0) } ?? false
        }
        let dates = request[values: .ifModifiedSince]
        guard dates.count == 1, let since = HTTPDate.lenient(dates[0], now: now) else { return false }
        // Without `Last-Modified` the response is as old as it says (RFC 9111 §4.3.2).
        let modified = stored.fields[.lastModified].flatMap { HTTPDate.lenient($0, now: now) }
        return modified ?? date(stored.fields, now: now) ?? stored.responseTime <= since
    }
}

extension CacheAnswer {
    /// RFC 9110 §15.4.5: what describes the content goes, what updates the client's copy stays.
    fileprivate mutating func becomeNotModified() {
        status = 304
        content = .none
        fields.removeAll { field in
            switch field.name.canonicalName {
            case "content-length", "content-type", "content-encoding", "content-language", "content-range": true
            default: false
            }
        }
    }

    fileprivate mutating func narrow(to ranges: ByteRanges, size: Int, boundary: () -> String) {
        switch ranges {
        case .whole: break
        case .unsatisfiable:
            status = 416
            content = .none
            fields[.contentRange] = "bytes */\(size)"
            fields[.contentLength] = "0"
        case .ranges(let ranges) where ranges.count == 1:
            status = 206
            content = .range(ranges[0])
            fields[.contentRange] = ContentRange(ranges[0], of: size).text
            fields[.contentLength] = String(ranges[0].count)
        case .ranges(let ranges): serve(ranges, size: size, boundary: boundary())
        }
    }

    private mutating func serve(_ ranges: [Range<Int>], size: Int, boundary: String) {
        status = 206
        let type = fields[.contentType]
        var parts: [Part] = []
        for (index, range) in ranges.enumerated() {
            var heading = index == 0 ? "--\(boundary)\r\n" : "\r\n--\(boundary)\r\n"
            if let type { heading += "Content-Type: \(type)\r\n" }
            heading += "Content-Range: \(ContentRange(range, of: size).text)\r\n\r\n"
            parts.append(Part(heading: heading, range: range))
        }
        let closing = "\r\n--\(boundary)--\r\n"
        content = .parts(parts, closing: closing)
        let length = parts.reduce(closing.utf8.count) { $0 + $1.heading.utf8.count + $1.range.count }
        fields[.contentRange] = nil
        fields[.contentType] = "multipart/byteranges; boundary=\(boundary)"
        fields[.contentLength] = String(length)
    }

    /// - Returns: whether the part holds all that is asked for.
    fileprivate mutating func narrowed(to field: String, held: Range<Int>, size: Int?) -> Bool {
        let wanted: Range<Int>
        if let size {
            switch ByteRanges(field, size: size) {
            case .ranges(let ranges) where ranges.count == 1: wanted = ranges[0]
            case .unsatisfiable:
                narrow(to: .unsatisfiable, size: size, boundary: { "" })
                return true
            case .whole, .ranges: return false
            }
        } else if let range = ByteRanges.closed(field) {
            wanted = range
        } else {
            return false
        }
        guard held.lowerBound <= wanted.lowerBound, wanted.upperBound <= held.upperBound else { return false }
        status = 206
        let start = wanted.lowerBound - held.lowerBound
        content = wanted == held ? .whole : .range(start..<start + wanted.count)
        fields[.contentRange] = ContentRange(wanted, of: size).text
        fields[.contentLength] = String(wanted.count)
        return true
    }
}
