extension KVNamespace {
    /// The value of a key as text; ill-formed UTF-8 becomes U+FFFD.
    ///
    /// - Parameter cacheTTL: seconds, at least 30, for which this location may answer from its cache; 60 if not given.
    /// - Returns: `nil` when there is no such key, or it has expired.
    public func get(_ key: String, cacheTTL: Int? = nil) async throws -> String? {
        guard let content = try await content(of: key, cacheTTL: cacheTTL) else { return nil }
        return String(decoding: content.value, as: UTF8.self)
    }

    /// The value of a key in the form that is asked for.
    ///
    /// ```swift
    /// let settings = try await env.settings.get("team/7", as: .json, cacheTTL: 300)
    /// ```
    /// - Throws: a `SyntaxError` for `.json` when the value is not JSON.
    public func get<Value>(_ key: String, as type: KVType<Value>, cacheTTL: Int? = nil) async throws -> Value? {
        guard let content = try await content(of: key, cacheTTL: cacheTTL) else { return nil }
        return try type.decode(content.value)
    }

    /// The value of a key as text, and the metadata that was stored with it.
    public func getWithMetadata(_ key: String, cacheTTL: Int? = nil) async throws -> KVRead<String> {
        try await getWithMetadata(key, as: .text, cacheTTL: cacheTTL)
    }

    /// The value of a key in the form that is asked for, and the metadata that was stored with it.
    public func getWithMetadata<Value>(
        _ key: String, as type: KVType<Value>, cacheTTL: Int? = nil
    ) async throws -> KVRead<Value> {
        guard let content = try await content(of: key, cacheTTL: cacheTTL) else { return KVRead() }
        return KVRead(
            value: try type.decode(content.value), metadata: content.metadata, cacheStatus: content.cacheStatus)
    }
}

/// A value with its metadata; everything is `nil` when there is no such key.
public struct KVRead<Value: Sendable>: Sendable {
    public var value: Value?
    /// `nil` when none was stored.
    public var metadata: JSON?
    public var cacheStatus: String?

    public init(value: Value? = nil, metadata: JSON? = nil, cacheStatus: String? = nil) {
        self.value = value
        self.metadata = metadata
        self.cacheStatus = cacheStatus
    }
}
