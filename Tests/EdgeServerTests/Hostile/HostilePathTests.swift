import Foundation
import NIOCore
import StaticAssets
import Testing

@testable import EdgeServer

/// Paths that point out of a folder, however they are written.
@Suite struct HostilePathTests {
    private static let climbs: [String] = [
        "/../secret.txt", "/../../secret.txt", "/%2e%2e/secret.txt", "/%2E%2E/secret.txt", "/.%2e/secret.txt",
        "/..%2fsecret.txt", "/..%2Fsecret.txt", "/%2e%2e%2fsecret.txt", "/%252e%252e/secret.txt",
        "/%252e%252e%252fsecret.txt", "/%25252e%25252e/secret.txt", "/..\\secret.txt", "/..%5csecret.txt",
        "/%2e%2e%5csecret.txt", "/..%255csecret.txt", "/....//secret.txt", "/..;/secret.txt", "/..;x/secret.txt",
        "/./../secret.txt", "/sub/../../secret.txt", "/sub/%2e%2e/%2e%2e/secret.txt", "/sub/..%2f..%2fsecret.txt",
        "//../secret.txt", "///../../secret.txt", "/..%00/secret.txt", "/../secret.txt%00.html",
        "/%00../secret.txt", "/index.html%00/../../secret.txt", "/..%c0%afsecret.txt", "/%c0%ae%c0%ae/secret.txt",
        "/%e0%80%ae%e0%80%ae/secret.txt", "/%uff0e%uff0e/secret.txt", "/..%u2215secret.txt",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/sub/../../../../../../../../etc/passwd", "/file:///etc/passwd", "//etc/passwd", "/%2fetc%2fpasswd",
        "/C:/secret.txt", "/..%", "/..%2", "/%2e%2e?/secret.txt", "/link.txt/../../secret.txt", "/.%00./secret.txt",
    ]

    @Test("a path that climbs stays in the folder", arguments: climbs)
    func stays(path: String) async throws {
        let text = try await answer(to: path)
        let answers = RawAnswers(text)
        #expect(!text.contains("THE SECRET"))
        #expect(!text.contains("root:"))
        // A path with its dots resolved may be somewhere else in the folder; nothing but that may be found.
        let known = ["the first page", "below"]
        #expect(answers.statuses.first.map { $0 != 200 || known.contains(answers.bodies.first ?? "") } == true)
        #expect(answers.bodies.last == "the first page")
    }

    @Test func `a file that is there is found by the same server`() async throws {
        let answers = RawAnswers(try await answer(to: "/sub/below.txt"))
        #expect(answers.bodies == ["below", "the first page"])
    }

    /// Asks for the path and then, on another connection, for the first page.
    private func answer(to path: String) async throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hostile-\(UUID().uuidString)")
        let site = folder.appendingPathComponent("site")
        try FileManager.default.createDirectory(
            at: site.appendingPathComponent("sub"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("THE SECRET".utf8).write(to: folder.appendingPathComponent("secret.txt"))
        try Data("the first page".utf8).write(to: site.appendingPathComponent("index.html"))
        try Data("below".utf8).write(to: site.appendingPathComponent("sub/below.txt"))
        let router = AssetRouter(
            bundle: try AssetBundle.load(from: site.path), settings: AssetSettings(), hasWorker: false)
        let live = LiveSite(Site(router: router, bundleHash: nil))
        let server = EdgeServer(threads: 1)
        let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0)) { _ in
            Gateway(site: live, worker: nil)
        }
        var text = ""
        for target in [path, "/"] {
            if let client = try? RawClient(port: address?.port ?? 0) {
                client.send("GET \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                text += client.read()
            }
        }
        await server.stop(within: .seconds(5))
        return text
    }
}
