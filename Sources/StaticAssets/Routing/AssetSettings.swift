/// How HTML files become addresses (`html_handling`).
public enum HTMLHandling: String, Sendable, Hashable, CaseIterable {
    /// File pages without a slash, folder pages with one.
    case autoTrailingSlash = "auto-trailing-slash"
    case forceTrailingSlash = "force-trailing-slash"
    case dropTrailingSlash = "drop-trailing-slash"
    /// Every file lives at its own path only.
    case none
}

/// What answers a path with no file behind it (`not_found_handling`).
public enum NotFoundHandling: String, Sendable, Hashable, CaseIterable {
    case none
    /// The root `/index.html`, as 200.
    case singlePageApplication = "single-page-application"
    /// The nearest `404.html` on the way up to the root, as 404.
    case notFoundPage = "404-page"
}

/// When the Worker is asked before the assets (`run_worker_first`).
public enum RunWorkerFirst: Sendable, Hashable {
    case never
    case always
    case rules(WorkerFirstRules)
}

/// The `[assets]` table as far as it decides about requests.
public struct AssetSettings: Sendable, Hashable {
    public var htmlHandling: HTMLHandling
    public var notFoundHandling: NotFoundHandling
    public var runWorkerFirst: RunWorkerFirst
    /// Whether a page load (`Sec-Fetch-Mode: navigate`) of an unknown path gets the not-found fallback although there
    /// is a Worker; see `navigationPrefersAssets(compatibilityDate:flags:)`.
    public var navigationPrefersAssets: Bool

    public init(
        htmlHandling: HTMLHandling = .autoTrailingSlash, notFoundHandling: NotFoundHandling = .none,
        runWorkerFirst: RunWorkerFirst = .never, navigationPrefersAssets: Bool = false
    ) {
        self.htmlHandling = htmlHandling
        self.notFoundHandling = notFoundHandling
        self.runWorkerFirst = runWorkerFirst
        self.navigationPrefersAssets = navigationPrefersAssets
    }

    /// On from compatibility date 2025-04-01; either flag overrules the date. The date is `YYYY-MM-DD`; none counts as
    /// long before.
    public static func navigationPrefersAssets(compatibilityDate: String?, flags: [String]) -> Bool {
        if flags.contains("assets_navigation_has_no_effect") { return false }
        if flags.contains("assets_navigation_prefers_asset_serving") { return true }
        return (compatibilityDate ?? "") >= "2025-04-01"
    }
}
