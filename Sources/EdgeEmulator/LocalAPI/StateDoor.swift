import Foundation
import Workers

/// `/api/state…` for whoever has the token of the REST interface.
struct StateDoor: Sendable {
    private let calls: StateCalls
    private let authentication: Authentication

    init(_ calls: StateCalls, token: String) {
        self.calls = calls
        authentication = Authentication(token: token)
    }

    /// - Returns: `nil` for other paths.
    func answer(_ request: Request) async -> Response? {
        guard let path = StateDoor.segments(request.url.path) else { return nil }
        do {
            try authentication.check(request.headers)
            guard let json = try await calls.answer(request.method.rawValue, path, request) else {
                throw Problem(.notFound, code: "not_found", "There is nothing at \(request.url.path).")
            }
            return json.isNull ? Response(.noContent) : .json(json, status: path == ["snapshots"] ? .created : .ok)
        } catch let problem as Problem {
            return problem.response
        } catch is RESTError {
            return Problem(.unauthorized, code: "unauthorized", "The token is missing or wrong.").response
        } catch {
            return Problem(.internalServerError, code: "state_failed", "\(error)").response
        }
    }

    private static func segments(_ path: String) -> [String]? {
        let base = "/api/state"
        guard path.utf8.starts(with: base.utf8) else { return nil }
        let rest = path.utf8.dropFirst(base.utf8.count)
        if rest.isEmpty { return [] }
        guard rest.first == UInt8(ascii: "/") else { return nil }
        return rest.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
            (String($0) ?? "").removingPercentEncoding ?? ""
        }
    }
}
