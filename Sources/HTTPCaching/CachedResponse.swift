import HTTPTypes

/// A stored response without its bytes, with all that decides about its reuse.
package struct CachedResponse: Sendable, Hashable {
    /// Which bytes of the representation the store holds.
    package enum Content: Sendable, Hashable {
        case complete(size: Int)
        /// Of a 206. The size of the whole may be unknown.
        case part(Range<Int>, of: Int?)
    }

    package var status: Int
    /// As stored: nothing that was about the connection; `Age` as it came.
    package var fields: HTTPFields
    /// When the request was sent, in seconds since 1970.
    package var requestTime: Double
    /// When the head of the response came, in seconds since 1970.
    package var responseTime: Double
    /// The request fields that the response was chosen by, ordered by name; empty for one that does not vary.
    package var variant: [VariantField]
    package var content: Content
    /// Derived from all of the above by the policy it is stored under.
    package private(set) var freshness: Freshness

    /// A response as it was stored, under the policy that it was stored under.
    package init(
        status: Int, fields: HTTPFields, requestTime: Double, responseTime: Double, variant: [VariantField],
        content: Content, policy: CachePolicy
    ) {
        self.init(
            status: status, fields: fields, requestTime: requestTime, responseTime: responseTime, variant: variant,
            content: content,
            freshness: policy.freshness(
                status: status, fields: fields, requestTime: requestTime, responseTime: responseTime))
    }

    init(
        status: Int, fields: HTTPFields, requestTime: Double, responseTime: Double, variant: [VariantField],
        content: Content, freshness: Freshness
    ) {
        self.status = status
        self.fields = fields
        self.requestTime = requestTime
        self.responseTime = responseTime
        self.variant = variant
        self.content = content
        self.freshness = freshness
    }

    /// Makes it stale from now on, as a purge that keeps the content does: the next use asks the origin. The fields say so
    /// too, so that it is still stale when it is read from a disk.
    package mutating func expire() {
        fields[.programmedCacheControl] = "no-cache"
        freshness.expire()
    }

    /// Bytes that the store holds.
    package var size: Int {
        switch content {
        case .complete(let size): size
        case .part(let range, _): range.count
        }
    }

    package var isComplete: Bool {
        if case .complete = content { true } else { false }
    }

    /// Whether the origin can be asked if it still holds.
    package var hasValidator: Bool { fields.contains(.eTag) || fields.contains(.lastModified) }

    /// The response once its last byte has come.
    ///
    /// - Parameter received: how many bytes came.
    /// - Returns: `nil` when that is not what the head promised; such a response is not stored.
    package func finished(received: Int) -> CachedResponse? {
        var response = self
        switch content {
        case .part(let range, _): return range.count == received ? self : nil
        case .complete:
            let declared = fields[values: .contentLength]
            guard declared.allSatisfy({ Digits.number($0.trimmedOfBlanks) == received }) else { return nil }
            response.content = .complete(size: received)
            return response
        }
    }
}

/// A request field that a response was chosen by (RFC 9111 §4.1).
package struct VariantField: Sendable, Hashable {
    /// In lower case.
    package var name: String
    /// As it is compared; `nil` for a field that the request did not have.
    package var value: String?

    package init(name: String, value: String?) {
        self.name = name
        self.value = value
    }
}
