import HTTPCaching
import HTTPTypes

/// The header fields that an object carries for whoever serves it.
public struct R2HTTPMetadata: Sendable, Hashable {
    public var contentType: String?
    public var contentLanguage: String?
    public var contentDisposition: String?
    public var contentEncoding: String?
    public var cacheControl: String?
    /// The `Expires` field, in seconds since 1970.
    public var cacheExpiry: Double?

    public init(
        contentType: String? = nil, contentLanguage: String? = nil, contentDisposition: String? = nil,
        contentEncoding: String? = nil, cacheControl: String? = nil, cacheExpiry: Double? = nil
    ) {
        self.contentType = contentType
        self.contentLanguage = contentLanguage
        self.contentDisposition = contentDisposition
        self.contentEncoding = contentEncoding
        self.cacheControl = cacheControl
        self.cacheExpiry = cacheExpiry
    }

    /// Takes the six fields from a message and leaves the others. An `Expires` that is no date counts as absent.
    public init(_ headers: Headers) {
        self.init(
            contentType: headers[.contentType], contentLanguage: headers[.contentLanguage],
            contentDisposition: headers[.contentDisposition], contentEncoding: headers[.contentEncoding],
            cacheControl: headers[.cacheControl],
            cacheExpiry: headers[.expires].flatMap { HTTPDate.seconds($0) })
    }

    public var isEmpty: Bool { self == R2HTTPMetadata() }

    func write(to headers: inout Headers) {
        if let contentType { headers[.contentType] = contentType }
        if let contentLanguage { headers[.contentLanguage] = contentLanguage }
        if let contentDisposition { headers[.contentDisposition] = contentDisposition }
        if let contentEncoding { headers[.contentEncoding] = contentEncoding }
        if let cacheControl { headers[.cacheControl] = cacheControl }
        if let cacheExpiry { headers[.expires] = HTTPDate.text(Int(cacheExpiry.rounded(.down))) }
    }
}

extension HTTPDate {
    /// A date in any of its three forms, without a clock: of the centuries for a year of two digits, which nobody has
    /// sent for long, the one around 2027 will do.
    static func seconds(_ text: String) -> Double? { lenient(text, now: 1_800_000_000) }
}
