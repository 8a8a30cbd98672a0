import HTTPCaching
import HTTPTypes
import NIOCore
import NIOHTTP1

/// One client's request on its way through a cache. Confined to an event loop.
///
/// It looks into the store, and answers from there, or asks the origin, or waits for somebody who is asking already.
final class CacheTransaction {
    let cache: EdgeCache
    let client: any CacheClient
    let loop: any EventLoop
    let request: CacheRequest
    private let origin: any Origin
    private let key: StoreKey
    /// How often it looked into the store: what is never of use to it must not be looked at for ever.
    private var rounds = 0

    /// - Parameter key: `nil` for the request's URL.
    init(
        _ client: any CacheClient, _ request: CacheRequest, key: StoreKey? = nil, cache: EdgeCache, origin: any Origin,
        loop: any EventLoop
    ) {
        self.cache = cache
        self.client = client
        self.origin = origin
        self.loop = loop
        self.request = request
        self.key = key ?? cache.key(request)
    }

    func start() {
        switch cache.policy.handling(of: request) {
        case .passThrough(let reason, let detail, let invalidates, let mayStore):
            pass(reason, detail, invalidates: invalidates, mayStore: mayStore)
        case .lookUp: look()
        }
    }

    // MARK: Looking

    private func look() {
        rounds += 1
        let variants = cache.store.variants(key)
        if variants.needsLoading {
            cache.store.load(key, on: loop) { self.decide($0) }
        } else {
            decide(variants.entries)
        }
    }

    private func decide(_ entries: [Entry]) {
        guard !client.isGone else { return }
        switch cache.policy.reuse(entries.map(\.head), for: request, now: cache.now()) {
        case .answer(let answer): send(answer, entries[answer.stored])
        case .answerStale(let answer, let forward):
            send(answer, entries[answer.stored])
            refresh(entries[answer.stored], forward)
        case .validate(let index, let forward): ask(forward, entries, validating: entries[index], isFirst: true)
        case .complete(let index, _, let forward):
            ask(forward, entries, completing: entries[index], isFirst: true)
        case .fetch(let forward): ask(forward, entries, isFirst: true)
        case .gatewayTimeout(let status): refuse(.onlyIfCached, status)
        }
    }

    /// What was found has gone in the meantime.
    func lookAgain() {
        if rounds < 3 { look() } else { ask(cache.policy.fetching(request, because: .uriMiss), []) }
    }

    // MARK: Asking the origin

    /// - Parameter isFirst: whether this follows from a look into the store.
    private func ask(
        _ forward: Forward, _ entries: [Entry], validating: Entry? = nil, completing: Entry? = nil,
        isFirst: Bool = false
    ) {
        var plan = OriginFetch.Plan(key: key, request: request.sent(as: forward))
        plan.validating = validating
        plan.completing = completing
        plan.fallback = { [cache, request] failure in
            cache.policy.afterFailure(
                of: entries.map(\.head), for: request, failure: failure, because: forward.reason, now: cache.now())
        }
        plan.inform = { [client] status, headers in client.inform(status, headers) }
        // After a few rounds it asks for itself.
        guard forward.mayBeShared, rounds <= 3 else { return fetch(plan, forward, entries) }
        switch cache.fills.turn(key, isRefresh: false, now: cache.now()) {
        case .lead(let fill):
            // Somebody else may have been done between the look into the store and now.
            let found = cache.store.variants(key)
            if isFirst, !found.needsLoading, Set(found.entries.map(\.serial)) != Set(entries.map(\.serial)) {
                cache.fills.end(key, fill)
                fill.settle(.stored)
                return look()
            }
            plan.fill = fill
            fetch(plan, forward, entries)
        case .alone: fetch(plan, forward, entries)
        case .wait(let fill): fill.wait(on: loop) { [plan] in self.waited($0, plan, forward, entries) }
        }
    }

    /// What somebody else found out.
    private func waited(
        _ outcome: Fill.Outcome, _ plan: OriginFetch.Plan, _ forward: Forward, _ entries: [Entry]
    ) {
        guard !client.isGone else { return }
        switch outcome {
        case .stored: look()
        case .notShared: fetch(plan, forward, entries)
        case .failed(let failure):
            if let stale = plan.fallback(failure.kind) {
                send(stale, entries[stale.stored])
            } else {
                refuse(failure, forward.status(cache: cache.policy.name, isCollapsed: true))
            }
        case .shared(let shared):
            // It need not answer this request: `Vary` may tell the two apart.
            let status = forward.status(cache: cache.policy.name, isStored: true, isCollapsed: true)
            guard cache.policy.fits(shared.head, request),
                let answer = cache.policy.answer(
                    from: shared.head, at: 0, for: request, now: cache.now(), status: status)
            else { return fetch(plan, forward, entries) }
            send(answer, shared, status: status)
        }
    }

    private func fetch(_ plan: OriginFetch.Plan, _ forward: Forward, _ entries: [Entry]) {
        let fetch = OriginFetch(plan, cache: cache, loop: loop)
        client.onCancel = { fetch.leave() }
        fetch.start(origin) { self.answered($0, forward, entries) }
    }

    private func answered(_ answer: OriginFetch.Answer, _ forward: Forward, _ entries: [Entry]) {
        client.onCancel = nil
        let name = cache.policy.name
        switch answer {
        case .response(let head, let response, let content, let refusal):
            let status = forward.status(cache: name, isStored: response != nil, detail: refusal?.rawValue)
            send(head, response, content, status: status, refusal: refusal)
        case .confirmed(let entry):
            let status = forward.status(cache: name, forwardStatus: 304, isStored: true)
            guard
                let answer = cache.policy.answer(
                    from: entry.head, at: 0, for: request, now: cache.now(), status: status)
            else { return lookAgain() }
            send(answer, entry)
        case .fallback(let answer): send(answer, entries[answer.stored])
        case .startAgain: ask(cache.policy.fetching(request, because: forward.reason), [])
        case .failed(let failure): refuse(failure, forward.status(cache: name))
        }
    }

    /// A stale answer has gone out; one request makes it fresh again, in the background.
    private func refresh(_ entry: Entry, _ forward: Forward) {
        guard case .lead(let fill) = cache.fills.turn(key, isRefresh: true, now: cache.now()) else { return }
        var plan = OriginFetch.Plan(key: key, request: request.sent(as: forward))
        plan.validating = entry
        plan.fill = fill
        OriginFetch(plan, cache: cache, loop: loop).start(origin) { answer in
            // Nobody reads along, and what is not stored nobody needs.
            if case .response(_, _, let content, _) = answer { content.cancel() }
        }
    }

    // MARK: Passing through

    private func pass(_ reason: CacheStatus.Forward, _ detail: String?, invalidates: Bool, mayStore: Bool) {
        let forward = Forward(method: request.method, fields: request.fields, reason: reason, mayBeShared: false)
        var plan = OriginFetch.Plan(key: key, request: request)
        plan.mayStore = mayStore
        plan.invalidates = invalidates
        plan.inform = { [client] status, headers in client.inform(status, headers) }
        if client.hasBody { plan.body = .stream(length: client.bodyLength) }
        let fetch = OriginFetch(plan, cache: cache, loop: loop)
        client.onCancel = { fetch.leave() }
        let call = fetch.start(origin) { [client, cache] answer in
            client.onCancel = nil
            let name = cache.policy.name
            switch answer {
            case .response(let head, let response, let content, let refusal):
                let status = forward.status(cache: name, isStored: response != nil, detail: detail)
                self.send(head, nil, content, status: status, refusal: refusal)
            case .failed(let failure): self.refuse(failure, forward.status(cache: name, detail: detail))
            case .confirmed, .fallback, .startAgain: break
            }
        }
        if client.hasBody { client.upload(to: call) }
    }
}
