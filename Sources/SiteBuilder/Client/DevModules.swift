import Foundation

/// The site as a browser loads it during development: every file a module of its own, transformed when asked for.
///
/// | URL | what |
/// |---|---|
/// | `/@lilypad/module/PATH` | a module of the site; stylesheets and images imported by scripts are modules too |
/// | `/@lilypad/vendor/NAME.js` | packages, bundled for development; the import map names them |
/// | `/@lilypad/file/PATH` | an image or font as it is |
/// | `/@lilypad/styles.css` | the site's stylesheet through Tailwind |
///
/// Modules with components begin by importing `refreshScope` from the dev client (`clientURL`), and stylesheet modules
/// `injectStyle`: the client is the caller's own and exports both.
public actor DevModules {
    public static let root = "/@lilypad/"
    static let moduleBase = root + "module/"
    static let fileBase = root + "file/"
    static let vendorBase = root + "vendor/"
    static let stylesURL = root + "styles.css"

    /// What to answer a request with.
    public struct Resource: Sendable, Equatable {
        public var bytes: [UInt8]
        public var contentType: String
    }

    public struct Page: Sendable, Equatable {
        public var html: String
        /// CSP sources of its inline scripts.
        public var inlineScriptHashes: [String]
    }

    /// What a change of files means for a page that is open.
    public enum Update: Sendable, Equatable {
        /// Load these modules anew, then refresh the components. `styles`: fetch the stylesheet again too.
        case modules([String], styles: Bool)
        case reload
        /// Leave the page as it is and show what is wrong; the changes are kept for the next update.
        case broken([Diagnostic])
    }

    private struct Cached {
        var hash: String
        var module: BunWorker.Transformed
    }

    let stage: ClientStage
    private let clientURL: String
    private let readFile: @Sendable (String) -> [UInt8]?
    private var cache: [String: Cached] = [:]
    /// How often a module has changed, for those that have: part of its URL, since a browser loads each URL once.
    private var versions: [String: Int] = [:]
    /// Changes that no page has been told of, because something was broken at the time.
    private var undelivered: Set<String> = []
    /// Modules that a page asked for and did not get.
    private var refused: Set<String> = []
    private var vendorTexts: [String: String] = [:]
    private var knownPackages: Set<String> = []

    /// - Parameters:
    ///   - stage: a stage in development mode; its worker and vendor cache are used.
    ///   - clientURL: the dev client's own module.
    public init(stage: ClientStage, clientURL: String = "/@lilypad/client.js") {
        self.stage = stage
        self.clientURL = clientURL
        let site = stage.worker.site
        readFile = { path in FileManager.default.contents(atPath: site + "/" + path).map(Array.init) }
    }

    /// The answer to a URL path under `/@lilypad/`, without its query; `nil` when this is not ours or not there.
    ///
    /// - Throws: `BuildFailure` when the source is wrong: show it over the page.
    public func resource(at url: String) async throws -> Resource? {
        if let path = path(in: url, below: Self.moduleBase) {
            guard readFile(path) != nil else { return nil }
            return Resource(bytes: Array(try await module(path).utf8), contentType: Self.scriptType)
        }
        if let path = path(in: url, below: Self.fileBase), let type = Self.fileType(of: path) {
            return readFile(path).map { Resource(bytes: $0, contentType: type) }
        }
        if url == Self.stylesURL {
            let compiled = try await stage.styles.compile(
                stage.settings.client.styles, minify: false, assetBase: .served(Self.fileBase))
            return Resource(bytes: Array(compiled.css.utf8), contentType: "text/css; charset=utf-8")
        }
        if url.hasPrefix(Self.vendorBase) {
            if vendorTexts[url] == nil { _ = try await importMap() }
            return vendorTexts[url].map { Resource(bytes: Array($0.utf8), contentType: Self.scriptType) }
        }
        return nil
    }

    /// The transformed text of one module of the site.
    ///
    /// - Parameter path: site-relative.
    public func module(_ path: String) async throws -> String {
        let module = try await transformed(path)
        var code = module.code
        for target in module.imports {
            guard let version = versions[target.path] else { continue }
            code = code.replacing("\"\(target.url)\"", with: "\"\(target.url)?v=\(version)\"")
        }
        return code
    }

    /// The page with the development import map, styles and scripts.
    public func page() async throws -> Page {
        let name = stage.settings.client.html
        guard let template = readFile(name) else {
            throw BuildFailure([Diagnostic(file: name, message: "The page cannot be read.")])
        }
        var page = IndexPage(template: String(decoding: template, as: UTF8.self), name: name)
        page.importMap = try await importMap()
        page.styles = [.init(url: Self.stylesURL, integrity: nil)]
        // The client runs first: React looks for Fast Refresh's hook when it starts.
        page.scripts = [clientURL, Self.url(of: stage.settings.client.entry)].map { .init(url: $0, integrity: nil) }
        let rendered = try page.rendered()
        return Page(html: rendered.html, inlineScriptHashes: rendered.inlineScriptHashes)
    }

    /// What to tell open pages after files have changed. Gives the changed modules, and those between them and the
    /// components that will be refreshed, new URLs.
    ///
    /// - Parameter paths: site-relative.
    public func update(after paths: [String]) async -> Update {
        var reload = paths.contains(stage.settings.client.html)
        var problems: [Diagnostic] = []
        var changed: [String] = []
        let (waiting, missed) = (undelivered.union(paths), refused)
        // Files that no page has loaded need nothing, nor does the stylesheet that Tailwind compiles: `styles` covers it.
        for path in waiting.union(missed).sorted() where cache[path] != nil || missed.contains(path) {
            guard readFile(path) != nil else {
                cache[path] = nil
                refused.remove(path)
                reload = true
                continue
            }
            do {
                let module = try await transformed(path)
                changed.append(path)
                reload = reload || missed.contains(path) || !knownPackages.isSuperset(of: module.packages)
            } catch {
                problems += (error as? BuildFailure)?.diagnostics ?? [Diagnostic(file: path, message: "\(error)")]
            }
        }
        guard problems.isEmpty else {
            undelivered = waiting
            return .broken(problems)
        }
        undelivered = []
        var boundaries: Set<String> = []
        for path in changed where !reload && path != stage.settings.client.styles {
            if let found = bumpingUp(to: path) { boundaries.formUnion(found) } else { reload = true }
        }
        if reload { return .reload }
        return .modules(boundaries.sorted().map { Self.url(of: $0) + "?v=\(versions[$0] ?? 0)" }, styles: true)
    }

    /// The nearest modules above (or at) a changed one that can take the change in: components are refreshed, styles
    /// replaced. `nil` when some way up ends at the entry, which only a reload runs again.
    private func bumpingUp(to changed: String) -> Set<String>? {
        var found: Set<String> = []
        var seen: Set<String> = []
        var open = [changed]
        while let path = open.popLast() {
            guard seen.insert(path).inserted else { continue }
            versions[path, default: 0] += 1
            if path == stage.settings.client.entry { return nil }
            if path.hasSuffix(".css") || cache[path]?.module.refresh == true {
                found.insert(path)
                continue
            }
            let importers = cache.filter { $0.value.module.imports.contains { $0.path == path } }.map(\.key)
            if importers.isEmpty { return nil }
            open += importers
        }
        return found
    }

    private func transformed(_ path: String) async throws -> BunWorker.Transformed {
        guard let bytes = readFile(path) else {
            throw BuildFailure([Diagnostic(file: path, message: "The file is missing.")])
        }
        let hash = ContentHash.hex(bytes)
        if let cached = cache[path], cached.hash == hash,
            cached.module.imports.allSatisfy({ readFile($0.path) != nil })
        {
            return cached.module
        }
        do {
            let module = try await stage.worker.transform(
                BunWorker.TransformRequest(
                    path: path, define: stage.definitions, moduleBase: Self.moduleBase, fileBase: Self.fileBase,
                    client: clientURL, ignoredStyles: [stage.settings.client.styles]))
            cache[path] = Cached(hash: hash, module: module)
            refused.remove(path)
            return module
        } catch {
            // A module that a page already has keeps running there; only one it never got leaves a hole.
            if cache[path] == nil { refused.insert(path) }
            throw error
        }
    }

    /// Packages of the whole application, so that a lazily loaded route finds its own in the map that came with the
    /// page. Source that cannot be bundled just now must not keep the page, and with it the error display, from loading:
    /// then the packages named in package.json stand in.
    private func importMap() async throws -> ImportMap {
        let specifiers = await stage.developmentPackages()
        let react = try await stage.vendors.bundle(stage.reactRequest)
        var bundles = [react]
        for specifier in specifiers where !react.specifiers.contains(specifier) {
            bundles.append(try await stage.vendors.bundle(stage.vendorRequest(for: specifier, among: specifiers)))
        }
        var map = ImportMap()
        for bundle in bundles {
            let url = Self.vendorBase + bundle.name + ".js"
            vendorTexts[url] = bundle.code
            for specifier in bundle.specifiers { map.imports[specifier] = url }
        }
        knownPackages = Set(map.imports.keys)
        return map
    }

    static func url(of path: String) -> String {
        moduleBase + (path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path)
    }

    /// A site-relative path out of a URL, refusing what leads elsewhere or to hidden files.
    private nonisolated func path(in url: String, below base: String) -> String? {
        guard url.hasPrefix(base), let path = String(url.dropFirst(base.count)).removingPercentEncoding else {
            return nil
        }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") && !$0.contains("\0") }
        return isPlain ? path : nil
    }

    private static let scriptType = "text/javascript; charset=utf-8"

    private static let fileTypes = [
        "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
        "avif": "image/avif", "ico": "image/x-icon", "svg": "image/svg+xml", "woff": "font/woff", "woff2": "font/woff2",
        "ttf": "font/ttf", "otf": "font/otf", "mp4": "video/mp4", "webm": "video/webm", "mp3": "audio/mpeg",
        "wav": "audio/wav", "ogg": "audio/ogg", "pdf": "application/pdf", "wasm": "application/wasm",
    ]

    /// `nil` for files that no page has a reason to fetch.
    private static func fileType(of path: String) -> String? {
        fileTypes[(path as NSString).pathExtension.lowercased()]
    }
}

extension ClientStage {
    /// The packages that development pages need.
    func developmentPackages() async -> [String] {
        let refresh = "react-refresh/runtime"
        var request = BunWorker.BundleRequest(entrypoint: settings.client.entry)
        request.minify = false
        request.define = definitions
        request.packages = true
        request.ignoredStyles = [settings.client.styles]
        if let application = try? await Self.bundle(request, with: worker) {
            return Set(packageSpecifiers(in: application) + [refresh]).sorted()
        }
        struct Package: Decodable { var dependencies: [String: String]? }
        let data = FileManager.default.contents(atPath: worker.site + "/package.json") ?? Data()
        let package = try? JSONDecoder().decode(Package.self, from: data)
        return Set((package?.dependencies ?? [:]).keys).union([refresh]).sorted()
    }
}
