import HTTPTypes

/// Two parts of one representation in one piece (RFC 9111 §3.4, RFC 9110 §15.3.7.3).
package struct Combination: Sendable, Hashable {
    package enum Source: Sendable, Hashable {
        /// What was stored before.
        case stored
        /// What has just come.
        case received
    }

    package struct Piece: Sendable, Hashable {
        package var source: Source
        /// Counted from the first byte that the source holds.
        package var range: Range<Int>

        package init(source: Source, range: Range<Int>) {
            self.source = source
            self.range = range
        }
    }

    package var response: CachedResponse
    /// In the order in which they make up the content.
    package var pieces: [Piece]
}

extension CachePolicy {
    /// - Parameters:
    ///   - stored: a part.
    ///   - received: a later part, as `storing` has made it.
    /// - Returns: `nil` when nothing proves that both are of the same representation, or when there is a gap between them.
    package func combining(_ stored: CachedResponse, with received: CachedResponse) -> Combination? {
        guard case .part(let old, let oldSize) = stored.content, case .part(let new, let newSize) = received.content,
            let size = newSize ?? oldSize, oldSize == nil || oldSize == size, stored.variant == received.variant,
            old.upperBound <= size, new.upperBound <= size, CachePolicy.areOfOneRepresentation(stored, received),
            old.lowerBound <= new.upperBound, new.lowerBound <= old.upperBound
        else { return nil }
        let union = min(old.lowerBound, new.lowerBound)..<max(old.upperBound, new.upperBound)
        var pieces: [Combination.Piece] = []
        if old.lowerBound < new.lowerBound {
            pieces.append(.init(source: .stored, range: 0..<new.lowerBound - old.lowerBound))
        }
        pieces.append(.init(source: .received, range: 0..<new.count))
        if old.upperBound > new.upperBound {
            pieces.append(.init(source: .stored, range: new.upperBound - old.lowerBound..<old.count))
        }
        var fields = received.fields
        for field in stored.fields where !received.fields.contains(field.name) { fields.append(field) }
        fields[.contentLength] = String(union.count)
        let isComplete = union == 0..<size
        fields[.contentRange] = isComplete ? nil : ContentRange(union, of: size).text
        let response = CachedResponse(
            status: isComplete ? 200 : 206, fields: fields, requestTime: received.requestTime,
            responseTime: received.responseTime, variant: received.variant,
            content: isComplete ? .complete(size: size) : .part(union, of: size), policy: self)
        return Combination(response: response, pieces: pieces)
    }

    private static func areOfOneRepresentation(_ left: CachedResponse, _ right: CachedResponse) -> Bool {
        if let tag = left.fields[.eTag], let other = right.fields[.eTag] { return EntityTag.stronglyEqual(tag, other) }
        guard !left.fields.contains(.eTag), !right.fields.contains(.eTag) else { return false }
        guard let modified = strongDate(left, now: left.responseTime) else { return false }
        return modified == strongDate(right, now: right.responseTime)
    }

    /// Which of the stored responses of a URL a new one makes superfluous.
    package func replaced(by new: CachedResponse, in stored: [CachedResponse]) -> [Int] {
        stored.indices.filter { index in
            let old = stored[index]
            // A response of the same URL that varies by other fields is chosen by a rule the origin no longer has.
            guard old.variant == new.variant || old.variant.map(\.name) != new.variant.map(\.name) else { return false }
            switch (old.content, new.content) {
            case (_, .complete): return true
            case (.complete, .part):
                return old.responseTime <= new.responseTime && !old.freshness.isFresh(at: new.responseTime)
            case (.part(let held, _), .part(let range, _)):
                return range.lowerBound <= held.lowerBound && held.upperBound <= range.upperBound
            }
        }
    }
}
