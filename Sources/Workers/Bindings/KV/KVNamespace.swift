/// A KV namespace: text keys, byte values, optional expiry and metadata.
///
/// ```swift
/// try await env.sessions.put(id, json: session, expirationTTL: 3600)
/// let session = try await env.sessions.get(id, as: .json)
/// ```
/// Handlers use the methods of the extensions (`get`, `getWithMetadata`, `put`, `list`, `keys`) and `delete`; the
/// requirements below are what an implementation gives. Every failure is a `WorkersError` with the text that Workers give:
/// `KV GET failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.`
/// See the Workers documentation, "Workers Binding API" of Workers KV, and "Limits".
public protocol KVNamespace: Sendable {
    /// The value under a key as it is stored; `nil` when there is none, or it has expired.
    ///
    /// - Parameter cacheTTL: seconds, at least 30, for which this location may answer from its cache.
    func content(of key: String, cacheTTL: Int?) async throws -> KVContent?

    /// The values of up to 100 keys, together at most 25 MiB: one element for each distinct key, in the order of the request.
    ///
    /// - Parameter type: the name of the type that the caller will read; the service takes `text` and `json`.
    func contents(of keys: [String], type: String, cacheTTL: Int?) async throws -> [(key: String, content: KVContent?)]

    /// Replaces value, expiry and metadata of a key. A put that fails leaves the old entry as it was.
    func put(_ key: String, value: KVValue, options: KVPutOptions) async throws

    /// Removes a key; one that is not there is no error.
    func delete(_ key: String) async throws

    /// One page of keys in the order of their UTF-8 bytes.
    ///
    /// - Parameters:
    ///   - prefix: literal and case-sensitive; empty means all.
    ///   - limit: at most 1000; `nil`, zero and less mean 1000.
    ///   - cursor: `cursor` of the page before.
    func page(prefix: String, limit: Int?, cursor: String?) async throws -> KVPage
}

/// An entry as a namespace returns it.
public struct KVContent: Sendable {
    public var value: [UInt8]
    /// JSON text, parsed only when somebody asks: most reads do not.
    public var metadataText: String?
    /// Where the answer came from, as the service tells it; `nil` locally.
    public var cacheStatus: String?

    public init(value: [UInt8], metadataText: String? = nil, cacheStatus: String? = nil) {
        self.value = value
        self.metadataText = metadataText
        self.cacheStatus = cacheStatus
    }

    /// The metadata; `nil` when none was stored.
    public var metadata: JSON? { metadataText.flatMap { try? JSON(parsing: $0) } }
}

/// What a put stores.
public enum KVValue: Sendable {
    case text(String)
    case bytes([UInt8])
    /// Is read to its end.
    case stream(BodyStream)

    /// A value from a source without types: JSON text. Objects, numbers and the rest are refused, as by `put()` in JavaScript.
    public init(_ json: JSON) throws {
        guard case .string(let text) = json else { throw WorkersError.kvUnsupportedValue }
        self = .text(text)
    }
}

/// What a put stores beside the value. What is not given is cleared.
public struct KVPutOptions: Sendable {
    /// Seconds since 1970, at least 60 ahead.
    public var expiration: Int?
    /// Seconds from now, at least 60; wins over `expiration`.
    public var expirationTTL: Int?
    /// At most 1024 bytes as compact JSON.
    public var metadata: JSON?

    public init(expiration: Int? = nil, expirationTTL: Int? = nil, metadata: JSON? = nil) {
        self.expiration = expiration
        self.expirationTTL = expirationTTL
        self.metadata = metadata
    }
}
