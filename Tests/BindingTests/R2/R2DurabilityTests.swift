import Foundation
import Synchronization
import Testing
import Workers

@testable import EdgeEmulator

#if canImport(Glibc)
    import Glibc
#endif

/// What the durable implementation keeps on disk, and what it leaves there.
@Suite struct R2DurabilityTests {
    private static var limits: R2Limits {
        var limits = R2Limits()
        limits.minPartBytes = 10
        return limits
    }

    @Test func `everything is there again after the state was closed`() async throws {
        try await R2Folder.with { folder in
            let bytes = R2Content.bytes(700_000)
            let rules = [R2LifecycleRule(id: "rule", deletesObjects: .from(2_000_000_000))]
            let (stored, uploadID, part) = try await folder.open(limits: Self.limits) { state in
                let bucket = state.bucket("bucket")
                let options = R2PutOptions(customMetadata: ["k": "v"], storageClass: .infrequentAccess)
                let stored = try await bucket.put("long", bytes, options: options)
                try await bucket.put("empty", "")
                try await state.bucket("other").put("long", "another bucket's")
                let upload = try await bucket.createMultipartUpload("parts")
                try await bucket.setLifecycle(rules)
                return (stored, upload.uploadID, try await upload.uploadPart(1, "0123456789"))
            }
            try await folder.open(limits: Self.limits) { state in
                try await state.sweep()
                let bucket = state.bucket("bucket")
                #expect(try await bucket.head("long") == stored)
                #expect(try await bucket.get("long")?.bytes() == bytes)
                #expect(try await bucket.get("empty")?.text() == "")
                #expect(try await state.bucket("other").get("long")?.text() == "another bucket's")
                #expect(try await bucket.lifecycle() == rules)
                let resumed = bucket.resumeMultipartUpload("parts", uploadID: uploadID)
                let last = try await resumed.uploadPart(2, "ab")
                try await resumed.complete([part, last])
                #expect(try await bucket.get("parts")?.text() == "0123456789ab")
                #expect(try await state.bucketNames() == ["bucket", "other"])
            }
        }
    }

    @Test func `a sweep removes what no object needs, and nothing else`() async throws {
        try await R2Folder.with { folder in
            try await folder.open { state in
                try await state.bucket("bucket").put("key", "needed")
                let upload = try await state.bucket("bucket").createMultipartUpload("parts")
                try await upload.uploadPart(1, "needed, too")
            }
            let needed = folder.files
            #expect(needed.count == 2)

            // What a process that was killed may leave: half a body, and a whole one without a record.
            let blobs = folder.path + "/blobs/"
            let orphan = "00/" + String(repeating: "0", count: 62)
            try FileManager.default.createDirectory(atPath: blobs + "00", withIntermediateDirectories: true)
            for name in ["incoming/7", orphan, "00/not-ours"] {
                #expect(FileManager.default.createFile(atPath: blobs + name, contents: Data("left over".utf8)))
            }
            try await folder.open { state in
                let removed = try await state.sweep()
                #expect(removed == 1)
                #expect(folder.files == (needed + ["00/not-ours"]).sorted())
                #expect(try await state.sweep() == 0)
                #expect(try await state.bucket("bucket").get("key")?.text() == "needed")
            }
        }
    }

    @Test func `equal bytes are one file, which lives as long as anybody needs it`() async throws {
        try await R2Folder.with { folder in
            try await folder.open(limits: Self.limits) { state in
                let bucket = state.bucket("bucket")
                try await bucket.put("a", "the same bytes")
                try await bucket.put("b", "the same bytes")
                try await state.bucket("other").put("c", "the same bytes")
                #expect(folder.files.count == 1)
                try await bucket.delete(["a", "a", "nothing"])
                try await bucket.put("b", "other bytes")
                try await R2Folder.eventually("the store is quiet") { state.isQuiet }
                #expect(folder.files.count == 2)
                #expect(try await state.bucket("other").get("c")?.text() == "the same bytes")
                try await state.bucket("other").delete("c")
                try await bucket.delete("b")
                try await R2Folder.eventually("no file is left") { folder.files.isEmpty }
            }
        }
    }

    @Test func `a body that is read keeps its file, and only so long`() async throws {
        try await R2Folder.with { folder in
            try await folder.open { state in
                let bucket = state.bucket("bucket")
                let bytes = R2Content.bytes(400_000)
                try await bucket.put("key", bytes)
                // One is read later, one is let go, one is cancelled half way.
                let unread = try #require(try await bucket.get("key"))
                var dropped = try await bucket.get("key")
                let half = try #require(try await bucket.get("key")).body.stream()
                _ = try await half.next()
                try await bucket.delete("key")
                try await state.sweep()
                #expect(folder.files.count == 1)
                #expect(dropped != nil)
                dropped = nil
                half.cancel()
                #expect(try await unread.bytes() == bytes)
                try await R2Folder.eventually("no file is left") { folder.files.isEmpty && state.isQuiet }
            }
        }
    }

    @Test func `parts that the object does not take are removed`() async throws {
        try await R2Folder.with { folder in
            try await folder.open(limits: Self.limits) { state in
                let bucket = state.bucket("bucket")
                let upload = try await bucket.createMultipartUpload("key")
                try await upload.uploadPart(1, "replaced later")
                let first = try await upload.uploadPart(1, "0123456789")
                try await upload.uploadPart(2, "not taken, either")
                let last = try await upload.uploadPart(3, "end")
                try await upload.complete([first, last])
                try await R2Folder.eventually("two files are left") { folder.files.count == 2 && state.isQuiet }
                #expect(try await bucket.get("key")?.text() == "0123456789end")

                let other = try await bucket.createMultipartUpload("key")
                try await other.uploadPart(1, "aborted")
                try await other.abort()
                try await bucket.delete("key")
                try await R2Folder.eventually("no file is left") { folder.files.isEmpty }
            }
        }
    }

    @Test func `a put that is cancelled half way leaves nothing behind`() async throws {
        try await R2Folder.with { folder in
            try await folder.open { state in
                let bucket = state.bucket("bucket")
                try await bucket.put("key", "old")
                let (writer, stream) = BodyStream.pipe(length: 10_000_000)
                let put = Task { try await bucket.put("key", Body(stream: stream)) }
                for _ in 0..<20 { try await writer.write(R2Content.bytes(100_000)) }
                try await R2Folder.eventually("it has begun") { folder.files.count == 2 }
                put.cancel()
                await #expect(throws: CancellationError.self) { try await put.value }
                #expect(writer.isCancelled)
                try await R2Folder.eventually("the half is gone") { folder.files.count == 1 }
                #expect(try await bucket.get("key")?.text() == "old")
            }
        }
    }

    @Test func `a slow disk sets the pace of whoever writes`() async throws {
        try await R2Folder.with { folder in
            let isSlow = Mutex(true)
            let write: BlobFiles.Write = { descriptor, bytes in
                while isSlow.withLock({ $0 }) { usleep(1000) }
                return Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            }
            try await folder.open(write: write) { state in
                let chunk = R2Content.bytes(50_000)
                let (writer, stream) = BodyStream.pipe(length: 200 * chunk.count)
                let taken = Mutex(0)
                let producer = Task {
                    for _ in 0..<200 {
                        try await writer.write(chunk)
                        taken.withLock { $0 += chunk.count }
                    }
                    writer.finish()
                }
                let put = Task { try await state.bucket("bucket").put("key", Body(stream: stream)) }
                try await R2Folder.eventually("it has begun") { taken.withLock { $0 } > 262_144 }
                try await Task.sleep(for: .milliseconds(50))
                // A batch is being written, another is full, and the pipe has its own 64 KiB.
                #expect(taken.withLock { $0 } < 1_000_000)
                isSlow.withLock { $0 = false }
                try await producer.value
                #expect(try await put.value?.size == 10_000_000)
            }
        }
    }

    @Test func `content with another checksum leaves nothing behind`() async throws {
        try await R2Folder.with { folder in
            try await folder.open { state in
                let digest = R2PutOptions(md5: .bytes([UInt8](repeating: 0, count: 16)))
                await #expect(throws: WorkersError.self) {
                    try await state.bucket("bucket").put("key", "content", options: digest)
                }
                try await R2Folder.eventually("no file is left") { folder.files.isEmpty && state.isQuiet }
            }
        }
    }

    @Test func `a full disk is one sentence, leaves the old object, and passes`() async throws {
        try await R2Folder.with { folder in
            let room = Mutex(Int.max)
            let write: BlobFiles.Write = { descriptor, bytes in
                let left = room.withLock { left in
                    defer { left -= min(left, bytes.count) }
                    return left
                }
                if left == 0 {
                    errno = ENOSPC
                    return -1
                }
                return Glibc.write(descriptor, bytes.baseAddress, min(left, bytes.count))
            }
            try await folder.open(write: write) { state in
                let bucket = state.bucket("bucket")
                try await bucket.put("key", "old")
                room.withLock { $0 = 1_000_000 }
                let bytes = R2Content.bytes(5_000_000)
                let error = await #expect(throws: StateFailure.self) {
                    try await bucket.put("key", Body(stream: R2Content.stream(bytes, chunk: 65_536)))
                }
                #expect(error?.kind == .full)
                #expect(try await bucket.get("key")?.text() == "old")
                try await R2Folder.eventually("the half is gone") { folder.files.count == 1 }
                room.withLock { $0 = .max }
                try await bucket.put("key", bytes)
                #expect(try await bucket.get("key")?.bytes() == bytes)
            }
        }
    }

    @Test func `an object whose file is gone says which`() async throws {
        try await R2Folder.with { folder in
            try await folder.open { state in
                let bucket = state.bucket("bucket")
                try await bucket.put("key", "content")
                let file = folder.path + "/blobs/" + (try #require(folder.files.first))
                try FileManager.default.removeItem(atPath: file)
                let error = await #expect(throws: StateFailure.self) { try await bucket.get("key") }
                #expect(error?.kind == .damaged)
                // Storing the same bytes again heals it.
                try await bucket.put("key", "content")
                #expect(try await bucket.get("key")?.text() == "content")
            }
        }
    }

    @Test func `the same bytes may come and go at the same time`() async throws {
        try await R2Folder.with { folder in
            try await folder.open { state in
                let bucket = state.bucket("bucket")
                let bodies = (0..<3).map { R2Content.bytes(80_000, seed: UInt8($0)) }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for task in 0..<8 {
                        group.addTask {
                            for round in 0..<25 {
                                let key = "key-\((task * 7 + round) % 5)"
                                let body = bodies[(task + round) % 3]
                                switch (task + round) % 4 {
                                case 0: try await bucket.delete(key)
                                case 1:
                                    let read = try await bucket.get(key)
                                    if let bytes = try await read?.bytes() { #expect(bodies.contains(bytes)) }
                                default: try await bucket.put(key, body)
                                }
                            }
                        }
                    }
                    group.addTask { for _ in 0..<3 { try await state.sweep() } }
                    try await group.waitForAll()
                }
                for object in try await bucket.list().objects {
                    let bytes = try #require(try await bucket.get(object.key)).bytes
                    #expect(bodies.contains(try await bytes()))
                }
                for number in 0..<5 { try await bucket.delete("key-\(number)") }
                try await R2Folder.eventually("no file is left") { folder.files.isEmpty && state.isQuiet }
            }
        }
    }

    @Test func `the rules are applied by themselves`() async throws {
        try await R2Folder.with { folder in
            let clock = MovableClock(at: 1_800_000_000)
            try await folder.open(clock: clock) { state in
                let bucket = state.bucket("bucket")
                try await bucket.setLifecycle([R2LifecycleRule(id: "day", deletesObjects: .after(seconds: 86_400))])
                try await bucket.put("key", "content")
                let maintenance = Task { try await state.maintain() }
                clock.move(by: 86_400)
                try await R2Folder.eventually("the object is deleted") {
                    clock.move(by: 3600)
                    return try await bucket.head("key") == nil
                }
                maintenance.cancel()
                await #expect(throws: CancellationError.self) { try await maintenance.value }
            }
        }
    }
}

/// The decisions behind the files, as a list of calls and their answers.
@Suite struct BlobLedgerTests {
    private enum Call {
        case hold
        case release(looks: Bool)
        case claim(succeeds: Bool)
        case settle(stands: Bool)
    }

    private func play(_ calls: [Call]) throws -> BlobLedger {
        let name = try #require(BlobName([UInt8](repeating: 1, count: 32)))
        var ledger = BlobLedger()
        for (index, call) in calls.enumerated() {
            switch call {
            case .hold: ledger.hold(name)
            case .release(let looks):
                let answer = ledger.release(name)
                #expect(answer == looks, "call \(index)")
            case .claim(let succeeds):
                let answer = ledger.claim(name)
                #expect(answer == succeeds, "call \(index)")
            case .settle(let stands):
                let answer = ledger.settle(name)
                #expect(answer == stands, "call \(index)")
            }
        }
        return ledger
    }

    @Test func `a blob that nobody holds may be removed`() throws {
        #expect(try play([.claim(succeeds: true), .settle(stands: true)]).isEmpty)
    }

    @Test func `a hold cancels a claim, and its end asks again`() throws {
        let calls: [Call] = [
            .claim(succeeds: true), .hold, .settle(stands: false), .hold, .release(looks: false), .release(looks: true),
        ]
        #expect(try play(calls).isEmpty)
    }

    @Test func `what is held is not claimed, and its last holder looks`() throws {
        #expect(try play([.hold, .claim(succeeds: false), .release(looks: true)]).isEmpty)
    }

    @Test func `a release without doubt asks nothing`() throws {
        #expect(try play([.hold, .release(looks: false), .release(looks: false)]).isEmpty)
    }

    @Test func `a blob is claimed once`() throws {
        #expect(try !play([.claim(succeeds: true), .claim(succeeds: false)]).isEmpty)
    }
}
