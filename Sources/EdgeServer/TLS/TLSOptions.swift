import NIOSSL
import Synchronization

/// TLS on a listener: TLS 1.2 and later, with HTTP/2 or HTTP/1.1 as the client can (RFC 7301).
///
/// The name that a client asks for (SNI) makes no difference: there is one identity.
public final class TLSOptions: Sendable {
    private struct Current {
        var context: NIOSSLContext
        /// Seconds since 1970; a new context is made from then on.
        var renewal: Double
    }

    /// A renewal that fails is tried again after an hour.
    private static let retry = 3600.0

    /// One sentence about the certificate for whoever starts the server: that it has expired, is not valid yet or soon ends.
    package let warning: String?
    private let current: Mutex<Current>
    private let protocols: [String]
    private let now: @Sendable () -> Double
    private let renew: (@Sendable (Double) throws -> TLSIdentity)?

    /// - Parameters:
    ///   - speaksHTTP2: whether HTTP/2 is offered.
    ///   - now: seconds since 1970; without it nothing is said about the time of the certificate.
    /// - Throws: `TLSFailure` when the identity cannot be used.
    public init(_ identity: TLSIdentity, speaksHTTP2: Bool = true, now time: Double? = nil) throws(TLSFailure) {
        warning = time.flatMap { identity.warning(now: $0) }
        protocols = TLSOptions.protocols(speaksHTTP2)
        now = { 0 }
        renew = nil
        current = Mutex(Current(context: try TLSOptions.context(identity, protocols), renewal: .infinity))
    }

    /// Certificates of the local authority, made anew in good time for as long as the server runs.
    ///
    /// - Parameters:
    ///   - hosts: further ones than those of this machine; see `LocalAuthority.identity`.
    ///   - now: seconds since 1970.
    public init(
        _ authority: LocalAuthority, hosts: [String] = [], speaksHTTP2: Bool = true,
        now: @escaping @Sendable () -> Double
    ) throws(TLSFailure) {
        protocols = TLSOptions.protocols(speaksHTTP2)
        warning = nil
        self.now = now
        renew = { try authority.identity(for: hosts, now: $0) }
        let time = now()
        let identity = try authority.identity(for: hosts, now: time)
        current = Mutex(
            Current(
                context: try TLSOptions.context(identity, protocols),
                renewal: TLSOptions.renewal(of: identity, now: time)))
    }

    /// What the next connection gets.
    func context() -> NIOSSLContext {
        let now = now()
        return current.withLock { current in
            guard now >= current.renewal, let renew else { return current.context }
            if let identity = try? renew(now), let context = try? identity.makeContext(protocols: protocols) {
                current = Current(context: context, renewal: TLSOptions.renewal(of: identity, now: now))
            } else {
                current.renewal = now + TLSOptions.retry
            }
            return current.context
        }
    }

    private static func protocols(_ speaksHTTP2: Bool) -> [String] { speaksHTTP2 ? ["h2", "http/1.1"] : ["http/1.1"] }

    /// When two thirds of the time are over.
    private static func renewal(of identity: TLSIdentity, now: Double) -> Double {
        now + max(0, identity.validUntil - now) * 2 / 3
    }

    private static func context(_ identity: TLSIdentity, _ protocols: [String]) throws(TLSFailure) -> NIOSSLContext {
        do {
            return try identity.makeContext(protocols: protocols)
        } catch {
            throw TLSFailure("The certificate cannot be used: \(error).")
        }
    }
}
