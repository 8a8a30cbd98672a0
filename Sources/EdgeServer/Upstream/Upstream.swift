import NIOCore
import NIOPosix
import NIOSSL

/// An origin and how to reach it: what the pools of all event loops share.
///
/// ```swift
/// let upstream = try Upstream(UpstreamOrigin("https://app.internal"))
/// let pool = upstream.pool(on: loop)  // on that loop
/// let call = pool.send(UpstreamRequest(method: .GET, target: "/", headers: ["Host": "example.com"])) { event in … }
/// ```
package struct Upstream: Sendable {
    package let origin: UpstreamOrigin
    package let options: UpstreamOptions
    /// Made once, because reading the system's certificates takes milliseconds.
    private let tls: NIOSSLContext?

    /// - Throws: `NIOSSLError` when the additional certificates cannot be read.
    package init(_ origin: UpstreamOrigin, options: UpstreamOptions = UpstreamOptions()) throws {
        self.origin = origin
        self.options = options
        guard origin.scheme == .https else {
            tls = nil
            return
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.applicationProtocols = ["http/1.1"]
        configuration.certificateVerification = options.tls.verifiesCertificate ? .fullVerification : .none
        if let path = options.tls.authoritiesPath {
            // Read here, so that a wrong path is an error at start-up and not of the first request.
            let authorities = try NIOSSLCertificate.fromPEMFile(path)
            configuration.additionalTrustRoots = [.certificates(authorities)]
        }
        tls = try NIOSSLContext(configuration: configuration)
    }

    /// The connections of one event loop; called on that loop.
    package func pool(on loop: any EventLoop) -> UpstreamPool { UpstreamPool(self, loop: loop) }

    var usesTLS: Bool { tls != nil }

    /// A handler that makes the channel a TLS client, or `nil` for plain HTTP.
    func makeTLSHandler() throws -> NIOSSLClientHandler? {
        guard let tls else { return nil }
        // An address is no server name (RFC 6066 §3); the certificate is then checked against the address itself.
        let name = options.tls.serverName ?? (origin.hasAddress ? nil : origin.host)
        return try NIOSSLClientHandler(context: tls, serverHostname: name)
    }

    func connect(on loop: any EventLoop) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(options.connectTime)
            // Two buffers of 64 KiB may wait in the channel before a streaming caller is told to pause.
            .channelOption(.writeBufferWaterMark, value: .init(low: 64 * 1024, high: 128 * 1024))
        if let path = origin.socketPath { return bootstrap.connect(unixDomainSocketPath: path) }
        let network = bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1)
        if let address = try? SocketAddress(ipAddress: origin.host, port: origin.port) {
            return network.connect(to: address)
        }
        return network.connect(host: origin.host, port: origin.port)
    }
}
