import EdgeServer
import Foundation
import StaticAssets

/// Loads the asset folder and keeps the live site up to date with it.
actor SiteLoader {
    let live: LiveSite
    private let folder: String?
    private let settings: AssetSettings
    private let hasWorker: Bool
    private let console: Console
    private var bundle: AssetBundle

    /// - Throws: `StartFailure` when the folder cannot be loaded.
    init(_ settings: EmulatorSettings, hasWorker: Bool, console: Console) throws {
        folder = settings.assetsFolder
        self.settings = settings.assets
        self.hasWorker = hasWorker
        self.console = console
        if let folder {
            do {
                bundle = try AssetBundle.load(from: folder)
            } catch {
                throw StartFailure("\(error)")
            }
        } else {
            bundle = AssetBundle(files: [])
        }
        let router = AssetRouter(bundle: bundle, settings: settings.assets, hasWorker: hasWorker)
        live = LiveSite(Site(router: router, bundleHash: folder.flatMap(SiteLoader.bundleHash)))
        SiteLoader.report(router, bundle, console)
    }

    /// Reads what has changed. A folder that is being rewritten may be unreadable for a moment: the old site stays.
    func reload() {
        guard let folder else { return }
        do {
            bundle = try AssetBundle.load(from: folder, reload: bundle)
        } catch {
            console.say("\(error) The files loaded before are still served.", level: "warning")
            return
        }
        let router = AssetRouter(bundle: bundle, settings: settings, hasWorker: hasWorker)
        live.replace(with: Site(router: router, bundleHash: SiteLoader.bundleHash(folder)))
        SiteLoader.report(router, bundle, console)
    }

    /// Where the files come from, how many there are, and what is wrong with their rules: with file, line and text.
    private static func report(_ router: AssetRouter, _ bundle: AssetBundle, _ console: Console) {
        for notice in bundle.notices { console.say(notice.message, level: "warning") }
        let files = [
            ("_headers", router.headerRules.problems, router.headerRules.warnings),
            ("_redirects", router.redirectRules.problems, router.redirectRules.warnings),
        ]
        for (name, problems, warnings) in files {
            for problem in problems {
                let place = problem.line.map { "\(name):\($0)" } ?? name
                let text = problem.text.map { " | \($0)" } ?? ""
                console.say("\(place): \(problem.message)\(text)", level: "warning")
            }
            for warning in warnings {
                console.say("\(name):\(warning.line): \(warning.message) | \(warning.text)", level: "warning")
            }
        }
    }

    /// `bundle` of the manifest that the build writes beside the asset folder.
    private static func bundleHash(_ folder: String) -> String? {
        struct Manifest: Decodable { var bundle: String }
        let path = (folder as NSString).standardizingPath
        let file = (path as NSString).deletingLastPathComponent + "/manifest.json"
        guard let data = FileManager.default.contents(atPath: file) else { return nil }
        return try? JSONDecoder().decode(Manifest.self, from: data).bundle
    }
}
