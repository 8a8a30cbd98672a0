import HTTPTypes

/// RFC 9111 §4.2.
extension CachePolicy {
    /// The directives that are in force for a response, and what they leave of the other fields.
    struct Directives {
        var control: CacheControl
        /// Whether they replace `Cache-Control` and `Expires` altogether (RFC 9213 §2.2).
        var areTargeted: Bool
    }

    func directives(_ fields: HTTPFields) -> Directives {
        let programmed = fields[values: .programmedCacheControl]
        if !programmed.isEmpty { return Directives(control: CacheControl(lines: programmed), areTargeted: true) }
        for name in targetedFields {
            if let control = CacheControl(targeted: fields[values: name]) {
                return Directives(control: control, areTargeted: true)
            }
        }
        return Directives(control: CacheControl(fields), areTargeted: false)
    }

    func freshness(status: Int, fields: HTTPFields, requestTime: Double, responseTime: Double) -> Freshness {
        freshness(
            directives(fields), status: status, fields: fields, requestTime: requestTime, responseTime: responseTime)
    }

    func freshness(
        _ directives: Directives, status: Int, fields: HTTPFields, requestTime: Double, responseTime: Double
    ) -> Freshness {
        let control = directives.control
        let date = CachePolicy.date(fields, now: responseTime)
        let age = CachePolicy.initialAge(
            fields, date: date, requestTime: requestTime, responseTime: responseTime)
        var freshness = Freshness(bornAt: responseTime - age, lifetime: 0)
        if let lifetime = CachePolicy.explicitLifetime(directives, fields: fields, date: date ?? responseTime) {
            freshness.lifetime = max(0, lifetime)
        } else {
            freshness.lifetime = assumedLifetime(
                status: status, fields: fields, control: control, date: date ?? responseTime)
            freshness.rules.insert(.heuristic)
        }
        if control.has("immutable") { freshness.rules.insert(.immutable) }
        freshness.staleWhileRevalidate = control.seconds("stale-while-revalidate") ?? 0
        freshness.staleIfError = control.seconds("stale-if-error")
        // A shared cache reads `s-maxage` as `proxy-revalidate` too (RFC 9111 §5.2.2.10).
        if control.has("must-revalidate") || control.has("proxy-revalidate") || control.has("s-maxage") {
            freshness.rules.insert(.neverStale)
        }
        // With field names it is about these fields alone, and they are not stored.
        if control.scope("no-cache") == .everything {
            freshness.rules.insert(.alwaysValidates)
            freshness.lifetime = 0
        }
        let forbids: Freshness.Rules = noCacheForbidsStale ? [.neverStale, .alwaysValidates] : .neverStale
        if !freshness.rules.isDisjoint(with: forbids) {
            freshness.staleWhileRevalidate = 0
            freshness.staleIfError = 0
        }
        return freshness
    }

    /// `Date`, if there is one and it can be read.
    static func date(_ fields: HTTPFields, now: Double) -> Double? {
        let lines = fields[values: .date]
        guard lines.count == 1 else { return nil }
        return HTTPDate.lenient(lines[0], now: now)
    }

    /// RFC 9111 §4.2.3, `corrected_initial_age`.
    private static func initialAge(
        _ fields: HTTPFields, date: Double?, requestTime: Double, responseTime: Double
    ) -> Double {
        // A date has no fractions; what it leaves out is not age.
        let apparent = date.map { max(0, responseTime.rounded(.down) - $0) } ?? 0
        let delay = max(0, responseTime - requestTime)
        return min(max(apparent, ageField(fields) + delay), DeltaSeconds.longest)
    }

    /// Seconds that the response has spent in other caches: the first of several values, zero for one that is no number
    /// (RFC 9111 §5.1).
    static func ageField(_ fields: HTTPFields) -> Double {
        guard let line = fields[values: .age].first else { return 0 }
        return DeltaSeconds.parse(line.prefix { $0 != "," }.trimmedOfBlanks) ?? 0
    }

    /// RFC 9111 §4.2.1, for a shared cache; `nil` when the response says nothing.
    static func explicitLifetime(_ directives: Directives, fields: HTTPFields, date: Double) -> Double? {
        if let seconds = directives.control.seconds("s-maxage") ?? directives.control.seconds("max-age") {
            return seconds
        }
        guard !directives.areTargeted else { return nil }
        let expires = fields[values: .expires]
        guard let first = expires.first else { return nil }
        // A date that cannot be read, `0` among them, lies in the past; so do several at once (RFC 9111 §5.3).
        guard expires.count == 1, let time = HTTPDate.lenient(first, now: date) else { return 0 }
        return min(time - date, DeltaSeconds.longest)
    }

    private func assumedLifetime(status: Int, fields: HTTPFields, control: CacheControl, date: Double) -> Double {
        switch defaultLifetime {
        case .byStatus(let lifetimes): return lifetimes[status] ?? 0
        case .heuristic(let longest):
            guard CachePolicy.isHeuristicallyCacheable(status) || control.has("public") else { return 0 }
            let lines = fields[values: .lastModified]
            guard lines.count == 1, let modified = HTTPDate.lenient(lines[0], now: date) else { return 0 }
            return min(max(0, date - modified) / 10, longest)
        }
    }

    /// RFC 9110 §15.1.
    static func isHeuristicallyCacheable(_ status: Int) -> Bool {
        switch status {
        case 200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501: true
        default: false
        }
    }
}
