import Testing
import Workers

@Suite struct FetchCachingTests {
    private func error(_ make: () throws -> FetchCaching) -> WorkersError? {
        do {
            _ = try make()
            return nil
        } catch {
            return error as? WorkersError
        }
    }

    @Test func `wishes that contradict each other are type errors`() {
        let both = error { try FetchCaching(ttl: 5, control: "max-age=5") }
        #expect(both?.name == .typeError)
        #expect(both?.message.contains("cacheControl or cacheTtl") == true)
        let mode = error { try FetchCaching(control: "max-age=5", mode: .noCache) }
        #expect(mode?.name == .typeError)
        let never = error { try FetchCaching(ttl: 5, mode: .noStore) }
        #expect(never == WorkersError(.typeError, "CacheTtl: 5, is not compatible with cache: no-store header."))
    }

    @Test func `wishes that agree are taken`() {
        #expect(error { try FetchCaching(ttl: -1, mode: .noStore) } == nil)
        #expect(error { try FetchCaching(ttlByStatus: [.init(404, seconds: 1)], control: "max-age=5") } == nil)
        #expect(error { try FetchCaching(ttl: 5, mode: .noCache) } == nil)
        #expect(error { try FetchCaching(ttl: 5, mode: .reload) } == nil)
    }
}
