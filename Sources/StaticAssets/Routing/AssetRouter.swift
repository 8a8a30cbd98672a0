/// Decides for each request whether the assets or the Worker answers, and what the assets say.
///
/// A value: build one for a loaded bundle and its settings, and a new one when either changes.
///
/// ```swift
/// let router = AssetRouter(bundle: bundle, settings: settings, hasWorker: true)
/// switch router.route(AssetRequest(method: "GET", target: "/guide", host: "example.com")) {
/// case .assets(let answer): …
/// case .worker(let reason): …
/// }
/// ```
public struct AssetRouter: Sendable {
    public enum Decision: Sendable {
        case assets(AssetAnswer)
        case worker(WorkerReason)
    }

    /// Why the Worker is asked.
    public enum WorkerReason: Sendable, Hashable, CustomStringConvertible {
        /// `run_worker_first = true`, or the rule of the list.
        case first(rule: String?)
        case nothingFound

        public var description: String {
            switch self {
            case .first(let rule): "run_worker_first" + (rule.map { " " + $0 } ?? "")
            case .nothingFound: "no asset"
            }
        }
    }

    public let bundle: AssetBundle
    public let settings: AssetSettings
    public let hasWorker: Bool
    private let layer: AssetLayer

    /// Reads the bundle's `_headers` and `_redirects`; what is wrong with them is in `headerRules` and `redirectRules`.
    public init(bundle: AssetBundle, settings: AssetSettings, hasWorker: Bool) {
        self.bundle = bundle
        self.settings = settings
        self.hasWorker = hasWorker
        layer = AssetLayer(
            bundle: bundle, htmlHandling: settings.htmlHandling, headerRules: HeaderRules(bundle.headersFile ?? ""),
            redirectRules: RedirectRules(bundle.redirectsFile ?? "", htmlHandling: settings.htmlHandling))
    }

    public var headerRules: HeaderRules { layer.headerRules }
    public var redirectRules: RedirectRules { layer.redirectRules }

    public func route(_ request: AssetRequest) -> Decision {
        guard hasWorker else { return .assets(fetch(request)) }
        switch settings.runWorkerFirst {
        case .always:
            return .worker(.first(rule: nil))
        case .rules(let rules):
            if let rule = rules.negativeMatch(request.target.path) {
                var answer = fetch(request)
                answer.reason.workerRule = rule
                return .assets(answer)
            }
            if let rule = rules.positiveMatch(request.target.path) { return .worker(.first(rule: rule)) }
            return assetsOrWorker(request, asking: settings.notFoundHandling)
        case .never:
            let navigates = settings.navigationPrefersAssets && request.navigates
            return assetsOrWorker(request, asking: navigates ? settings.notFoundHandling : .none)
        }
    }

    /// The assets binding: straight to the assets, with the fallbacks in force and redirects left to the caller.
    public func fetch(_ request: AssetRequest) -> AssetAnswer {
        layer.answer(request, notFoundHandling: settings.notFoundHandling) ?? layer.nothingFound(request)
    }

    /// Whether the assets can answer is asked with one fallback, but they then answer with their own: a rewrite that
    /// leads nowhere counts as an answer, and gets the single page.
    private func assetsOrWorker(_ request: AssetRequest, asking notFoundHandling: NotFoundHandling) -> Decision {
        guard let answer = layer.answer(request, notFoundHandling: notFoundHandling) else {
            return .worker(.nothingFound)
        }
        return .assets(notFoundHandling == settings.notFoundHandling ? answer : fetch(request))
    }
}
