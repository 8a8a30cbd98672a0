import Foundation
import SiteBuilder

/// A small documentation in memory, and one call to build it.
struct DocsSite {
    static let layout = """
        <html lang="{{language}}"><title>{{title}} · {{site_title}}</title><meta name="description" content="{{description}}">\
        <link rel="canonical" href="{{canonical}}">{{head}}<body class="{{page_class}}">{{nav}}<main>{{content}}</main>\
        {{previous_next}}{{outline}}</body></html>
        """

    var files: [String: [UInt8]] = ["docs/_layout.html": Array(layout.utf8)]
    var sections: [SiteConfiguration.Docs.Section] = []
    var highlighting: DocsInput.Highlighting?

    /// - Parameter pages: Markdown by path below `docs/`; `index.md` is added when missing, so that a test names only what it is about.
    init(_ pages: [String: String], sections: [SiteConfiguration.Docs.Section] = []) {
        for (path, text) in pages { files["docs/\(path)"] = Array(text.utf8) }
        if pages["index.md"] == nil { files["docs/index.md"] = Array("# Start\n".utf8) }
        self.sections = sections
    }

    var input: DocsInput {
        var configuration = SiteConfiguration(
            title: "Lily & pad", description: "About it.", baseURL: "https://example.com")
        var docs = SiteConfiguration.Docs()
        docs.sections = sections
        configuration.docs = docs
        var input = DocsInput(configuration: configuration, source: .memory(files))
        input.head = "<script src=\"/assets/docs.js\"></script>"
        input.knownPrefixes = ["/status", "/api"]
        input.knownPaths = ["/robots.txt"]
        input.highlighting = highlighting
        return input
    }

    func build() async throws -> DocsOutput { try await DocsBuilder().build(input) }

    /// What is wrong, one line each: `place: severity: sentence [hint]`.
    func complaints() async -> [String] {
        do {
            return try await build().warnings.map(Self.line)
        } catch let failure as BuildFailure {
            return failure.diagnostics.map(Self.line)
        } catch {
            return ["\(error)"]
        }
    }

    static func line(_ diagnostic: Diagnostic) -> String {
        "\(diagnostic.place): \(diagnostic.severity.rawValue): \(diagnostic.message)"
            + (diagnostic.hint.map { " [\($0)]" } ?? "")
    }
}

extension DocsOutput {
    /// A file's text.
    subscript(path: String) -> String? {
        files.first { $0.path == path }.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    /// What the layout has between `<main>` and `</main>`.
    func content(_ path: String = "docs/index.html") -> String {
        guard let text = self[path], let start = text.range(of: "<main>"), let end = text.range(of: "</main>") else {
            return ""
        }
        return String(text[start.upperBound..<end.lowerBound])
    }
}

/// A folder that goes away with the value.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "docs-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        let url = URL(fileURLWithPath: "\(path)/\(name)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }
}
