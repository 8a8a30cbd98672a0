import Testing
import Workers

@testable import EdgeEmulator

@Suite struct KVReadCacheTests {
    func key(_ text: String, in namespace: Int = 0) throws -> KVReadCache.Key {
        KVReadCache.Key(namespace: namespace, key: try KVKey(text, for: .get))
    }

    func record(_ size: Int = 1) -> KVRecord { KVRecord(value: [UInt8](repeating: 1, count: size)) }

    /// The value's size; 0 for an absence, nil for what is not known.
    func held(_ cache: inout KVReadCache, _ text: String, in namespace: Int = 0) throws -> Int? {
        switch cache.look(try key(text, in: namespace)) {
        case .entry(let record): record.value.count
        case .nothing: 0
        case .unknown: nil
        }
    }

    @Test func `tells entries, absences and what it does not know apart`() throws {
        var cache = KVReadCache(capacity: 100_000)
        #expect(try held(&cache, "a") == nil)
        cache.commit(try key("a"), record(3))
        cache.commit(try key("b"), nil)
        #expect(try held(&cache, "a") == 3)
        #expect(try held(&cache, "b") == 0)
        #expect(try held(&cache, "a", in: 1) == nil)
    }

    @Test func `a read that a commit overtook is not let in`() throws {
        var cache = KVReadCache(capacity: 100_000)
        let ticket = cache.begin(try key("a"))
        cache.commit(try key("a"), record(2))
        cache.end(try key("a"), ticket: ticket, record(1))
        #expect(try held(&cache, "a") == 2)
    }

    @Test func `of two reads at once the later one counts`() throws {
        var cache = KVReadCache(capacity: 100_000)
        let first = cache.begin(try key("a"))
        let second = cache.begin(try key("a"))
        cache.end(try key("a"), ticket: first, record(1))
        #expect(try held(&cache, "a") == nil)
        cache.end(try key("a"), ticket: second, record(2))
        #expect(try held(&cache, "a") == 2)
    }

    @Test func `a failed read leaves nothing behind`() throws {
        var cache = KVReadCache(capacity: 100_000)
        let ticket = cache.begin(try key("a"))
        cache.abandon(try key("a"), ticket: ticket)
        cache.end(try key("a"), ticket: ticket, record(1))
        #expect(try held(&cache, "a") == nil)
    }

    @Test func `stays within its bytes and keeps what is read`() throws {
        var cache = KVReadCache(capacity: 10_000)
        cache.commit(try key("hot"), record(500))
        for number in 0..<500 {
            #expect(try held(&cache, "hot") == 500)
            cache.commit(try key("cold\(number)"), record(300))
            #expect(cache.size <= 10_000)
        }
        #expect(try held(&cache, "cold0") == nil)
        #expect(try held(&cache, "cold499") == 300)
    }

    @Test func `replacing an entry gives back what it took`() throws {
        var cache = KVReadCache(capacity: 10_000)
        for size in [1, 700, 20, 1000, 0] { cache.commit(try key("a"), record(size)) }
        #expect(cache.size == KVReadCache.overhead + 1)
    }

    @Test func `an entry that would push out much is not kept, nor its predecessor`() throws {
        var cache = KVReadCache(capacity: 10_000)
        cache.commit(try key("a"), record(5))
        cache.commit(try key("a"), record(5000))
        #expect(try held(&cache, "a") == nil)
        #expect(cache.size == 0)
    }
}
