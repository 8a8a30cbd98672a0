/// What the build needs to know of a file's type. It goes by the name's ending, as asset servers do.
struct FileType: Sendable, Equatable {
    /// As the asset server sends it; `nil` where it sends none.
    var contentType: String?
    /// Whether its bytes are UTF-8 text.
    var isText: Bool
    /// Whether CDNs pack this type. Images, archives, videos and WOFF2 are packed already.
    var isPackable: Bool

    init(path: String) {
        let name = Files.name(path)
        let ending = name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]).lowercased() }
        let type = ending.flatMap { Self.types[$0] }
        isText = type.map { $0.hasPrefix("text/") || Self.textual.contains($0) } ?? false
        isPackable = type.map { Self.packable.contains($0) } ?? false
        contentType = type.map { $0.hasPrefix("text/") ? $0 + "; charset=utf-8" : $0 }
    }

    private static let types: [String: String] = {
        // One entry a line keeps the compiler quick: it checks a long literal as one expression.
        var types: [String: String] = [:]
        func add(_ type: String, _ endings: String...) { for ending in endings { types[ending] = type } }
        add("text/html", "html", "htm")
        add("text/javascript", "js", "mjs")
        add("text/css", "css")
        add("text/plain", "txt")
        add("text/markdown", "md")
        add("text/csv", "csv")
        add("text/vtt", "vtt")
        add("text/yaml", "yaml", "yml")
        add("application/json", "json", "map")
        add("application/manifest+json", "webmanifest")
        add("application/xml", "xml")
        add("application/rss+xml", "rss")
        add("application/atom+xml", "atom")
        add("application/toml", "toml")
        add("application/wasm", "wasm")
        add("application/pdf", "pdf")
        add("application/zip", "zip")
        add("application/gzip", "gz")
        add("application/octet-stream", "bin")
        add("image/svg+xml", "svg")
        add("image/vnd.microsoft.icon", "ico")
        add("image/png", "png")
        add("image/jpeg", "jpg", "jpeg")
        add("image/gif", "gif")
        add("image/webp", "webp")
        add("image/avif", "avif")
        add("font/woff", "woff")
        add("font/woff2", "woff2")
        add("font/ttf", "ttf")
        add("font/otf", "otf")
        add("video/mp4", "mp4")
        add("video/webm", "webm")
        add("audio/mpeg", "mp3")
        return types
    }()

    private static let textual: Set<String> = [
        "application/json", "application/manifest+json", "application/xml", "application/rss+xml",
        "application/atom+xml", "application/toml", "image/svg+xml",
    ]

    private static let packable: Set<String> = [
        "text/html", "text/javascript", "text/css", "text/plain", "application/json", "application/manifest+json",
        "application/xml", "application/rss+xml", "application/atom+xml", "application/wasm", "image/svg+xml",
        "image/vnd.microsoft.icon", "font/ttf", "font/otf",
    ]
}
