import EdgeServer
import Foundation
import NIOCore
import StaticAssets
import Synchronization
import Workers

/// The services port: REST below `/client/v4`, the dashboard everywhere else. One for each event loop.
final class ServicesHandler: RequestHandler {
    private let rest: WorkerHost
    private let dashboard: WorkerHost
    private let session: DashboardSession
    private let files: DashboardFiles
    private var gateway: Gateway?

    init(rest: WorkerHost, dashboard: WorkerHost, session: DashboardSession, files: DashboardFiles) {
        self.rest = rest
        self.dashboard = dashboard
        self.session = session
        self.files = files
    }

    func receive(_ exchange: Exchange) {
        guard LocalHostRule.namesThisMachine(exchange.host) else { return exchange.refuseForeignHost() }
        let target = exchange.head.uri.utf8
        if target.starts(with: "/client/".utf8) { return rest.answer(exchange, site: nil, reason: "") }
        let cookies = exchange.head.headers["cookie"].joined(separator: "; ")
        guard !target.starts(with: "/api/".utf8), !target.starts(with: "/?token=".utf8),
            session.isKnown(cookies: cookies)
        else { return dashboard.answer(exchange, site: nil, reason: "") }
        if gateway == nil { gateway = files.site.map { Gateway(site: $0, worker: nil) } }
        guard let gateway else { return exchange.respond(files.missing, from: "dashboard") }
        gateway.receive(exchange)
    }
}

/// The built pages of the dashboard, which lie beside the program: `dashboard/public`, or where `LILYPAD_DASHBOARD` says.
final class DashboardFiles: Sendable {
    private let folder: String
    private let loaded = Mutex<LiveSite?>(nil)

    init(environment: [String: String], program: String) {
        folder =
            environment["LILYPAD_DASHBOARD"] ?? (program as NSString).deletingLastPathComponent + "/dashboard/public"
    }

    /// Loaded when somebody asks first: most sessions never open the dashboard.
    var site: LiveSite? {
        loaded.withLock { loaded in
            if let loaded { return loaded }
            guard FileManager.default.fileExists(atPath: folder + "/index.html"),
                let bundle = try? AssetBundle.load(from: folder)
            else { return nil }
            let settings = AssetSettings(notFoundHandling: .singlePageApplication)
            let router = AssetRouter(bundle: bundle, settings: settings, hasWorker: false)
            loaded = LiveSite(Site(router: router, bundleHash: nil))
            return loaded
        }
    }

    var missing: Response {
        .text(
            "The pages of the dashboard are not built: there is nothing in \(folder). Run `make dashboard`, or set "
                + "LILYPAD_DASHBOARD to where they are.\n", status: .notFound)
    }
}
