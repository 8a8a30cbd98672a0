import Foundation

@testable import SiteBuilder

/// A folder of a test's own, gone when the test is.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        let name = "lilypad-\(UUID().uuidString.prefix(13))"
        path = FileManager.default.temporaryDirectory.path + "/" + name
        try Files.makeFolder(path)
    }

    deinit { try? Files.remove(path) }

    subscript(name: String) -> String { "\(path)/\(name)" }

    @discardableResult func write(_ name: String, _ text: String) throws -> String {
        try Files.makeFolder(Files.parent(self[name]))
        try Files.write(Array(text.utf8), to: self[name])
        return self[name]
    }

    func text(_ name: String) throws -> String { String(decoding: try Files.read(self[name]), as: UTF8.self) }

    /// Every file below, hidden ones included, with its text.
    func tree(_ name: String = "") throws -> [String: String] {
        var found: [String: String] = [:]
        let root = name.isEmpty ? path : self[name]
        guard Files.kind(root) == .folder else { return [:] }
        for entry in try Files.list(root) {
            let below = name.isEmpty ? entry.name : "\(name)/\(entry.name)"
            if entry.kind == .folder {
                found.merge(try tree(below)) { _, new in new }
            } else {
                found[below] = try text(below)
            }
        }
        return found
    }
}

extension OutputFile {
    init(_ path: String, _ text: String) { self.init(path: path, text: text) }
}

/// What a call threw, as one text.
func reported(_ body: () throws -> Void) -> String {
    do {
        try body()
        return ""
    } catch let failure as BuildFailure {
        return failure.diagnostics.map { $0.rendered() }.joined(separator: "\n")
    } catch let diagnostic as Diagnostic {
        return diagnostic.rendered()
    } catch {
        return "\(error)"
    }
}

func reported(_ body: () async throws -> Void) async -> String {
    do {
        try await body()
        return ""
    } catch {
        return reported { throw error }
    }
}
