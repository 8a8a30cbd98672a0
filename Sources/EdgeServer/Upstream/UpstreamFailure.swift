import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

#if canImport(Glibc)
    import Glibc
#endif

/// Why there is no answer from the origin, or not all of it.
package enum UpstreamFailure: Error, Hashable, Sendable {
    /// With the reason in a few words.
    case connectFailed(String)
    case connectTimeout
    case tlsFailed(String)
    /// The connection closed before there was a final response.
    case noAnswer
    /// No final response in time.
    case responseTimeout
    /// The body stopped coming.
    case bodyTimeout
    /// What the origin sent is not HTTP/1.1, or could be read in two ways.
    case malformed(String)
    /// The head of the response is larger than this proxy takes.
    case headTooLarge
    /// The connection closed before the body was complete.
    case bodyIncomplete
    /// All connections are busy, and as many requests as may wait do.
    case tooManyWaiting
    /// All connections stayed busy for too long.
    case waitedTooLong
    /// The request cannot be sent as it is.
    case badRequest(String)
    /// The pool has been shut down.
    case stopped

    /// The status with which a gateway answers for the origin (RFC 9110 §15.6).
    package var status: Int {
        switch self {
        case .connectFailed, .tlsFailed, .noAnswer, .malformed, .headTooLarge, .bodyIncomplete: 502
        case .connectTimeout, .responseTimeout, .bodyTimeout: 504
        case .tooManyWaiting, .waitedTooLong, .stopped: 503
        case .badRequest: 400
        }
    }

    /// The error's name in `Proxy-Status` (RFC 9209 §2.3), which is also its code in logs.
    package var code: String {
        switch self {
        case .connectFailed("connection refused"): "connection_refused"
        case .connectFailed("the name is unknown"): "dns_error"
        case .connectFailed: "destination_unavailable"
        case .connectTimeout: "connection_timeout"
        case .tlsFailed("the certificate is not trusted"): "tls_certificate_error"
        case .tlsFailed: "tls_protocol_error"
        case .noAnswer: "connection_terminated"
        case .responseTimeout: "http_response_timeout"
        case .bodyTimeout: "connection_read_timeout"
        case .malformed: "http_protocol_error"
        case .headTooLarge: "http_response_header_section_size"
        case .bodyIncomplete: "http_response_incomplete"
        case .tooManyWaiting, .waitedTooLong: "connection_limit_reached"
        case .badRequest: "http_request_error"
        case .stopped: "proxy_internal_response"
        }
    }

    /// One sentence for people; it names nothing the request carried.
    package var message: String {
        switch self {
        case .connectFailed(let reason): "There is no connection to the origin: \(reason)."
        case .connectTimeout: "The origin did not accept a connection in time."
        case .tlsFailed(let reason): "There is no TLS with the origin: \(reason)."
        case .noAnswer: "The origin closed the connection without an answer."
        case .responseTimeout: "The origin did not answer in time."
        case .bodyTimeout: "The origin stopped sending in the middle of its answer."
        case .malformed(let reason): "The origin's answer is not well-formed HTTP: \(reason)."
        case .headTooLarge: "The head of the origin's answer is too large."
        case .bodyIncomplete: "The origin closed the connection in the middle of its answer."
        case .tooManyWaiting: "Too many requests wait for the origin."
        case .waitedTooLong: "No connection to the origin became free in time."
        case .badRequest(let reason): "The request cannot be passed on: \(reason)."
        case .stopped: "The proxy is stopping."
        }
    }
}

extension UpstreamFailure {
    /// What an attempt to connect ran into.
    init(connecting error: any Error) {
        switch error {
        case let error as NIOConnectionError:
            if let last = error.connectionErrors.last {
                self.init(connecting: last.error)
            } else {
                self = .connectFailed("the name is unknown")
            }
        case ChannelError.connectTimeout: self = .connectTimeout
        case let error as IOError: self = .connectFailed(UpstreamFailure.reason(error))
        default: self = .connectFailed("the address cannot be used")
        }
    }

    /// What a TLS handshake ran into.
    init(securing error: any Error) {
        let detail = String(describing: error)
        let isCertificate = detail.contains("CERTIFICATE_VERIFY") || detail.contains("ailedToValidateHostname")
        self = .tlsFailed(isCertificate ? "the certificate is not trusted" : "the handshake failed")
    }

    /// What the parser refused; `nil` for errors of the connection itself.
    init?(parserError error: any Error) {
        switch error {
        case HTTPSyntaxError.fieldsTooLarge: self = .headTooLarge
        case HTTPSyntaxError.contradictoryLength: self = .malformed("its length can be read in two ways")
        case is HTTPSyntaxError: self = .malformed("it does not follow the grammar")
        default: return nil
        }
    }

    private static func reason(_ error: IOError) -> String {
        switch error.errnoCode {
        case ECONNREFUSED: "connection refused"
        case ECONNRESET: "the connection was reset"
        case EHOSTUNREACH: "no route to the host"
        case ENETUNREACH: "the network is unreachable"
        case ENOENT: "the socket does not exist"
        case EACCES, EPERM: "not permitted"
        case EADDRNOTAVAIL: "no local address is free"
        case EMFILE, ENFILE: "too many open files"
        default: "error \(error.errnoCode) of the system"
        }
    }
}
