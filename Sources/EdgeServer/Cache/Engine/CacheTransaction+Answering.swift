import HTTPCaching
import HTTPTypes
import NIOCore
import NIOHTTP1

extension CacheTransaction {
    /// Sends what is stored.
    ///
    /// - Parameter status: how it came to that, where this is not what the answer says itself.
    func send(_ answer: CacheAnswer, _ entry: Entry, status: CacheStatus? = nil) {
        guard !exchange.isGone else { return }
        note(status ?? answer.cacheStatus)
        let (head, length) = head(answer.status, answer.fields, status ?? answer.cacheStatus)
        guard exchange.head.method != .HEAD else { return exchange.respond(head, body: nil) }
        switch answer.content {
        case .none: exchange.respond(head, body: nil)
        case .whole: send(head, length, entry, 0..<entry.size)
        case .range(let range): send(head, length, entry, range)
        case .parts(let parts, let closing):
            var pieces: [ContentPump.Piece] = []
            for part in parts {
                pieces.append(.bytes(ByteBuffer(string: part.heading)))
                pieces.append(.content { [loop] in StoredContent(BodyReader(entry, range: part.range, on: loop)) })
            }
            pieces.append(.bytes(ByteBuffer(string: closing)))
            exchange.start(head, chunked: false)
            ContentPump(exchange, pieces).start()
        }
    }

    private func send(_ head: ResponseHead, _ length: Int?, _ entry: Entry, _ range: Range<Int>) {
        if case .memory(let bytes) = entry.body {
            let start = bytes.readerIndex + range.lowerBound
            exchange.respond(head, body: bytes.getSlice(at: start, length: range.count))
            return
        }
        // Before the head goes out: a file may just have been let go of, and then this is a miss.
        let content = StoredContent(BodyReader(entry, range: range, on: loop))
        content.read { [self] piece in
            guard !exchange.isGone else { return content.cancel() }
            guard case .success(let first) = piece else { return lookAgain() }
            exchange.start(head, chunked: length == nil)
            ContentPump(exchange, [.bytes(first ?? ByteBuffer()), .content { content }]).start()
        }
    }

    /// Sends a response that somebody else asked for, while it is still arriving.
    func send(_ answer: CacheAnswer, _ shared: SharedResponse, status: CacheStatus) {
        note(status)
        let (head, length) = head(answer.status, answer.fields, status)
        guard answer.content != .none, exchange.head.method != .HEAD else { return exchange.respond(head, body: nil) }
        var range = 0..<Int.max
        if case .range(let wanted) = answer.content { range = wanted }
        let reader = shared.writer.follow(from: range.lowerBound, on: loop)
        let count = range.upperBound == .max ? nil : range.count
        exchange.start(head, chunked: length == nil)
        ContentPump(exchange, [.content { StoredContent(reader, count: count) }]).start()
    }

    /// Sends the origin's response.
    ///
    /// - Parameter response: as it is being stored: it answers conditions and ranges that the origin did not see.
    func send(
        _ origin: OriginHead, _ response: CachedResponse?, _ content: PassingContent, status: CacheStatus,
        refusal: StorageRefusal?
    ) {
        guard !exchange.isGone else { return content.cancel() }
        note(status)
        exchange.note = origin.note ?? exchange.note
        if let response, let length = origin.fields[.contentLength].flatMap({ Int($0) }),
            let whole = response.finished(received: length),
            let answer = cache.policy.answer(from: whole, at: 0, for: request, now: cache.now(), status: status),
            send(answer, instead: whole, content, status)
        {
            return
        }
        let (head, length) = head(origin.status, cache.policy.passedOn(origin.fields), status, refusal)
        let isEmpty = exchange.head.method == .HEAD || !ResponseHead.hasContent(origin.status)
        if isEmpty || length == 0 {
            exchange.respond(head, body: nil)
            content.discard()
        } else {
            exchange.start(head, chunked: length == nil)
            ContentPump(exchange, [.content { content }]).start()
        }
    }

    /// Sends only what the client wants of the origin's response.
    ///
    /// - Returns: false if that is all of it, or parts that lie apart.
    private func send(
        _ answer: CacheAnswer, instead whole: CachedResponse, _ content: PassingContent, _ status: CacheStatus
    ) -> Bool {
        guard answer.status != whole.status else { return false }
        let (head, _) = head(answer.status, answer.fields, status)
        switch answer.content {
        case .none:
            exchange.respond(head, body: nil)
            content.cancel()
        case .range(let range):
            exchange.start(head, chunked: false)
            ContentPump(exchange, [.content { SlicedContent(content, range) }]).start()
        case .whole, .parts: return false
        }
        return true
    }

    /// The proxy's own answer.
    func refuse(_ failure: GatewayFailure, _ status: CacheStatus) {
        guard !exchange.isGone else { return }
        note(status)
        let problem = ServerProblem(status: failure.status, code: failure.code, message: failure.message)
        let answer = problem.answer(with: [cache.statusField(status, nil)])
        exchange.respond(answer.head, body: answer.body)
    }

    // MARK: Heads

    private func head(
        _ status: Int, _ fields: HTTPFields, _ cacheStatus: CacheStatus, _ refusal: StorageRefusal? = nil
    ) -> (ResponseHead, length: Int?) {
        var headers: [(name: String, value: String)] = []
        headers.reserveCapacity(fields.count + 1)
        var length: Int?
        for field in fields {
            let name = field.name.canonicalName
            if name == "content-length" {
                length = Int(field.value)
            } else if name == "date" || !ResponseHead.isFraming(name) {
                headers.append((field.name.rawName, field.value))
            }
        }
        headers.append(cache.statusField(cacheStatus, refusal))
        return (ResponseHead(status: status, headers: headers, contentLength: length), length)
    }

    private func note(_ status: CacheStatus) {
        exchange.note = AnswerNote(source: "cache", detail: status.text)
    }
}
