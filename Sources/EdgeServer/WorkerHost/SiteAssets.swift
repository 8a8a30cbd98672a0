import HTTPTypes
import StaticAssets
import Workers

/// The assets binding over the live site.
public struct SiteAssets: AssetFetcher {
    private let live: LiveSite

    public init(_ live: LiveSite) { self.live = live }

    public func fetch(_ request: Request) async throws -> Response {
        let url = request.url
        let target = url.path + (url.query.map { "?" + $0 } ?? "")
        let question = AssetRequest(
            method: request.method.rawValue, target: target, host: url.authority, scheme: url.scheme,
            header: { name in HTTPField.Name(name).flatMap { request.headers[$0] } })
        let answer = live.current.router.fetch(question)
        var headers = Headers()
        for field in answer.headers {
            guard let name = HTTPField.Name(field.name) else { continue }
            headers.append(HTTPField(name: name, value: field.value))
        }
        let bytes = answer.hasBody ? answer.file?.bytes ?? [] : []
        return Response(.init(code: answer.status), headers: headers, body: Body(bytes: bytes))
    }
}
