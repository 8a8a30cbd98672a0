import HTTPCaching
import HTTPTypes
import NIOCore
import NIOHTTP1

extension CacheTransaction {
    /// Sends what is stored.
    func send(_ answer: CacheAnswer, _ entry: Entry) {
        guard !client.isGone else { return }
        var head = head(answer.status, answer.fields, answer.cacheStatus)
        guard request.method != "HEAD" else { return client.answer(head) }
        switch answer.content {
        case .none: client.answer(head)
        case .whole: send(head, entry, 0..<entry.size)
        case .range(let range): send(head, entry, range)
        case .parts(let parts, let closing):
            for part in parts {
                head.content.append(.bytes(ByteBuffer(string: part.heading)))
                head.content.append(
                    .content { [loop] in StoredContent(BodyReader(entry, range: part.range, on: loop)) })
            }
            head.content.append(.bytes(ByteBuffer(string: closing)))
            client.answer(head)
        }
    }

    private func send(_ head: ClientAnswer, _ entry: Entry, _ range: Range<Int>) {
        var head = head
        if case .memory(let bytes) = entry.body {
            let slice = bytes.getSlice(at: bytes.readerIndex + range.lowerBound, length: range.count)
            head.content = [.bytes(slice ?? ByteBuffer())]
            return client.answer(head)
        }
        // Before the head goes out: a file may just have been let go of, and then this is a miss.
        let content = StoredContent(BodyReader(entry, range: range, on: loop))
        content.read { [self, head] piece in
            guard !client.isGone else { return content.cancel() }
            guard case .success(let first) = piece else { return lookAgain() }
            var head = head
            head.content = [.bytes(first ?? ByteBuffer()), .content { content }]
            client.answer(head)
        }
    }

    /// Sends a response that somebody else asked for, while it is still arriving.
    func send(_ answer: CacheAnswer, _ shared: SharedResponse, status: CacheStatus) {
        var head = head(answer.status, answer.fields, status)
        if request.method != "HEAD", answer.content != .none {
            var range = 0..<Int.max
            if case .range(let wanted) = answer.content { range = wanted }
            let count = range.upperBound == .max ? nil : range.count
            // Made now: what it has passed already may be gone when the head is out.
            let content = StoredContent(shared.writer.follow(from: range.lowerBound, on: loop), count: count)
            head.content = [.content { content }]
        }
        client.answer(head)
    }

    /// Sends the origin's response.
    ///
    /// - Parameter response: as it is being stored: it answers conditions and ranges that the origin did not see.
    func send(
        _ origin: OriginHead, _ response: CachedResponse?, _ content: PassingContent, status: CacheStatus,
        refusal: StorageRefusal?
    ) {
        guard !client.isGone else { return content.cancel() }
        if let response, let length = origin.fields[.contentLength].flatMap({ Int($0) }),
            let whole = response.finished(received: length),
            let answer = cache.policy.answer(from: whole, at: 0, for: request, now: cache.now(), status: status),
            send(answer, instead: whole, content)
        {
            return
        }
        var head = head(origin.status, cache.policy.passedOn(origin.fields), status, refusal, note: origin.note)
        if request.method == "HEAD" || !ResponseHead.hasContent(origin.status) || head.length == 0 {
            client.answer(head)
            // A HEAD that was sent on as GET has content on its way. It is of use to nobody unless it is stored, and of some
            // there is no end.
            if request.method == "HEAD", cache.policy.fetchesWholeForHead, response == nil {
                content.cancel()
            } else {
                content.discard()
            }
        } else {
            head.content = [.content { content }]
            client.answer(head)
        }
    }

    /// Sends only what the client wants of the origin's response.
    ///
    /// - Returns: false if that is all of it, or parts that lie apart.
    private func send(_ answer: CacheAnswer, instead whole: CachedResponse, _ content: PassingContent) -> Bool {
        guard answer.status != whole.status else { return false }
        var head = head(answer.status, answer.fields, answer.cacheStatus)
        switch answer.content {
        case .none:
            client.answer(head)
            content.cancel()
        case .range(let range):
            head.content = [.content { SlicedContent(content, range) }]
            client.answer(head)
        case .whole, .parts: return false
        }
        return true
    }

    /// The cache's own answer.
    func refuse(_ failure: GatewayFailure, _ status: CacheStatus) {
        guard !client.isGone, !client.fail(failure) else { return }
        let problem = ServerProblem(status: failure.status, code: failure.code, message: failure.message)
        let body = problem.body
        let fields = ServerProblem.fields + [cache.statusField(status, nil)]
        let content: [ContentPump.Piece] = request.method == "HEAD" ? [] : [.bytes(body)]
        client.answer(
            ClientAnswer(
                status: failure.status, fields: fields, length: body.readableBytes, content: content,
                note: AnswerNote(source: "cache", detail: failure.code)))
    }

    private func head(
        _ status: Int, _ fields: HTTPFields, _ cacheStatus: CacheStatus, _ refusal: StorageRefusal? = nil,
        note: AnswerNote? = nil
    ) -> ClientAnswer {
        var headers: [(name: String, value: String)] = []
        headers.reserveCapacity(fields.count + 1)
        var length: Int?
        for field in fields {
            let name = field.name.canonicalName
            if name == "content-length" {
                length = Int(field.value)
            } else if !cache.options.status.isOwn(name), name == "date" || !ResponseHead.isFraming(name) {
                headers.append((field.name.rawName, field.value))
            }
        }
        headers.append(cache.statusField(cacheStatus, refusal))
        return ClientAnswer(
            status: status, fields: headers, length: length,
            note: note ?? AnswerNote(source: "cache", detail: cacheStatus.text))
    }
}
