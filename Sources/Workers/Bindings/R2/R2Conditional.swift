import HTTPCaching
import HTTPTypes

/// A condition on the object that is under a key.
///
/// ```swift
/// R2Conditional(etagMatches: known.etag)     // only the version that I know
/// R2Conditional(etagDoesNotMatch: "*")       // only if there is none yet
/// try R2Conditional(request.headers)         // If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since
/// ```
/// See the R2 documentation, page "Workers API reference", section "Conditional operations".
public struct R2Conditional: Sendable, Hashable {
    /// The object's etag is one of these.
    public var etagMatches: [R2ETag]?
    /// The object's etag is none of these.
    public var etagDoesNotMatch: [R2ETag]?
    /// The object was written before this moment, in seconds since 1970; or `etagMatches` was given and holds.
    public var uploadedBefore: Double?
    /// The object was written after this moment, in seconds since 1970; or `etagDoesNotMatch` was given and holds.
    public var uploadedAfter: Double?
    /// Whether the moments are compared as whole seconds, as the dates of header fields are.
    public var secondsGranularity: Bool

    /// - Parameters:
    ///   - etagMatches: an etag without quotes, or `*` for any object.
    ///   - etagDoesNotMatch: the same.
    public init(
        etagMatches: R2ETag? = nil, etagDoesNotMatch: R2ETag? = nil, uploadedBefore: Double? = nil,
        uploadedAfter: Double? = nil, secondsGranularity: Bool = false
    ) {
        self.etagMatches = etagMatches.map { [$0] }
        self.etagDoesNotMatch = etagDoesNotMatch.map { [$0] }
        self.uploadedBefore = uploadedBefore
        self.uploadedAfter = uploadedAfter
        self.secondsGranularity = secondsGranularity
    }

    /// The condition that a request carries (RFC 9110 §13.1). A date that is none counts as absent (§13.1.3).
    ///
    /// - Throws: an error for a list of etags that cannot be understood.
    public init(_ headers: Headers) throws {
        etagMatches = try headers[.ifMatch].map { try R2ETagField.parse($0, name: "if-match") }
        etagDoesNotMatch = try headers[.ifNoneMatch].map { try R2ETagField.parse($0, name: "if-none-match") }
        uploadedBefore = headers[.ifUnmodifiedSince].flatMap { HTTPDate.seconds($0) }
        uploadedAfter = headers[.ifModifiedSince].flatMap { HTTPDate.seconds($0) }
        secondsGranularity = true
    }

    /// - Throws: a `TypeError` for an etag in quotes, which could never match.
    func validate() throws {
        for etag in (etagMatches ?? []) + (etagDoesNotMatch ?? []) {
            guard case .strong(let text) = etag, text.utf8.first == 0x22, text.utf8.last == 0x22 else { continue }
            throw WorkersError(.typeError, "Conditional ETag should not be wrapped in quotes (\(text)).")
        }
    }

    /// Whether the condition holds for what is under the key.
    package func holds(for object: R2Object?) -> Bool {
        guard let object else { return etagMatches == nil && uploadedAfter == nil }
        return unchanged(object) && changed(object)
    }

    /// The half that asks for the version the caller knows: `etagMatches` and `uploadedBefore`.
    package func unchanged(_ object: R2Object) -> Bool {
        let matches = etagMatches.map { list in list.contains { $0.matchesStrongly(object.etag) } }
        if matches == false { return false }
        // An etag that holds is better evidence than a date (RFC 9110 §13.2.2).
        guard let uploadedBefore, matches == nil else { return true }
        return instant(object.uploaded) < instant(uploadedBefore)
    }

    /// The half that asks for another version than the caller knows: `etagDoesNotMatch` and `uploadedAfter`.
    func changed(_ object: R2Object) -> Bool {
        let differs = etagDoesNotMatch.map { list in !list.contains { $0.matchesWeakly(object.etag) } }
        if differs == false { return false }
        guard let uploadedAfter, differs == nil else { return true }
        return instant(uploadedAfter) < instant(object.uploaded)
    }

    /// A moment in milliseconds, or in whole seconds where those are compared.
    private func instant(_ seconds: Double) -> Double {
        let milliseconds = (seconds * 1000).rounded()
        return secondsGranularity ? (milliseconds / 1000).rounded(.down) : milliseconds
    }
}

/// An etag in a condition.
public enum R2ETag: Sendable, Hashable, ExpressibleByStringLiteral {
    /// `*`: whatever there is.
    case any
    /// Without quotes.
    case strong(String)
    /// Of a header field that says `W/"…"`. It never matches where equality of bytes is wanted.
    case weak(String)

    /// `*`, or an etag without quotes.
    public init(_ text: String) { self = text == "*" ? .any : .strong(text) }
    public init(stringLiteral text: String) { self.init(text) }

    /// RFC 9110 §8.8.3.2.
    func matchesStrongly(_ etag: String) -> Bool {
        switch self {
        case .any: true
        case .strong(let text): text == etag
        case .weak: false
        }
    }

    /// RFC 9110 §8.8.3.2.
    func matchesWeakly(_ etag: String) -> Bool {
        switch self {
        case .any: true
        case .strong(let text), .weak(let text): text == etag
        }
    }
}
