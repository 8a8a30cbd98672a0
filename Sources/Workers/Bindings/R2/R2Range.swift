import HTTPCaching

/// The part of an object that a get asks for.
public struct R2Range: Sendable, Hashable {
    /// The first byte; 0 if absent.
    public var offset: Int?
    /// Bytes at most; to the end if absent.
    public var length: Int?
    /// The last so many bytes, in place of the other two.
    public var suffix: Int?

    public init(offset: Int? = nil, length: Int? = nil, suffix: Int? = nil) {
        self.offset = offset
        self.length = length
        self.suffix = suffix
    }

    /// The range that a request asks for (RFC 9110 §14.2).
    ///
    /// - Returns: `nil`, which means the whole object, without a `Range` field and for one that has several ranges or
    ///   that cannot be understood.
    public init?(_ headers: Headers) {
        guard let field = headers[.range], case .one(let range) = R2RangeField(field) else { return nil }
        self = range
    }

    /// - Throws: a `TypeError` or a `RangeError` for what no object could satisfy.
    func validate() throws {
        if suffix != nil, offset != nil { throw WorkersError(.typeError, "Suffix is incompatible with offset.") }
        if suffix != nil, length != nil { throw WorkersError(.typeError, "Suffix is incompatible with length.") }
        if let offset, offset < 0 {
            throw WorkersError(
                .rangeError, "Invalid range. Starting offset (\(offset)) must be greater than or equal to 0.")
        }
        if let length, length < 0 {
            throw WorkersError(.rangeError, "Invalid range. Length (\(length)) must be greater than or equal to 0.")
        }
        if let suffix, suffix < 0 {
            throw WorkersError(.rangeError, "Invalid suffix. Suffix (\(suffix)) must be greater than or equal to 0.")
        }
    }

    /// The bytes of an object of this size. What lies beyond its end is cut off.
    ///
    /// - Throws: `R2Failure.invalidRange` when nothing that was asked for exists.
    package func resolved(in size: Int) throws(R2Failure) -> Range<Int> {
        if let suffix {
            if suffix == 0 { throw .invalidRange }
            return max(0, size - suffix)..<size
        }
        let start = offset ?? 0
        guard let length else {
            if offset == nil { return 0..<size }
            if start >= size { throw .invalidRange }
            return start..<size
        }
        if length == 0 || start > size { throw .invalidRange }
        return start..<(start + min(length, size - start))
    }
}

/// A `Range` field (RFC 9110 §14.2).
enum R2RangeField: Hashable {
    case one(R2Range)
    /// More than one range, which R2 does not serve.
    case several
    /// Another unit, or no range at all.
    case unreadable

    init(_ field: String) {
        guard field.prefix(while: { $0 != "=" }).lowercased() == "bytes",
            let items = HTTPCaching.ByteRanges.items(field)
        else {
            self = .unreadable
            return
        }
        let ranges = items.filter { !$0.isEmpty }
        if ranges.count > 1 {
            self = .several
        } else if let text = ranges.first, let range = RangeSpecifier(text) {
            self = .one(R2Range(range))
        } else {
            self = .unreadable
        }
    }
}

extension R2Range {
    fileprivate init(_ specifier: RangeSpecifier) {
        switch specifier {
        case .closed(let range): self.init(offset: range.lowerBound, length: range.count)
        case .from(let start): self.init(offset: start)
        case .last(let count): self.init(suffix: count)
        }
    }
}
