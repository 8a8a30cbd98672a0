/// A whole bundle in memory, ready to be written.
public struct SiteBundle: Sendable {
    /// Everything below `dist/`, sorted by path: public files, packed variants, source maps, `manifest.json`.
    public var files: [OutputFile]
    public var manifest: Manifest
    public var artifacts: [Artifact]
    public var warnings: [Diagnostic]

    /// Describes and packs the assembled files.
    init(
        _ assembly: BundleAssembly.Result, packer: Packer?, digests: DigestMemory,
        progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void
    ) async throws {
        artifacts = assembly.artifacts
        warnings = assembly.warnings
        var files = artifacts.map { OutputFile(path: "public/" + $0.file.path, bytes: $0.file.bytes) }
        files += assembly.maps.map { OutputFile(path: "maps/" + $0.path, bytes: $0.bytes) }
        let hashes = try await Self.fingerprints(files, digests)
        var entries: [Manifest.File] = []
        var items: [Packer.Item] = []
        var packed: [Int] = []
        for (index, artifact) in assembly.artifacts.enumerated() {
            let path = artifact.file.path
            let type = FileType(path: path)
            let isServed = !Self.steersServer(path)
            let isChecked = path.hasSuffix(".js") || path.hasSuffix(".css")
            entries.append(
                Manifest.File(
                    path: files[index].path, size: artifact.file.bytes.count, sha256: hashes[index].hex,
                    contentType: isServed ? type.contentType : nil,
                    integrity: isChecked ? ContentHash.integrity(artifact.file.bytes) : nil))
            if packer != nil && isServed && type.isPackable {
                items.append(.init(bytes: artifact.file.bytes, hash: hashes[index], text: type.isText))
                packed.append(index)
            }
        }
        for index in files.indices.dropFirst(artifacts.count) {
            entries.append(
                Manifest.File(
                    path: files[index].path, size: files[index].bytes.count, sha256: hashes[index].hex,
                    contentType: FileType(path: files[index].path).contentType))
        }
        for (index, variants) in zip(packed, try await packer?.pack(items, progress: progress) ?? []) {
            for (name, ending, variant) in [("br", ".br", variants.brotli), ("gzip", ".gz", variants.gzip)] {
                guard let variant else { continue }
                entries[index].encodings[name] = .init(size: variant.bytes.count, sha256: variant.hash.hex)
                files.append(OutputFile(path: entries[index].path + ending, bytes: variant.bytes))
            }
        }
        manifest = Manifest(files: entries)
        files.append(OutputFile(path: "manifest.json", bytes: manifest.json()))
        self.files = files.sorted { Files.bytewise($0.path, $1.path) }
    }

    /// Whether the file is read by the asset server and never served: nobody could ask for it packed.
    static func steersServer(_ path: String) -> Bool { ["_headers", "_redirects", ".assetsignore"].contains(path) }

    /// The hash of each file, over all cores.
    private static func fingerprints(_ files: [OutputFile], _ digests: DigestMemory) async throws -> [ContentDigest] {
        defer { digests.forget(allBut: files) }
        return try await withThrowingTaskGroup(of: (Int, [ContentDigest]).self) { group in
            for start in stride(from: 0, to: files.count, by: 128) {
                let chunk = files[start..<min(start + 128, files.count)]
                group.addTask {
                    try Task.checkCancellation()
                    return (start, chunk.map(digests.digest))
                }
            }
            var chunks: [(Int, [ContentDigest])] = []
            for try await chunk in group { chunks.append(chunk) }
            return chunks.sorted { $0.0 < $1.0 }.flatMap(\.1)
        }
    }
}
