extension KVNamespace {
    /// Stores text. Replaces everything under the key; an expiry or metadata that is not given is cleared.
    ///
    /// - Parameters:
    ///   - expiration: seconds since 1970, at least 60 ahead. The entry is gone as soon as the clock shows it.
    ///   - expirationTTL: seconds from now, at least 60; wins over `expiration`.
    ///   - metadata: at most 1024 bytes as compact JSON.
    public func put(
        _ key: String, _ text: String, expiration: Int? = nil, expirationTTL: Int? = nil, metadata: JSON? = nil
    ) async throws {
        let options = KVPutOptions(expiration: expiration, expirationTTL: expirationTTL, metadata: metadata)
        try await put(key, value: .text(text), options: options)
    }

    /// Stores bytes, at most 25 MiB.
    public func put(
        _ key: String, _ bytes: [UInt8], expiration: Int? = nil, expirationTTL: Int? = nil, metadata: JSON? = nil
    ) async throws {
        let options = KVPutOptions(expiration: expiration, expirationTTL: expirationTTL, metadata: metadata)
        try await put(key, value: .bytes(bytes), options: options)
    }

    /// Stores what a stream brings. It is read to its end even when it is too long, so that the error can name its length.
    public func put(
        _ key: String, _ stream: BodyStream, expiration: Int? = nil, expirationTTL: Int? = nil, metadata: JSON? = nil
    ) async throws {
        let options = KVPutOptions(expiration: expiration, expirationTTL: expirationTTL, metadata: metadata)
        try await put(key, value: .stream(stream), options: options)
    }

    /// Stores JSON as compact text, which `get(_:as: .json)` reads.
    public func put(
        _ key: String, json: JSON, expiration: Int? = nil, expirationTTL: Int? = nil, metadata: JSON? = nil
    ) async throws {
        let options = KVPutOptions(expiration: expiration, expirationTTL: expirationTTL, metadata: metadata)
        try await put(key, value: .text(json.text), options: options)
    }
}
