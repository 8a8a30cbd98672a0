import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import Workers

/// What went wrong on the network, as the error that a handler gets.
enum NetworkFailure {
    /// - Returns: an error without anything the request carried; errors of the request's own body stay as they are.
    static func error(for error: any Error, url: RequestURL, connectTimeout: TimeAmount) -> any Error {
        if error is CancellationError || error is WorkersError { return error }
        let host = url.hostAndPort
        switch error {
        case let error as HTTPClientError:
            return clientError(error, url: url, seconds: connectTimeout.nanoseconds / 1_000_000_000)
        case let error as RefusedAddress: return refused(host, error.network)
        case let error as NIOConnectionError: return connectionError(error)
        case let error as IOError: return WorkersError.connectionLost("\(host): \(reason(error)).")
        case is HTTPParserError, is NIOHTTPDecoderError:
            return WorkersError.connectionLost("\(host) did not answer with well-formed HTTP.")
        case is ChannelError: return WorkersError.connectionLost("The connection to \(host) was closed.")
        default: return other(error, host)
        }
    }

    static func refused(_ host: String, _ network: AddressPolicy.Network) -> WorkersError {
        WorkersError(
            .error, "\(host) is a \(network.rawValue) address, which outgoing requests of this host may not reach.")
    }

    /// Whether a connection that was kept from an earlier request broke, so that a new one may do better.
    static func isStaleConnection(_ error: any Error) -> Bool {
        if let error = error as? HTTPClientError { return error == .remoteConnectionClosed }
        guard let error = error as? IOError else { return false }
        return error.errnoCode == ECONNRESET || error.errnoCode == EPIPE
    }

    private static func clientError(_ error: HTTPClientError, url: RequestURL, seconds: Int64) -> WorkersError {
        let host = url.hostAndPort
        switch error {
        case .connectTimeout, .getConnectionFromPoolTimeout:
            return .connectionLost("No connection to \(host) within \(seconds) s.")
        case .remoteConnectionClosed:
            return .connectionLost("\(host) closed the connection before its response was complete.")
        case .readTimeout, .writeTimeout, .deadlineExceeded: return .fetchTimedOut
        case .tlsHandshakeTimeout: return .connectionLost("TLS with \(host) took too long.")
        case .invalidURL, .emptyHost, .emptyScheme: return .cannotLoad(url)
        case .bodyLengthMismatch:
            return WorkersError(.typeError, "The request's body is not as long as it said.")
        case .traceRequestWithBody: return WorkersError(.typeError, "A TRACE request cannot have a body.")
        case .alreadyShutdown: return .connectionLost("The server is stopping.")
        default: return .connectionLost("The request to \(host) failed.")
        }
    }

    private static func connectionError(_ error: NIOConnectionError) -> WorkersError {
        let host = "\(error.host):\(error.port)"
        guard let last = error.connectionErrors.last else {
            return .connectionLost("The name \(error.host) could not be resolved.")
        }
        if let error = last.error as? IOError { return .connectionLost("\(host): \(reason(error)).") }
        if let error = last.error as? ChannelError, case .connectTimeout(let time) = error {
            return .connectionLost("No connection to \(host) within \(time.nanoseconds / 1_000_000_000) s.")
        }
        return .connectionLost("There is no connection to \(host).")
    }

    /// `connection refused` and the like.
    private static func reason(_ error: IOError) -> String {
        switch error.errnoCode {
        case ECONNREFUSED: "connection refused"
        case ECONNRESET: "the connection was reset"
        case EPIPE: "the connection was closed"
        case EHOSTUNREACH: "no route to the host"
        case ENETUNREACH: "the network is unreachable"
        case ETIMEDOUT: "the connection timed out"
        default: "error \(error.errnoCode) of the system"
        }
    }

    /// The TLS library's errors are known by their names: it is not a dependency of its own.
    private static func other(_ error: any Error, _ host: String) -> any Error {
        let type = String(reflecting: type(of: error))
        if type.hasPrefix("NIOSSL.") {
            let detail = String(describing: error)
            let isCertificate = detail.contains("CERTIFICATE") || detail.contains("ailedToValidateHostname")
            return WorkersError.connectionLost(
                isCertificate ? "The TLS certificate of \(host) is not trusted." : "TLS with \(host) failed.")
        }
        if type.hasPrefix("NIO") || type.hasPrefix("AsyncHTTPClient.") {
            return WorkersError.connectionLost("The request to \(host) failed.")
        }
        return error
    }
}
