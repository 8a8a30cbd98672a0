import Testing
import Workers
import WorkersTesting

/// Many tasks at once.
@Suite struct KVConcurrencyTests {
    @Test(arguments: KVImplementation.allCases)
    func `a task always reads what it has written`(implementation: KVImplementation) async throws {
        try await implementation.with { kv in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<16 {
                    group.addTask {
                        let key = "task/\(task)"
                        for round in 0..<40 {
                            try await kv.put(key, "\(round)", metadata: .integer(round))
                            let read = try await kv.getWithMetadata(key)
                            #expect(read.value == "\(round)")
                            #expect(read.metadata == .integer(round))
                            if round % 7 == 3 {
                                try await kv.delete(key)
                                #expect(try await kv.get(key) == nil)
                            }
                            if round % 10 == 0 { _ = try await kv.list(prefix: "task/", limit: 5) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await kv.list(prefix: "task/").keys.count == 16)
        }
    }

    @Test(arguments: KVImplementation.allCases)
    func `readers never see time run backwards while one key is written`(
        implementation: KVImplementation
    ) async throws {
        try await implementation.with { kv in
            try await kv.put("k", "0")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in 1...400 { try await kv.put("k", "\(number)") }
                }
                for _ in 0..<4 {
                    group.addTask {
                        var last = 0
                        while last < 400 {
                            let now = Int(try await kv.get("k") ?? "") ?? -1
                            #expect(now >= last)
                            if now < last { return }
                            last = now
                            await Task.yield()
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: KVImplementation.allCases)
    func `the last of many racing puts wins everywhere`(implementation: KVImplementation) async throws {
        try await implementation.with { kv in
            for round in 0..<10 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for task in 0..<20 {
                        group.addTask {
                            if task % 5 == 0 {
                                try await kv.delete("k\(round)")
                            } else {
                                try await kv.put("k\(round)", "\(task)")
                            }
                        }
                        group.addTask { _ = try await kv.get("k\(round)") }
                    }
                    try await group.waitForAll()
                }
                // The listing asks the file, the read may be answered by a cache: both must tell the same.
                let value = try await kv.get("k\(round)")
                let isListed = try await kv.list(prefix: "k\(round)").keys.count == 1
                #expect((value != nil) == isListed)
            }
        }
    }
}
