import Foundation

extension ClientStage {
    /// Compiles one stylesheet through Tailwind into `assets/NAME-HASH.css`.
    ///
    /// - Parameter input: site-relative.
    public nonisolated func compileStyles(input: String) async throws -> StandaloneFile {
        let compiled = try await styles.compile(input, minify: settings.mode == .production)
        let bytes = Array(compiled.css.utf8)
        return StandaloneFile(
            file: OutputFile(path: AssetName.path(AssetName.ofModule(input), bytes, "css"), bytes: bytes), map: nil,
            integrity: ContentHash.integrity(bytes), assets: compiled.assets, warnings: [])
    }

    /// Bundles one script with everything it imports into one file that runs without an import map.
    ///
    /// - Parameter entry: site-relative.
    public nonisolated func bundleScript(
        entry: String, format: BunWorker.BundleRequest.Format = .esm
    ) async throws -> StandaloneFile {
        var request = BunWorker.BundleRequest(entrypoint: entry)
        request.format = format
        request.minify = settings.mode == .production
        request.define = definitions
        let result = try await Self.bundle(request, with: worker)
        guard let script = result.files.first(where: \.isEntry) else {
            throw BuildFailure([Diagnostic(file: entry, message: "The script made no file.")])
        }
        let bytes = Array(script.code.utf8)
        let path = AssetName.path(AssetName.ofModule(entry), bytes, "js")
        let assets = try result.assets.map { asset in
            guard let content = FileManager.default.contents(atPath: worker.site + "/" + asset.file) else {
                throw BuildFailure([Diagnostic(file: asset.file, message: "The file has gone during the build.")])
            }
            return OutputFile(path: String(asset.url.dropFirst()), bytes: Array(content))
        }
        return StandaloneFile(
            file: OutputFile(path: path, bytes: bytes),
            map: OutputFile(path: path + ".map", bytes: try script.map.bytes()),
            integrity: ContentHash.integrity(bytes), assets: assets,
            warnings: result.warnings.map { $0.diagnostic(site: worker.site) })
    }
}
