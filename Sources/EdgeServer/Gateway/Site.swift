import StaticAssets
import Synchronization

/// One state of the site: its files and the rules that route to them. Never changed; a reload makes a new one.
public final class Site: Sendable {
    public let router: AssetRouter
    /// The hash of the bundle as its manifest has it, `nil` for a folder without one.
    public let bundleHash: String?
    let bodies = AssetBodies()

    public init(router: AssetRouter, bundleHash: String?) {
        self.router = router
        self.bundleHash = bundleHash
    }
}

/// The site that is live now. Event loops look at `generation` for each request and take the site when it has changed.
public final class LiveSite: Sendable {
    private let site: Mutex<Site>
    private let count = Atomic<Int>(0)

    public init(_ site: Site) { self.site = Mutex(site) }

    public var current: Site { site.withLock { $0 } }
    var generation: Int { count.load(ordering: .acquiring) }

    public func replace(with new: Site) {
        site.withLock { $0 = new }
        count.add(1, ordering: .releasing)
    }
}
