extension KVNamespace {
    /// The values of up to 100 keys as text, in one operation.
    public func get(_ keys: [String], cacheTTL: Int? = nil) async throws -> KVResults<String> {
        try await get(keys, as: .text, cacheTTL: cacheTTL)
    }

    /// The values of up to 100 keys in one operation, together at most 25 MiB.
    ///
    /// ```swift
    /// let flags = try await env.flags.get(["beta", "theme"], as: .json)
    /// if flags["beta"] == .bool(true) { … }
    /// ```
    /// - Parameter type: `.text` or `.json`; the service refuses the others. One value that is not JSON fails the whole call.
    public func get<Value>(
        _ keys: [String], as type: KVType<Value>, cacheTTL: Int? = nil
    ) async throws -> KVResults<Value> {
        let contents = try await contents(of: keys, type: type.name, cacheTTL: cacheTTL)
        return KVResults(try contents.map { ($0.key, try $0.content.map { try type.decodeInBulk($0.value) }) })
    }

    /// The values of up to 100 keys as text, with their metadata, in one operation.
    public func getWithMetadata(_ keys: [String], cacheTTL: Int? = nil) async throws -> KVResults<KVEntry<String>> {
        try await getWithMetadata(keys, as: .text, cacheTTL: cacheTTL)
    }

    /// The values of up to 100 keys with their metadata, in one operation.
    public func getWithMetadata<Value>(
        _ keys: [String], as type: KVType<Value>, cacheTTL: Int? = nil
    ) async throws -> KVResults<KVEntry<Value>> {
        let contents = try await contents(of: keys, type: type.name, cacheTTL: cacheTTL)
        return KVResults(
            try contents.map { key, content in
                (key, try content.map { KVEntry(value: try type.decodeInBulk($0.value), metadata: $0.metadata) })
            })
    }
}

/// One present key of a bulk read.
public struct KVEntry<Value: Sendable>: Sendable {
    public var value: Value
    /// `nil` when none was stored.
    public var metadata: JSON?

    public init(value: Value, metadata: JSON? = nil) {
        self.value = value
        self.metadata = metadata
    }
}

/// The answer to a bulk read: each distinct key once, in the order of the request; a missing key has no value.
public struct KVResults<Value: Sendable>: Sendable, RandomAccessCollection {
    public typealias Element = (key: String, value: Value?)

    private let elements: [Element]

    public init(_ elements: [(String, Value?)]) { self.elements = elements.map { (key: $0.0, value: $0.1) } }

    public var startIndex: Int { 0 }
    public var endIndex: Int { elements.count }
    public subscript(position: Int) -> Element { elements[position] }

    /// The value of a key; `nil` when it is missing, and when it was not asked for.
    ///
    /// Keys are compared by their bytes: Swift's `==` would take two spellings of “é” for the same.
    public subscript(key: String) -> Value? {
        elements.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }
}
