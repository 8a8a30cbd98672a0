import HTTPTypes

/// A limit that ends the whole call, and the answer a client gets instead of the Worker's.
public enum LimitFailure: Error, Sendable, Hashable, CustomStringConvertible {
    case cpu
    case memory
    case requestBody(limit: Int)

    /// See the Workers documentation, "Errors and exceptions".
    public var status: HTTPResponse.Status {
        switch self {
        case .cpu, .memory: .serviceUnavailable
        case .requestBody: .contentTooLarge
        }
    }

    /// The code on the platform's own error pages; `nil` where there is none.
    public var code: Int? {
        switch self {
        case .cpu, .memory: 1102
        case .requestBody: nil
        }
    }

    public var description: String {
        switch self {
        case .cpu: "Worker exceeded CPU time limit."
        case .memory: "Worker exceeded memory limit."
        case .requestBody(let limit): "The request's body is larger than the \(limit) bytes that this Worker takes."
        }
    }
}

extension WorkersError {
    private static let howToConfigure =
        "To configure this limit, refer to https://developers.cloudflare.com/workers/wrangler/configuration/#limits"

    /// Too many outgoing requests, in the platform's words.
    package static let tooManySubrequests = WorkersError(
        .error, "Too many subrequests by single Worker invocation. " + howToConfigure)

    /// Too many calls to the platform's services, in the platform's words.
    package static let tooManyServiceCalls = WorkersError(
        .error, "Too many API requests by single Worker invocation. " + howToConfigure)

    /// Workers that call each other too often, in the platform's words.
    package static let tooManyInvocations = WorkersError(
        .error,
        "Subrequest depth limit exceeded. This request recursed through Workers too many times. This can happen e.g. if "
            + "you have a Worker or Durable Object that calls other Workers or objects recursively.")
}
