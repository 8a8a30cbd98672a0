/// The assets binding: the site's files, by the routing rules of the asset layer.
///
/// Redirects are passed on, not followed. The host of the URL matters only to header rules that name a host.
public protocol AssetFetcher: Sendable {
    func fetch(_ request: Request) async throws -> Response
}

/// Stands in for an assets binding that the configuration lacks, until start-up has reported it.
struct NoAssets: AssetFetcher {
    func fetch(_ request: Request) async throws -> Response { Response(.notFound) }
}
