/// The assets binding: the site's files, by the routing rules of the asset layer.
///
/// Redirects are passed on, not followed. The host of the URL matters only to header rules that name a host.
public protocol AssetFetcher: Fetcher {}

/// Stands in for an assets binding that the configuration lacks, until start-up has reported it.
struct NoAssets: AssetFetcher {
    func fetch(_ request: Request) async throws -> Response { Response(.notFound) }
}

extension Bindings.Value {
    public static func assets(_ assets: any AssetFetcher) -> Bindings.Value {
        Bindings.Value(kind: "assets", resource: assets)
    }
}

extension Bindings {
    /// The site's static assets.
    public func assets(_ name: String) throws -> any AssetFetcher {
        resource(name, kind: "assets", as: (any AssetFetcher).self, orElse: NoAssets())
    }
}
