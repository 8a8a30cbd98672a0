import EdgeServer
import Workers

/// The part of Cloudflare's REST API that administers and uses KV, Queues and R2, under `/client/v4`.
struct RESTService: Sendable {
    private let platform: LocalPlatform

    init(_ platform: LocalPlatform) { self.platform = platform }

    func fetch(_ request: Request) async -> Response {
        let message = "Could not route to \(request.url.path), perhaps your object identifier is invalid?"
        let error = JSON.object([.init("code", .integer(7003)), .init("message", .string(message))])
        return .json(
            .object([
                .init("success", .bool(false)), .init("errors", .array([error])), .init("messages", .array([])),
                .init("result", .null),
            ]), status: .notFound)
    }
}
