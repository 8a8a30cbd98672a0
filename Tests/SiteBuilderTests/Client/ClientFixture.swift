import Foundation
import SiteBuilder
import Testing

/// A copy of the fixture site in a folder of its own, with small packages in place of the real ones. The folder goes
/// when the value does.
final class ClientFixture: Sendable {
    let site: String
    let worker: BunWorker
    private let folder: URL

    init(under name: String = "site") throws {
        let here = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        folder = FileManager.default.temporaryDirectory.appending(path: "client-\(UUID().uuidString)")
        let target = folder.appending(path: name)
        try FileManager.default.createDirectory(
            at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: here.appending(path: "Fixtures/client-site"), to: target)
        try FileManager.default.moveItem(
            at: target.appending(path: "packages"), to: target.appending(path: "node_modules"))
        site = target.path
        worker = BunWorker(bun: try ClientTools.bun, site: site)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func write(_ text: String, to path: String) throws {
        let url = URL(filePath: site).appending(path: path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: site + "/" + path) }

    func replace(_ text: String, with other: String, in path: String) throws {
        let before = try String(contentsOfFile: site + "/" + path, encoding: .utf8)
        try #require(before.contains(text))
        try write(before.replacing(text, with: other), to: path)
    }

    func stage(
        _ mode: ClientStage.Mode = .production, cache: String? = nil,
        change: (inout ClientStage.Settings) -> Void = { _ in }
    ) throws -> ClientStage {
        var settings = ClientStage.Settings(
            site: site, mode: mode, environment: ["PUBLIC_API": "/api/v1", "SECRET": "hidden-value"], cache: cache)
        settings.checksTypes = false
        change(&settings)
        return ClientStage(settings, worker: worker, bun: try ClientTools.bun, tailwind: try ClientTools.tailwind)
    }
}

/// The front-end tools, in `LILYPAD_TOOLCHAIN` or `.toolchain` of the checkout.
enum ClientTools {
    static var bun: String { get throws { try tool("bun") } }
    static var tailwind: String { get throws { try tool("tailwindcss") } }

    private static func tool(_ name: String) throws -> String {
        var root = URL(filePath: #filePath).deletingLastPathComponent()
        while root.path != "/", !FileManager.default.fileExists(atPath: root.appending(path: "Package.swift").path) {
            root.deleteLastPathComponent()
        }
        let folder = ProcessInfo.processInfo.environment["LILYPAD_TOOLCHAIN"] ?? root.appending(path: ".toolchain").path
        let path = folder + "/bin/" + name
        try #require(FileManager.default.isExecutableFile(atPath: path), "\(path) is missing; run `lilypad setup`.")
        return path
    }
}

extension ClientOutput {
    /// Texts by path.
    var texts: [String: String] {
        Dictionary(uniqueKeysWithValues: (files + maps).map { ($0.path, String(decoding: $0.bytes, as: UTF8.self)) })
    }

    func text(of kind: Entry.Kind, named part: String = "") throws -> String {
        let entry = try #require(graph.first { $0.kind == kind && (part.isEmpty || $0.name.contains(part)) })
        return try #require(texts[entry.path])
    }
}

/// The diagnostics that something throws, as text.
func clientProblems(_ work: () async throws -> some Any) async throws -> [String] {
    do {
        _ = try await work()
        return []
    } catch let failure as BuildFailure {
        return failure.diagnostics.map { $0.rendered() }
    }
}
