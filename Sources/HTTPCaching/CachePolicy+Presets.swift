import HTTPTypes

/// The caches that there are.
extension CachePolicy {
    /// Cloudflare's cache of a zone. See its documentation, "Default cache behavior" and "Origin Cache Control".
    ///
    /// - Parameter everything: whatever the extension of the path is, as the page rule "Cache Everything" does.
    package static func cloudflare(everything: Bool = false) -> CachePolicy {
        var policy = shared(.byStatus([200: 7200, 206: 7200, 301: 7200, 302: 1200, 303: 1200, 404: 180, 410: 180]))
        policy.variance = .only(["accept-encoding"])
        policy.answersByLanguage = false
        policy.eligibility = everything ? .everything : .extensions(MediaTypes.staticExtensions)
        return policy
    }

    package static let cloudflare = CachePolicy.cloudflare()

    /// The cache in front of a Worker. See Cloudflare's documentation, "Workers", "Cache".
    package static let workersCache: CachePolicy = {
        var policy = shared(
            .byStatus([
                200: 7200, 203: 7200, 204: 7200, 300: 1200, 301: 1200, 404: 180, 405: 60, 410: 180, 414: 60, 501: 60,
            ]))
        policy.keysByOrigin = false
        policy.keyFields = overridingFields
        policy.variance = .verbatim
        policy.answersByLanguage = false
        policy.staleOnFailure = .always
        policy.storesParts = false
        policy.forwardsRanges = false
        policy.forwardsConditions = false
        policy.fetchesWholeForHead = true
        policy.noCacheForbidsStale = false
        policy.refusesContradictingTypes = true
        return policy
    }()

    /// The cache behind `fetch` in a Worker.
    package static func subrequest(_ program: CacheProgram) -> CachePolicy {
        var policy = cloudflare(everything: program.everything || program.forcesLookup)
        policy.refusesContradictingTypes = program.checksTypes
        policy.program = program
        if let variance = program.variance { policy.variance = variance }
        return policy
    }

    /// Fields by which a client may make a Worker answer for another URL than that of the request.
    private static let overridingFields = [
        "cloudflare-workers-version-key", "forwarded", "x-forwarded-host", "x-forwarded-scheme", "x-host",
        "x-http-method", "x-http-method-override", "x-method-override", "x-original-url", "x-rewrite-url",
    ]

    private static func shared(_ lifetime: DefaultLifetime) -> CachePolicy {
        var policy = CachePolicy.rfc
        policy.targetedFields = [.cloudflareCDNCacheControl, .cdnCacheControl]
        policy.consumedFields = [
            HTTPField.Name.cloudflareCDNCacheControl.canonicalName, HTTPField.Name.cacheTag.canonicalName,
        ]
        policy.defaultLifetime = lifetime
        policy.staleOnFailure = .never
        policy.obeysRequestDirectives = false
        policy.storesCookies = false
        policy.refusedStatuses = Set(520...526)
        return policy
    }
}

extension CacheProgram {
    /// A lifetime or directives for the cache are a wish that there be one.
    fileprivate var forcesLookup: Bool { lifetime != nil || !lifetimes.isEmpty || control != nil }
}
