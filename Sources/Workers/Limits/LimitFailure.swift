import HTTPTypes

/// A limit that ends the whole call, and the answer a client gets instead of the Worker's.
/// See the Workers documentation, "Errors and exceptions".
public enum LimitFailure: Error, Sendable, Hashable, CustomStringConvertible {
    case cpu
    case memory

    public var status: HTTPResponse.Status { .serviceUnavailable }

    /// The code on the platform's own error pages.
    public var code: Int { 1102 }

    public var description: String {
        switch self {
        case .cpu: "Worker exceeded CPU time limit."
        case .memory: "Worker exceeded memory limit."
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
