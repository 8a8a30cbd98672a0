import Testing

@testable import Workers

@Suite struct R2CompletionTests {
    private func part(_ number: Int, _ size: Int) -> R2Part {
        R2Part(number: number, etag: "e\(number)", size: size, md5: [], uploaded: 0, segment: nil)
    }

    /// - Parameter sizes: of the stored parts by number.
    private func outcome(_ listed: [Int], _ sizes: [Int: Int]) -> Int? {
        var limits = R2Limits()
        limits.minPartBytes = 10
        let stored = sizes.map { part($0.key, $0.value) }
        do {
            let parts = listed.map { R2UploadedPart(partNumber: $0, etag: "e\($0)") }
            let joined = try R2Completion.parts(parts, of: stored, limits: limits)
            #expect(joined.map(\.number) == listed.sorted())
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `parts are joined in their order when their sizes allow it`() {
        #expect(outcome([], [:]) == nil)
        #expect(outcome([1], [1: 3]) == nil)
        #expect(outcome([2, 7, 9], [2: 10, 7: 10, 9: 10]) == nil)
        #expect(outcome([7, 2], [2: 10, 7: 10]) == nil)
    }

    @Test func `the first mistake is the one that is told`() {
        // Twice, and missing, and short.
        #expect(outcome([1, 1, 3], [1: 3]) == 10001)
        #expect(outcome([1, 3], [1: 3]) == 10025)
        // Short in the place where it was listed, though it comes last.
        #expect(outcome([9, 2], [2: 10, 9: 3]) == 10011)
        #expect(outcome([2, 5, 9], [2: 12, 5: 10, 9: 3]) == 10048)
        #expect(outcome([2, 9], [2: 10, 9: 11]) == 10048)
        // Listed last and so not looked at, it is short where it belongs.
        #expect(outcome([9, 2], [2: 3, 9: 12]) == 10048)
    }
}

@Suite struct R2LifecycleTests {
    private let object = R2Object(key: "logs/a", version: "", size: 1, etag: "", uploaded: 1000)

    private func step(_ rules: [R2LifecycleRule], at now: Double, of object: R2Object? = nil) -> R2Lifecycle.Step {
        R2Lifecycle(rules: rules).step(for: object ?? self.object, now: now)
    }

    @Test func `an object goes when its time has come, not before`() {
        let age = R2LifecycleRule(id: "age", prefix: "logs/", deletesObjects: .after(seconds: 60))
        #expect(step([age], at: 1059) == .keep)
        #expect(step([age], at: 1060) == .delete)
        let date = R2LifecycleRule(id: "date", deletesObjects: .from(5000))
        #expect(step([date], at: 4999) == .keep)
        #expect(step([date], at: 5000) == .delete)
    }

    @Test func `a rule is about its prefix and only while it is enabled`() {
        var rule = R2LifecycleRule(id: "age", prefix: "pages/", deletesObjects: .after(seconds: 0))
        #expect(step([rule], at: 2000) == .keep)
        rule.prefix = ""
        #expect(step([rule], at: 2000) == .delete)
        rule.isEnabled = false
        #expect(step([rule], at: 2000) == .keep)
    }

    @Test func `deletion wins, and nothing moves back`() {
        let move = R2LifecycleRule(id: "move", movesToInfrequentAccess: .after(seconds: 10))
        let delete = R2LifecycleRule(id: "delete", deletesObjects: .after(seconds: 10))
        #expect(step([move], at: 1010) == .moveToInfrequentAccess)
        #expect(step([move, delete], at: 1010) == .delete)
        var moved = object
        moved.storageClass = .infrequentAccess
        #expect(step([move], at: 1010, of: moved) == .keep)
    }

    @Test func `the earliest rule ends an upload`() {
        let upload = R2Upload(id: "id", key: R2Key("logs/a"), created: 0, options: R2MultipartOptions())
        let day = R2LifecycleRule(id: "day", prefix: "logs/", abortsUploadsAfter: 86_400)
        let lifecycle = R2Lifecycle(rules: [.initial, day])
        #expect(!lifecycle.aborts(upload, now: 86_399))
        #expect(lifecycle.aborts(upload, now: 86_400))
        var ended = upload
        ended.state = .completed
        #expect(!lifecycle.aborts(ended, now: 1e9))
    }
}
