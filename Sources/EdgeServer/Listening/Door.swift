import NIOCore

/// One purpose of a server, with a port of its own.
package struct Door: Sendable {
    /// As the line `listening <name> <url>` says it.
    package var name: String
    /// The first decides; a machine without IPv6 has no `::1`.
    package var hosts: [String]
    package var plan: PortPlan
    /// `nil` for plain HTTP.
    package var tls: TLSOptions?
    /// Hears of its requests; `nil` for the console.
    package var log: AccessLog?
    /// Makes the request handler of one event loop.
    package var handler: @Sendable (any EventLoop) -> any RequestHandler

    package init(
        _ name: String, hosts: [String] = ["127.0.0.1", "::1"], _ plan: PortPlan, tls: TLSOptions? = nil,
        handler: @escaping @Sendable (any EventLoop) -> any RequestHandler
    ) {
        self.name = name
        self.hosts = hosts
        self.plan = plan
        self.tls = tls
        self.handler = handler
    }

    func url(port: Int) -> String {
        let shown = hosts[0].utf8.contains(0x3A) ? "[\(hosts[0])]" : hosts[0]
        return "\(tls == nil ? "http" : "https")://\(shown):\(port)"
    }
}
