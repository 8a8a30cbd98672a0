import FileWatcher
import Foundation
import Testing

@Suite struct FileWatcherTests {
    private func folder() throws -> String {
        let path = NSTemporaryDirectory() + "lilypad-watch-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path + "/deep/er", withIntermediateDirectories: true)
        return path
    }

    /// Collects until every expected path was reported, or gives up after a while.
    private func wait(for expected: Set<String>, from watcher: FileWatcher) async -> Set<String> {
        await withTaskGroup(of: Set<String>.self) { group in
            group.addTask {
                var seen: Set<String> = []
                for await batch in watcher.batches {
                    seen.formUnion(batch.paths)
                    if expected.isSubset(of: seen) { break }
                }
                return seen
            }
            group.addTask {
                try? await Task.sleep(for: .seconds(20))
                return []
            }
            let first = await group.next() ?? []
            group.cancelAll()
            return first
        }
    }

    @Test func `writes, renames and deletions below a folder are reported`() async throws {
        let root = try folder()
        defer { try? FileManager.default.removeItem(atPath: root) }
        try "one".write(toFile: root + "/deep/er/gone.txt", atomically: false, encoding: .utf8)
        let watcher = try FileWatcher(roots: [root])
        defer { watcher.stop() }
        try "two".write(toFile: root + "/deep/new.txt", atomically: true, encoding: .utf8)
        try FileManager.default.removeItem(atPath: root + "/deep/er/gone.txt")
        let expected: Set = [root + "/deep/new.txt", root + "/deep/er/gone.txt"]
        #expect(await wait(for: expected, from: watcher).isSuperset(of: expected))
    }

    @Test func `files written into a new folder are found however early they came`() async throws {
        let root = try folder()
        defer { try? FileManager.default.removeItem(atPath: root) }
        let watcher = try FileWatcher(roots: [root])
        defer { watcher.stop() }
        try FileManager.default.createDirectory(atPath: root + "/x/y", withIntermediateDirectories: true)
        try "z".write(toFile: root + "/x/y/z.txt", atomically: false, encoding: .utf8)
        #expect(await wait(for: [root + "/x/y/z.txt"], from: watcher).contains(root + "/x/y/z.txt"))
    }

    @Test func `ignored folders stay silent`() async throws {
        let root = try folder()
        defer { try? FileManager.default.removeItem(atPath: root) }
        let watcher = try FileWatcher(roots: [root], ignores: { $0.hasSuffix("/deep") })
        defer { watcher.stop() }
        try "a".write(toFile: root + "/deep/er/a.txt", atomically: false, encoding: .utf8)
        try "b".write(toFile: root + "/b.txt", atomically: false, encoding: .utf8)
        let seen = await wait(for: [root + "/b.txt"], from: watcher)
        #expect(seen.contains(root + "/b.txt"))
        #expect(!seen.contains { $0.contains("/deep/") })
    }
}
