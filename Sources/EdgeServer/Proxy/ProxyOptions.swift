/// What `proxy` is told on the command line.
public struct ProxyOptions: Sendable {
    public enum Profile: String, Sendable, CaseIterable {
        /// RFC 9111 for a shared cache, no more and no less, explained by `Cache-Status`.
        case rfc
        /// What Cloudflare does in front of a zone, explained by `CF-Cache-Status`.
        case cloudflare
    }

    /// Where the origin is: `http://host:port`, `https://host` or `unix:/path`.
    public var upstream: String
    public var profile = Profile.rfc
    public var host: String?
    /// `nil` for 8090 or the next free one.
    public var port: Int?
    public var threads: Int?
    /// Bytes of responses in memory.
    public var memory = 64 << 20
    /// Bytes of responses on disk.
    public var disk = 1 << 30
    /// Where responses outlive the process; `nil` keeps them in memory alone.
    public var store: String?
    /// `Host` for the origin instead of the client's.
    public var upstreamHost: String?
    /// A PEM file with the authority that signed the origin's certificate.
    public var upstreamCA: String?
    /// `nil` for plain HTTP to the clients.
    public var tls: TLSOptions?
    /// A unix socket through which the cache is purged; `nil` for none.
    public var control: String?
    /// Seconds until the head of a response has come.
    public var timeout = 30

    public init(upstream: String) { self.upstream = upstream }
}
