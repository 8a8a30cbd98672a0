/// The operation in a message.
package enum KVOperation: String, Sendable {
    case get = "GET"
    case put = "PUT"
    case delete = "DELETE"
    case getBulk = "GET_BULK"
    /// A listing is a GET of the namespace.
    package static let list = KVOperation.get
}

/// The texts that Workers KV gives, in one place.
extension WorkersError {
    /// What the store refuses.
    package static func kv(_ operation: KVOperation, _ status: Int, _ text: String) -> WorkersError {
        WorkersError(.error, "KV \(operation.rawValue) failed: \(status) \(text)")
    }

    static let kvEmptyKey = WorkersError(.typeError, "Key name cannot be empty.")

    static func kvReservedKey(_ key: String) -> WorkersError {
        WorkersError(.typeError, "\"\(key)\" is not allowed as a key name.")
    }

    static func kvKeyTooLong(_ operation: KVOperation, _ length: Int, limit: Int) -> WorkersError {
        .kv(operation, 414, "UTF-8 encoded length of \(length) exceeds key length limit of \(limit).")
    }

    static let kvUnknownType = WorkersError(
        .typeError,
        "Unknown response type. Possible types are \"text\", \"arrayBuffer\", \"json\", and \"stream\".")

    static let kvUnsupportedValue = WorkersError(
        .typeError,
        "KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.")

    package static let kvTooManyWrites = WorkersError.kv(.put, 429, "Too Many Requests")
}
