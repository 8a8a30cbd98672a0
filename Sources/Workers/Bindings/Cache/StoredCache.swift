import HTTPTypes

/// The Cache API over any store; the one place with its semantics.
package struct StoredCache: Cache {
    private let name: String
    private let store: any CacheStore
    private let settings: CacheSettings

    init(name: String, store: any CacheStore, settings: CacheSettings) {
        self.name = name
        self.store = store
        self.settings = settings
    }

    package func match(_ request: Request, options: CacheQueryOptions) async throws -> Response? {
        let key = try CacheKey(cache: name, request: request)
        guard !settings.isDisabled, request.method == .get || options.ignoreMethod else { return nil }
        let now = settings.now()
        guard let found = try await store.find(key, now: now) else { return nil }
        let answer = CacheMatch(
            found.head, size: found.size, request: request.headers, now: now, boundary: settings.boundary)
        guard let body = try await body(answer, of: found) else { return nil }
        return Response(HTTPResponse.Status(code: answer.status), headers: answer.headers, body: body)
    }

    package func put(_ request: Request, _ response: Response) async throws {
        let key = try CacheKey(cache: name, request: request)
        let now = settings.now()
        let decision = CacheStorageDecision(
            request: request, response: response, now: now, defaultsByStatus: settings.defaultsByStatus)
        if case .refuse(let error) = decision { throw error }
        let body = try response.body.stream()
        if case .store(let head) = decision, !settings.isDisabled {
            try await store.put(key, head: head, body: body, now: now)
        } else {
            // To the end rather than cancelled: whoever writes the body must not fail because it was not worth keeping.
            while try await body.next() != nil {}
        }
    }

    package func delete(_ request: Request, options: CacheQueryOptions) async throws -> Bool {
        let key = try CacheKey(cache: name, request: request)
        guard !settings.isDisabled, request.method == .get || options.ignoreMethod else { return false }
        return try await store.remove(key, now: settings.now())
    }

    /// `nil` when the content went between being found and being opened.
    private func body(_ answer: CacheMatch, of found: StoredResponse) async throws -> Body? {
        switch answer.content {
        case .none: return .empty
        case .whole:
            if found.size == 0 { return found.head.status == 204 ? .empty : Body(bytes: []) }
            return try await part(0..<found.size, of: found)
        case .part(let range): return try await part(range, of: found)
        case .parts(let parts, let closing): return try await multipart(parts, closing: closing, of: found)
        }
    }

    private func part(_ range: Range<Int>, of found: StoredResponse) async throws -> Body? {
        switch found.content {
        case .bytes(let bytes): return Body(bytes: range.count == bytes.count ? bytes : Array(bytes[range]))
        case .stored(_, let open): return try await open(range).map { Body(stream: $0) }
        }
    }

    private func multipart(
        _ parts: [CacheMatch.Part], closing: String, of found: StoredResponse
    ) async throws -> Body? {
        switch found.content {
        case .bytes(let bytes):
            var all: [UInt8] = []
            for part in parts {
                all += part.heading.utf8
                all += bytes[part.range]
            }
            return Body(bytes: all + closing.utf8)
        case .stored(_, let open):
            var opened: [MultipartReader.Piece] = []
            for part in parts {
                guard let stream = try await open(part.range) else { return nil }
                opened.append(.bytes(Array(part.heading.utf8)))
                opened.append(.stream(stream))
            }
            opened.append(.bytes(Array(closing.utf8)))
            let length = parts.reduce(closing.utf8.count) { $0 + $1.heading.utf8.count + $1.range.count }
            return Body(stream: MultipartReader.stream(opened, length: length))
        }
    }
}

/// Several pieces as one stream.
private actor MultipartReader {
    enum Piece: Sendable {
        case bytes([UInt8])
        case stream(BodyStream)
    }

    private var pieces: ArraySlice<Piece>

    private init(_ pieces: [Piece]) { self.pieces = pieces[...] }

    static func stream(_ pieces: [Piece], length: Int) -> BodyStream {
        let reader = MultipartReader(pieces)
        // Letting go of the reader lets go of the streams that are left, which closes them.
        return BodyStream(length: length) { try await reader.next() }
    }

    private func next() async throws -> [UInt8]? {
        while let piece = pieces.first {
            switch piece {
            case .bytes(let bytes):
                pieces.removeFirst()
                return bytes
            case .stream(let stream):
                if let chunk = try await stream.next() { return chunk }
                pieces.removeFirst()
            }
        }
        return nil
    }
}

/// What all caches of one host share.
package struct CacheSettings: Sendable {
    /// Seconds since 1970.
    package var now: @Sendable () -> Double
    /// A text that separates the parts of a multipart answer, new each time, of letters and digits.
    package var boundary: @Sendable () -> String
    /// Caching switched off: `put` succeeds and stores nothing, `match` misses, `delete` finds nothing.
    package var isDisabled: Bool
    /// Whether a response without any freshness information gets the lifetime that Cloudflare's CDN gives it by status.
    /// Cloudflare's local emulator does not do this.
    package var defaultsByStatus: Bool

    package init(
        now: @escaping @Sendable () -> Double, boundary: @escaping @Sendable () -> String, isDisabled: Bool = false,
        defaultsByStatus: Bool = false
    ) {
        self.now = now
        self.boundary = boundary
        self.isDisabled = isDisabled
        self.defaultsByStatus = defaultsByStatus
    }
}

/// All caches over one store.
package struct StoredCaches: CacheStorage {
    private let store: any CacheStore
    private let settings: CacheSettings

    package init(store: any CacheStore, settings: CacheSettings) {
        self.store = store
        self.settings = settings
    }

    package var `default`: any Cache { StoredCache(name: "", store: store, settings: settings) }

    package func open(_ name: String) async throws -> any Cache {
        // JavaScript counts UTF-16 units.
        guard name.utf16.count < 1024 else { throw WorkersError.cacheNameTooLong }
        return StoredCache(name: "=" + name, store: store, settings: settings)
    }

    /// Empties all of them.
    ///
    /// - Returns: how many responses went.
    package func removeAll() async throws -> Int { try await store.removeAll(now: settings.now()) }
}
