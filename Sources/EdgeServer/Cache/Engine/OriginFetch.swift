import HTTPCaching
import HTTPTypes
import NIOCore
import NIOHTTP1

/// One request to the origin and what becomes of its response: it is stored if it may be, and it answers whoever asked and
/// whoever waits for the same. Confined to an event loop.
final class OriginFetch {
    /// What whoever asked finds out, once.
    enum Answer {
        /// The origin's response, whose content may still be arriving, and how it is being stored.
        case response(OriginHead, CachedResponse?, PassingContent, refusal: StorageRefusal?)
        /// The stored response holds, and has been updated.
        case confirmed(Entry)
        /// The origin fails, and what is stored may be served in its place.
        case fallback(CacheAnswer)
        /// What is stored has nothing to do with what the origin has now: it is to be asked without conditions.
        case startAgain
        case failed(GatewayFailure)
    }

    /// What is known before the origin is asked.
    struct Plan {
        var key: StoreKey
        /// As it goes to the origin.
        var request: CacheRequest
        var body = OriginRequest.Body.none
        /// The stored response that the origin is asked about.
        var validating: Entry?
        /// The stored part that the origin is asked for the rest of.
        var completing: Entry?
        /// Others that wait; `nil` for a request of which nobody else can use the response.
        var fill: Fill?
        var mayStore = true
        /// Whether a success makes stored responses invalid.
        var invalidates = false
        /// What may be served when the origin fails.
        var fallback: (OriginFailure) -> CacheAnswer? = { _ in nil }
        /// Of 1xx responses.
        var inform: (Int, HTTPHeaders) -> Void = { _, _ in }
    }

    /// What is over once the store has the response.
    private struct Ending: Sendable {
        let key: StoreKey
        let fill: Fill?

        init(_ plan: Plan) {
            key = plan.key
            fill = plan.fill
        }
    }

    /// Who is behind, so that the origin has to wait.
    private enum Hold { case client, store }

    private let cache: EdgeCache
    private let loop: any EventLoop
    private var plan: Plan
    private var answer: ((Answer) -> Void)?
    private var call: (any OriginCall)?
    private var requestTime = 0.0
    private var head: CachedResponse?
    private var content: PassingContent?
    /// Whether the origin said how long the content is.
    private var hasLength = false
    private var writer: EntryWriter?
    /// What comes behind the origin's content, when that is a part.
    private var rest: ByteBuffer?
    private var received = 0
    /// Whether the store has the response now, or soon, and says so itself.
    private var isCommitted = false
    private var holds: Set<Hold> = []

    init(_ plan: Plan, cache: EdgeCache, loop: any EventLoop) {
        self.plan = plan
        self.cache = cache
        self.loop = loop
    }

    /// - Parameter answer: called once, later.
    /// - Returns: the way for the request's body.
    @discardableResult
    func start(_ origin: any Origin, _ answer: @escaping (Answer) -> Void) -> any OriginCall {
        self.answer = answer
        requestTime = cache.now()
        // Before the origin is asked: what becomes invalid while it answers must not be stored.
        if !plan.invalidates { beginWriting() }
        let request = OriginRequest(
            method: plan.request.method, scheme: plan.request.scheme, authority: plan.request.authority,
            target: plan.request.target, fields: plan.request.fields, body: plan.body)
        let call = origin.send(request) { self.receive($0) }
        self.call = call
        return call
    }

    private func receive(_ event: OriginEvent) {
        switch event {
        case .interim(let status, let headers): plan.inform(status, headers)
        case .head(let head): received(head)
        case .body(let bytes): received(bytes)
        case .end(let trailers): ended(trailers)
        case .failed(let failure): failed(failure)
        }
    }

    // MARK: The head

    private func received(_ head: OriginHead) {
        if head.status == 304, let entry = plan.validating { return confirm(entry, head) }
        if let stale = plan.fallback(.status(head.status)) {
            settle(.failed(.status(head.status)))
            deliver(.fallback(stale))
            return end()
        }
        if let entry = plan.completing { return complete(entry, head) }
        if plan.invalidates {
            invalidate(head)
            beginWriting()
        }
        if plan.request.method == "HEAD" { freshen(head) }
        guard plan.mayStore else { return pass(head, nil) }
        switch storing(head) {
        case .store(let response): store(response, head)
        case .refuse(let refusal): pass(head, refusal)
        }
    }

    private func storing(_ head: OriginHead) -> Storing {
        cache.policy.storing(
            status: head.status, fields: head.fields, for: plan.request, requestTime: requestTime,
            responseTime: cache.now())
    }

    private func confirm(_ entry: Entry, _ head: OriginHead) {
        let updating = cache.policy.updating(
            entry.head, with: head.fields, for: plan.request, requestTime: requestTime, responseTime: cache.now())
        switch updating {
        case .updated(let response):
            dropWriter()
            // Nothing is lost if somebody has replaced it meanwhile: it was confirmed for those who asked about it.
            let confirmed =
                cache.store.update(entry, head: response) ?? entry.with(response, in: cache.store)
            settle(.stored)
            deliver(.confirmed(confirmed))
        case .discard(let response, _):
            cache.store.remove(entry)
            settle(.notShared)
            deliver(.confirmed(entry.with(response, in: cache.store)))
        case .mismatch:
            cache.store.remove(entry)
            settle(.notShared)
            deliver(.startAgain)
        }
    }

    /// RFC 9111 §3.4: what was stored and what has come become one.
    private func complete(_ entry: Entry, _ head: OriginHead) {
        guard head.status == 206 || head.status == 200 else {
            // The range may be what it objects to.
            deliver(.startAgain)
            return end()
        }
        let storing = storing(head)
        guard head.status == 206 else {
            if case .store(let response) = storing { return store(response, head) }
            return pass(head, nil)
        }
        guard case .store(let part) = storing, case .memory(let stored) = entry.body,
            let combination = cache.policy.combining(entry.head, with: part)
        else {
            deliver(.startAgain)
            return end()
        }
        var whole = head
        whole.status = combination.response.status
        whole.fields = combination.response.fields
        store(combination.response, whole)
        var isBehind = false
        for piece in combination.pieces {
            switch piece.source {
            case .received: isBehind = true
            case .stored:
                let start = stored.readerIndex + piece.range.lowerBound
                guard let bytes = stored.getSlice(at: start, length: piece.range.count) else { continue }
                if isBehind { rest = bytes } else { received(bytes) }
            }
        }
    }

    private func invalidate(_ head: OriginHead) {
        for target in cache.policy.invalidated(by: plan.request, status: head.status, fields: head.fields) {
            var other = plan.request
            other.target = target
            cache.invalidate(cache.key(other))
        }
    }

    /// RFC 9111 §4.3.5.
    private func freshen(_ head: OriginHead) {
        for entry in cache.store.variants(plan.key).entries {
            let update = cache.policy.updating(
                entry.head, withHead: head.status, fields: head.fields, for: plan.request, requestTime: requestTime,
                responseTime: cache.now())
            switch update {
            case .updated(let response): cache.store.update(entry, head: response)
            case .invalidated: cache.store.remove(entry)
            case .unaffected: break
            }
        }
    }

    private func store(_ response: CachedResponse, _ head: OriginHead) {
        let length = head.fields[.contentLength].flatMap { Int($0) }
        if let length { writer?.expect(length) }
        guard let writer, writer.failure == nil else { return pass(head, nil) }
        self.head = response
        hasLength = length != nil
        let content = begin()
        plan.fill?.settle(.shared(SharedResponse(head: response, writer: writer)))
        deliver(.response(head, response, content, refusal: nil))
    }

    private func pass(_ head: OriginHead, _ refusal: StorageRefusal?) {
        dropWriter()
        if plan.fill != nil { cache.fills.rememberUnshared(plan.key, now: cache.now()) }
        settle(.notShared)
        deliver(.response(head, nil, begin(), refusal: refusal))
    }

    private func begin() -> PassingContent {
        let options = cache.options
        let content = PassingContent(capacity: writer == nil ? options.passWindow : options.window)
        content.onRoom = { self.resume(.client) }
        // What is stored is taken in to its end: the next one will want it.
        content.onCancel = { if self.writer == nil { self.end() } else { self.resume(.client) } }
        self.content = content
        return content
    }

    // MARK: The content

    private func received(_ bytes: ByteBuffer) {
        guard let content else { return }
        received += bytes.readableBytes
        if let writer {
            if writer.failure != nil { self.writer = nil } else if !writer.write(bytes) { pause(.store) }
        }
        guard !content.append(bytes), !content.isCancelled else { return }
        if let writer, hasLength {
            content.divert { writer.follow(from: $0, on: loop) }
        } else {
            pause(.client)
        }
    }

    private func pause(_ hold: Hold) {
        holds.insert(hold)
        call?.isPaused = true
    }

    private func resume(_ hold: Hold) {
        guard holds.remove(hold) != nil, holds.isEmpty else { return }
        call?.isPaused = false
    }

    private func ended(_ trailers: HTTPHeaders?) {
        if let rest {
            self.rest = nil
            received(rest)
        }
        if let finished = writer.flatMap({ _ in head?.finished(received: received) }) {
            isCommitted = true
            // Before the client has all of it, where that can be: what it asks next shall find the store as it is now. A body
            // in a file takes a moment, in which those who come read along.
            writer?.commit(head: finished, tags: CacheTags.tags(of: finished.fields)) {
                [cache, plan = Ending(plan)] _ in
                if let fill = plan.fill { cache.fills.end(plan.key, fill) }
            }
        }
        content?.finish(trailers: trailers)
        end()
    }

    private func failed(_ failure: GatewayFailure) {
        if let content {
            dropWriter()
            content.fail(failure)
        } else if answer != nil {
            settle(.failed(failure))
            if let stale = plan.fallback(failure.kind) {
                deliver(.fallback(stale))
            } else {
                deliver(.failed(failure))
            }
        }
        end()
    }

    private func beginWriting() {
        guard plan.mayStore, plan.request.method != "HEAD" else { return }
        let bound = NIOLoopBound(self, eventLoop: loop)
        writer = cache.store.begin(plan.key) { [loop] in loop.execute { bound.value.resume(.store) } }
    }

    private func dropWriter() {
        writer?.abort()
        writer = nil
    }

    // MARK: Ending

    /// Whoever asked has gone. What others wait for, or may use, goes on.
    func leave() {
        guard plan.fill == nil, content == nil else { return }
        answer = nil
        end()
    }

    private func settle(_ outcome: Fill.Outcome) {
        guard let fill = plan.fill else { return }
        // Whoever comes now finds what there is in the store, or asks anew.
        cache.fills.end(plan.key, fill)
        fill.settle(outcome)
    }

    private func deliver(_ outcome: Answer) {
        let answer = answer
        self.answer = nil
        answer?(outcome)
    }

    private func end() {
        if let fill = plan.fill, !isCommitted { cache.fills.end(plan.key, fill) }
        call?.cancel()
        call = nil
        dropWriter()
        // What has arrived is still read; but nobody needs to hear of it, and the two must not hold each other for ever.
        content?.onRoom = nil
        content?.onCancel = nil
        content = nil
        // The fill holds the writer for those who read along, and the writer knows this fetch.
        plan.fill = nil
        plan.fallback = { _ in nil }
        plan.inform = { _, _ in }
    }
}
