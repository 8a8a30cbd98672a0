import Foundation
import Testing

@testable import EdgeEmulator

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct StateFolderTests {
    @Test func `is made with its parents, readable by its owner alone`() async throws {
        try await withTemporaryFolder { root in
            let folder = try StateFolder(path: root + "/a/b/state")
            #expect(folder.path.hasSuffix("/a/b/state"))
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.path)
            #expect(attributes[.posixPermissions] as? Int == 0o700)
        }
    }

    @Test func `names the process that holds it`() async throws {
        try await withTemporaryFolder { root in
            let first = try StateFolder(path: root)
            let failure = #expect(throws: StateFailure.self) { try StateFolder(path: root) }
            #expect(failure?.kind == .inUse)
            let sentence = failure?.description ?? ""
            #expect(sentence.hasPrefix("The state in \(first.path) is in use by process \(getpid()) ("))
            #expect(sentence.hasSuffix("); stop that one, or choose another folder with --persist-to."))
        }
    }

    @Test func `can be taken again once it is closed or dropped`() async throws {
        try await withTemporaryFolder { root in
            let first = try StateFolder(path: root)
            first.close()
            first.close()
            _ = try StateFolder(path: root)
            _ = try StateFolder(path: root)
        }
    }

    @Test func `a process that holds the lock keeps this one out`() async throws {
        try await withTemporaryFolder { root in
            let ready = root + "/ready"
            let holder = Process()
            holder.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            holder.arguments = ["flock", "-x", root + "/lock", "sh", "-c", "touch '\(ready)'; exec cat"]
            let input = Pipe()
            holder.standardInput = input
            try holder.run()
            try await waitUntil { FileManager.default.fileExists(atPath: ready) }
            let failure = #expect(throws: StateFailure.self) { try StateFolder(path: root) }
            #expect(failure?.kind == .inUse)
            #expect(failure?.description.contains("in use by another process") == true)
            // The kernel drops the lock with the process, however it ends.
            kill(holder.processIdentifier, SIGKILL)
            try input.fileHandleForWriting.close()
            holder.waitUntilExit()
            try await waitUntil { (try? StateFolder(path: root)) != nil }
        }
    }

    @Test func `one that cannot be written says so`() async throws {
        try await withTemporaryFolder { root in
            chmod(root, 0o555)
            defer { chmod(root, 0o755) }
            let failure = try #require(await asOrdinaryUser { try? fail { try StateFolder(path: root) } })
            #expect(failure.kind == .readOnly)
            #expect(
                failure.description
                    == "The state in \(root) cannot be written; make it writable, or choose another folder with --persist-to."
            )
            let inside = try #require(await asOrdinaryUser { try? fail { try StateFolder(path: root + "/new/state") } })
            #expect(inside.kind == .readOnly)
        }
    }

    @Test func `a file in its place is refused`() async throws {
        try await withTemporaryFolder { root in
            try Data().write(to: URL(fileURLWithPath: root + "/state"))
            let failure = #expect(throws: StateFailure.self) { try StateFolder(path: root + "/state") }
            #expect(failure?.description == "The state in \(root)/state cannot be opened: Not a directory.")
        }
    }
}

/// The failure of something that must fail.
private func fail<Value>(_ body: () throws -> Value) throws -> StateFailure? {
    do {
        _ = try body()
        return nil
    } catch let failure as StateFailure {
        return failure
    }
}

/// Runs `body` with the file permissions of an ordinary user, also where tests run as root: Linux keeps them per thread.
private func asOrdinaryUser<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        let thread = Thread {
            if geteuid() == 0, let setfsuid = dlsym(nil, "setfsuid") {
                _ = unsafeBitCast(setfsuid, to: (@convention(c) (uid_t) -> Int32).self)(65_534)
            }
            continuation.resume(returning: body())
        }
        thread.start()
    }
}

/// Asks again until the condition holds; the deadline is there for a machine that hangs.
private func waitUntil(_ condition: () -> Bool) async throws {
    for _ in 0..<6000 {
        if condition() { return }
        try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("the condition did not come true")
}
