import StaticAssets

/// What the build needs to know of a file's type. It goes by the name's ending, as asset servers do.
struct FileType: Sendable, Equatable {
    /// As the asset server sends it; `nil` where it sends none.
    var contentType: String?

    init(path: String) { contentType = ContentType.of(path: path) }

    /// Whether CDNs pack this type. Images, archives, videos and WOFF2 are packed already.
    var isPackable: Bool { contentType.map { Self.packable.contains(Self.bare($0)) } ?? false }

    /// Whether its bytes are UTF-8 text.
    var isText: Bool { contentType.map { $0.hasPrefix("text/") || Self.textual.contains(Self.bare($0)) } ?? false }

    private static func bare(_ type: String) -> String { String(type.prefix { $0 != ";" }) }

    private static let textual: Set<String> = [
        "application/json", "application/ld+json", "application/manifest+json", "application/xml",
        "application/rss+xml",
        "application/atom+xml", "image/svg+xml",
    ]

    /// The types that are packed by the server in front on Cloudflare, too: a variant of another type would never be
    /// asked for there.
    private static let packable: Set<String> = textual.union([
        "text/html", "text/javascript", "text/css", "text/plain", "text/xml", "application/wasm",
        "application/vnd.ms-fontobject", "image/vnd.microsoft.icon", "image/x-icon", "font/ttf", "font/otf",
    ])
}
