import Testing

@testable import EdgeEmulator

@Suite struct StartSummaryTests {
    private static func summary(bindings: Int, workers: Int = 1) -> StartSummary {
        let long = String(repeating: "x", count: 100)
        let worker = StartSummary.Worker(
            name: "shop", bindings: (0..<bindings).map { ("kv_namespace", "NAME\($0)") },
            crons: ["* * * * *", "0 1 * * *", "0 2 * * *", "0 3 * * *"])
        return StartSummary(
            version: "1.2.3", workers: Array(repeating: worker, count: workers), files: 12, folder: "/\(long)",
            headerRules: 3, redirectRules: 4, stateFolder: "/\(long)/.lilypad/state", milliseconds: 41, hasKeys: true)
    }

    @Test func `fits one screen however much there is, with room for the addresses`() {
        for workers in [1, 3, 20] {
            let lines = Self.summary(bindings: 50, workers: workers).lines
            #expect(lines.count <= 20)
            #expect(lines.allSatisfy { $0.count <= 80 })
        }
    }

    @Test func `names everything as long as there is room`() {
        let text = Self.summary(bindings: 2).lines.joined(separator: "\n")
        for part in ["1.2.3", "41 ms", "shop", "kv namespace", "NAME1", "* * * * *", "and 1 more", "12 from", "? help"]
        {
            #expect(text.contains(part), "\(part)")
        }
    }
}
