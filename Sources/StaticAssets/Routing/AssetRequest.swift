/// What assets want to know about a request. A plain value, made once per request.
public struct AssetRequest: Sendable {
    public enum Method: Sendable, Hashable { case get, head, other }

    public var method: Method
    public var target: RawTarget
    public var origin: RequestOrigin
    /// Without white space around it.
    public var ifNoneMatch: String?
    /// The request has `Authorization` or `Range`, whose answers are not to be kept by caches.
    public var isPersonalOrPartial: Bool
    /// `Sec-Fetch-Mode: navigate`, spelt exactly so: a browser loads a page.
    public var navigates: Bool

    /// - Parameters:
    ///   - target: as in the request line.
    ///   - host: the value of `Host`.
    ///   - header: the value of a request header by its lower-case name; several lines joined with `, `.
    public init(
        method: String, target: String, host: String, scheme: String = "https",
        header: (String) -> String? = { _ in nil }
    ) {
        self.init(
            method: Method(method), target: RawTarget(target), origin: RequestOrigin(scheme: scheme, host: host),
            header: header)
    }

    public init(method: Method, target: RawTarget, origin: RequestOrigin, header: (String) -> String?) {
        self.method = method
        self.target = target
        self.origin = origin
        ifNoneMatch = header("if-none-match").map { String(RuleLines.trimmed($0[...])) }
        isPersonalOrPartial = header("authorization") != nil || header("range") != nil
        navigates = header("sec-fetch-mode") == "navigate"
    }
}

extension AssetRequest.Method {
    public init(_ name: String) {
        switch name {
        case "GET": self = .get
        case "HEAD": self = .head
        default: self = .other
        }
    }
}
