import Foundation

/// One file made of one or more packages, which application files import by the packages' names.
struct VendorBundle: Codable, Sendable {
    /// Names the file: `react`, `tanstack-react-query`.
    var name: String
    /// The specifiers it answers to.
    var specifiers: [String]
    var code: String
    var map: BunWorker.SourceMap
    /// Specifiers it imports itself.
    var imports: [String]
    /// SHA-256 of every file it was made from, by site-relative path.
    var sources: [String: String]
}

/// Bundles packages, and remembers the results: in memory, and in a folder when there is one.
///
/// A remembered bundle counts as long as every file it was made from still has the same bytes, the bundler is the same
/// and it was asked the same question.
actor VendorBundles {
    /// What is asked for. All else that matters is found in the sources.
    struct Request: Sendable, Hashable {
        var name: String
        var specifiers: [String]
        /// Specifiers that stay imports, sorted.
        var external: [String]
        /// Whether the packages become one: every name of each, and a default export with all of them.
        var merged: Bool
        var development: Bool
    }

    /// React's packages know each other's insides and must exist once, so they are one file.
    static let react = ["react", "react/jsx-runtime", "react-dom", "react-dom/client"]
    static let reactForDevelopment = react + ["react/jsx-dev-runtime"]

    private let worker: BunWorker
    private let folder: String?
    private var known: [String: VendorBundle] = [:]

    /// - Parameter folder: where bundles are kept between runs; created when needed.
    init(worker: BunWorker, folder: String?) {
        self.worker = worker
        self.folder = folder
    }

    func bundle(_ request: Request) async throws -> VendorBundle {
        let key = try await key(of: request)
        if let bundle = known[key] ?? stored(key), isCurrent(bundle) {
            known[key] = bundle
            return bundle
        }
        let bundle = try await build(request)
        known[key] = bundle
        store(bundle, key)
        return bundle
    }

    /// The files a bundle was made from are compared by content: reading them costs a few milliseconds.
    ///
    /// Packages that are installed above the site folder have names by which they are not found again: such a bundle is
    /// made anew each time.
    private func isCurrent(_ bundle: VendorBundle) -> Bool {
        let isKnown = bundle.sources.keys.contains { $0 != "tsconfig.json" && $0 != "package.json" }
        return isKnown
            && bundle.sources.allSatisfy { path, hash in
                FileManager.default.contents(atPath: worker.site + "/" + path).map { ContentHash.hex($0) } == hash
            }
    }

    private func key(of request: Request) async throws -> String {
        let version = try await worker.ping()
        var key = ContentHash.Key()
        key.add(version.version + version.revision)
        let scripts = URL(filePath: worker.script).deletingLastPathComponent().path
        for name in try FileManager.default.contentsOfDirectory(atPath: scripts).sorted() {
            key.add(Array(FileManager.default.contents(atPath: scripts + "/" + name) ?? Data()))
        }
        key.add(request.name)
        for list in [request.specifiers, request.external] { key.add(list.joined(separator: "\n")) }
        key.add("\(request.merged) \(request.development)")
        return key.hex()
    }

    private func build(_ request: Request) async throws -> VendorBundle {
        let define = ["process.env.NODE_ENV": request.development ? "\"development\"" : "\"production\""]
        let exports = try await worker.exports(of: request.specifiers, define: define)
        let text =
            request.merged
            ? try VendorEntry.merged(exports, name: request.name)
            : VendorEntry.alone(exports.modules[0])
        let entry = request.name + ".vendor.js"
        var bundling = BunWorker.BundleRequest(entrypoint: entry)
        bundling.files = [entry: text]
        bundling.minify = !request.development
        bundling.define = define
        bundling.external = request.external
        let result = try await worker.bundle(bundling)
        guard let file = result.files.first, result.files.count == 1 else {
            throw BuildFailure([Diagnostic(file: "package.json", message: "\(request.name) made no single file.")])
        }
        var sources: [String: String] = [:]
        for path in sourceFiles(of: result, except: entry) {
            guard let bytes = FileManager.default.contents(atPath: worker.site + "/" + path) else { continue }
            sources[path] = ContentHash.hex(bytes)
        }
        return VendorBundle(
            name: request.name, specifiers: request.specifiers, code: file.code, map: file.map,
            imports: Array(Set(file.imports.filter { !$0.isDynamic }.map(\.path))).sorted(), sources: sources)
    }

    /// The modules themselves, and the package.json and tsconfig.json files that decided which modules they are.
    private func sourceFiles(of result: BunWorker.BundleResult, except entry: String) -> Set<String> {
        var files: Set<String> = []
        for input in result.inputs where input.path != entry && !input.path.isEmpty {
            files.insert(input.path)
            var folder = (input.path as NSString).deletingLastPathComponent
            while !folder.isEmpty {
                let package = folder + "/package.json"
                if FileManager.default.fileExists(atPath: worker.site + "/" + package) { files.insert(package) }
                folder = (folder as NSString).deletingLastPathComponent
            }
        }
        if FileManager.default.fileExists(atPath: worker.site + "/tsconfig.json") { files.insert("tsconfig.json") }
        return files
    }

    private func stored(_ key: String) -> VendorBundle? {
        guard let folder, let data = FileManager.default.contents(atPath: "\(folder)/vendor-\(key).json") else {
            return nil
        }
        return try? JSONDecoder().decode(VendorBundle.self, from: data)
    }

    /// A cache that cannot be written is not an error: the next build takes a little longer.
    private func store(_ bundle: VendorBundle, _ key: String) {
        guard let folder, let data = try? JSONEncoder().encode(bundle) else { return }
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try? data.write(to: URL(filePath: "\(folder)/vendor-\(key).json"), options: .atomic)
    }
}

/// The modules that vendor files start with. They spell out every export, because what a CommonJS package exports can
/// not be seen from outside.
enum VendorEntry {
    /// One package: an ES module passes its exports on, a CommonJS one gets them spelled out.
    static func alone(_ module: BunWorker.Exports.Module) -> String {
        let quoted = ImportMap.quoted(module.specifier)
        guard module.format == "cjs" else {
            let all = "export * from \(quoted)\n"
            return module.names.contains("default") ? all + "export { default } from \(quoted)\n" : all
        }
        return "import * as m0 from \(quoted)\nexport default m0.default\n" + named([(0, module.names)])
    }

    /// Several packages as one: the union of their names, and a default export with all of them. Two packages may give
    /// a name the same value, not different ones.
    static func merged(_ exports: BunWorker.Exports, name: String) throws -> String {
        if let conflict = exports.conflicts.first {
            throw BuildFailure([
                Diagnostic(
                    file: "package.json",
                    message: "\(conflict.specifiers.joined(separator: " and ")) mean different things by "
                        + "\(conflict.name), so they cannot share the file \(name).")
            ])
        }
        var text = ""
        var seen: Set<String> = []
        var names: [(Int, [String])] = []
        for (index, module) in exports.modules.enumerated() {
            text += "import * as m\(index) from \(ImportMap.quoted(module.specifier))\n"
            names.append((index, module.names.filter { seen.insert($0).inserted }))
        }
        let spaces = exports.modules.indices.map { "m\($0)" }.joined(separator: ", ")
        text += "const { default: _, ...all } = Object.assign({}, \(spaces))\nexport default all\n"
        return text + named(names)
    }

    private static func named(_ modules: [(index: Int, names: [String])]) -> String {
        var text = ""
        var exported: [String] = []
        for module in modules {
            for name in module.names where isIdentifier(name) && name != "default" && name != "__esModule" {
                let local = "e\(exported.count)"
                text += "const \(local) = m\(module.index).\(name)\n"
                exported.append("\(local) as \(name)")
            }
        }
        return text + "export { \(exported.joined(separator: ", ")) }\n"
    }

    private static func isIdentifier(_ name: String) -> Bool { name.wholeMatch(of: /[A-Za-z_$][A-Za-z0-9_$]*/) != nil }
}
