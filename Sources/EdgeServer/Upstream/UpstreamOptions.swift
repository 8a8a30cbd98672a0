import NIOCore

/// What requests to an origin may take. Everything the origin can make longer or larger has a bound here.
package struct UpstreamOptions: Sendable {
    /// Until a connection stands, its TLS included; for a request that waits for one of the others, until it has it.
    package var connectTime = TimeAmount.seconds(5)
    /// From the last part of the request to the end of the final response's head; an interim response begins it anew.
    package var responseTime = TimeAmount.seconds(60)
    /// Between two parts of a response's body, while the caller takes them.
    package var idleTime = TimeAmount.seconds(60)
    /// How long a connection is kept for the next request.
    package var keepAliveTime = TimeAmount.seconds(60)
    /// Connections of one event loop to the origin.
    package var connections = 128
    /// Connections among them that are kept without a request.
    package var idleConnections = 128
    /// Requests of one event loop that may wait for a connection.
    package var waitingRequests = 1024
    /// Bytes of all names and values in a response's head and trailers together.
    package var responseHead = 128 * 1024
    /// Field lines in the same.
    package var responseFields = 256
    /// Interim responses before a final one.
    package var interimResponses = 100
    package var tls = TLS()

    package struct TLS: Sendable {
        /// Whether the origin's certificate has to be valid for its name. Without it, anybody on the way can answer.
        package var verifiesCertificate = true
        /// A PEM file with certificates that are trusted besides the system's.
        package var authoritiesPath: String?
        /// The name that the certificate is checked against and that is announced (SNI), instead of the origin's host.
        package var serverName: String?

        package init() {}
    }

    package init() {}
}
