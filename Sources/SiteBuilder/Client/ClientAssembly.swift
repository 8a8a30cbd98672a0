import Foundation

/// Puts the parts together: names every file by its bytes, fills the import map, writes the page.
struct ClientAssembly {
    var site: String
    var client: SiteConfiguration.Client
    var application: BunWorker.BundleResult
    var packages: [VendorBundle]
    var styles: StyleCompiler.Compiled?

    /// A script with its public name.
    private struct Script {
        var path: String
        var code: String
        var map: BunWorker.SourceMap
        var kind: ClientOutput.Entry.Kind
        var name: String
        /// What others import it by.
        var specifiers: [String]
        /// What it imports statically.
        var imports: [String]
        var integrity: String
        var url: String { "/" + path }
    }

    func output() throws -> ClientOutput {
        let scripts = packages.map(script) + application.files.map(script)
        let byName = Dictionary(
            scripts.flatMap { script in script.specifiers.map { ($0, script) } },
            uniquingKeysWith: { first, _ in first })
        var files: [String: OutputFile] = [:]
        var maps: [String: OutputFile] = [:]
        var graph: [String: ClientOutput.Entry] = [:]
        var importMap = ImportMap()
        for script in scripts {
            files[script.path] = OutputFile(path: script.path, text: script.code)
            maps[script.path] = OutputFile(path: script.path + ".map", bytes: try script.map.bytes())
            let imports = Set(script.imports.compactMap { byName[$0]?.path }).sorted()
            graph[script.path] = ClientOutput.Entry(
                path: script.path, kind: script.kind, name: script.name, imports: imports, integrity: script.integrity)
            for specifier in script.specifiers { importMap.imports[specifier] = script.url }
            importMap.integrity[script.url] = script.integrity
        }

        var page = IndexPage(template: try template(), name: client.html)
        page.importMap = importMap
        for (name, css) in try sheets() {
            let path = AssetName.path(AssetName.ofModule(name), Array(css.utf8), "css")
            let file = OutputFile(path: path, text: css)
            let integrity = ContentHash.integrity(file.bytes)
            files[path] = file
            graph[path] = .init(path: path, kind: .style, name: name, imports: [], integrity: integrity)
            page.styles.append(.init(url: file.url, integrity: integrity))
        }
        for asset in try assets() {
            files[asset.file.path] = asset.file
            graph[asset.file.path] = .init(
                path: asset.file.path, kind: .asset, name: asset.name, imports: [], integrity: nil)
        }
        if let entry = scripts.first(where: { $0.kind == .entry }) {
            page.scripts = [.init(url: entry.url, integrity: entry.integrity)]
            page.preloads = closure(of: entry, byName).map { .init(url: $0.url, integrity: $0.integrity) }
        }
        let rendered = try page.rendered()
        files["index.html"] = OutputFile(path: "index.html", text: rendered.html)
        return ClientOutput(
            files: files.values.sorted { $0.path < $1.path }, maps: maps.values.sorted { $0.path < $1.path },
            graph: graph.values.sorted { $0.path < $1.path },
            importMapHash: ContentHash.policySource(importMap.json()),
            inlineScriptHashes: rendered.inlineScriptHashes, warnings: [])
    }

    private func script(_ bundle: VendorBundle) -> Script {
        script(
            AssetName.sanitized(bundle.name), bundle.code, bundle.map, .vendor,
            name: bundle.specifiers.joined(separator: ", "), bundle.specifiers, bundle.imports)
    }

    private func script(_ file: BunWorker.BundleResult.File) -> Script {
        let kind: ClientOutput.Entry.Kind = file.isEntry ? .entry : file.entryPoint == nil ? .shared : .lazy
        let name = file.entryPoint ?? file.inputs.joined(separator: ", ")
        let stem = file.entryPoint.map(AssetName.ofModule) ?? "shared"
        let imports = file.imports.filter { !$0.isDynamic }.map(\.path)
        return script(stem, file.code, file.map, kind, name: name, [file.name], imports)
    }

    private func script(
        _ stem: String, _ code: String, _ map: BunWorker.SourceMap, _ kind: ClientOutput.Entry.Kind, name: String,
        _ specifiers: [String], _ imports: [String]
    ) -> Script {
        let bytes = Array(code.utf8)
        return Script(
            path: AssetName.path(stem, bytes, "js"), code: code, map: map, kind: kind, name: name,
            specifiers: specifiers, imports: imports, integrity: ContentHash.integrity(bytes))
    }

    /// What a script imports statically, directly or not: application files first, then vendors, each by name.
    private func closure(of entry: Script, _ byName: [String: Script]) -> [Script] {
        var found: [String: Script] = [:]
        var open = entry.imports
        while let name = open.popLast() {
            guard let script = byName[name], script.path != entry.path, found[script.path] == nil else { continue }
            found[script.path] = script
            open += script.imports
        }
        return found.values.sorted { ($0.kind == .vendor ? 1 : 0, $0.path) < ($1.kind == .vendor ? 1 : 0, $1.path) }
    }

    /// Tailwind's stylesheet, then the one merged from what scripts import.
    private func sheets() throws -> [(name: String, css: String)] {
        var sheets: [(String, String)] = []
        if let styles { sheets.append((client.styles, styles.css)) }
        if !application.styles.isEmpty { sheets.append((client.entry, try importedStyles().css)) }
        return sheets
    }

    private func importedStyles() throws -> StyleCompiler.Compiled {
        try StyleURLs(site: site, input: client.entry, base: .published).rewritten(application.styles)
    }

    private func assets() throws -> [(file: OutputFile, name: String)] {
        var found = (styles?.assets ?? []).map { ($0, client.styles) }
        if !application.styles.isEmpty { found += try importedStyles().assets.map { ($0, client.entry) } }
        for asset in application.assets {
            guard let bytes = FileManager.default.contents(atPath: site + "/" + asset.file) else {
                throw BuildFailure([Diagnostic(file: asset.file, message: "The file has gone during the build.")])
            }
            found.append((OutputFile(path: String(asset.url.dropFirst()), bytes: Array(bytes)), asset.file))
        }
        return found
    }

    private func template() throws -> String {
        do {
            return try String(contentsOfFile: site + "/" + client.html, encoding: .utf8)
        } catch {
            throw BuildFailure([
                Diagnostic(
                    file: client.html, message: "The page cannot be read.", hint: "site.toml names it as client.html.")
            ])
        }
    }
}

extension OutputFile {
    /// Where the file is served.
    var url: String { "/" + path }
}

extension BunWorker.SourceMap {
    /// The map as JSON, with sorted keys.
    func bytes() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }
}
