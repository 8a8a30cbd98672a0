import HTTPCaching
import NIOCore
import NIOHTTP1

extension EdgeCache {
    /// Answers from memory when nothing in the request has a say in that: on the event loop, with the head that lies ready.
    ///
    /// Everything else is a transaction's business, also what this leaves to it: a stale response, one that varies, a part,
    /// one whose content is on disk.
    ///
    /// - Parameter key: made only for a request that this can answer.
    func hit(_ exchange: Exchange, _ key: @autoclosure () -> StoreKey) -> Bool {
        let head = exchange.head
        guard head.method == .GET || head.method == .HEAD, exchange.summary.isPlain else { return false }
        let variants = store.variants(key())
        guard variants.entries.count == 1, !variants.needsLoading, let entry = variants.entries.first else {
            return false
        }
        let now = now()
        let response = entry.head
        guard response.freshness.isFresh(at: now), response.variant.isEmpty, response.isComplete,
            case .memory(let body) = entry.body
        else { return false }
        exchange.note = EdgeCache.hit
        let late = LateFields(
            age: CachePolicy.age(of: response, at: now),
            ttl: options.status == .cacheStatus ? CachePolicy.timeToLive(response, now: now) : nil)
        exchange.respond(entry.response, late: late, body: body)
        return true
    }

    private static let hit = AnswerNote(source: "cache", detail: "hit")
}
