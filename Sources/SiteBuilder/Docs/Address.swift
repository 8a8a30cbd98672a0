/// What the address of a link or an image in Markdown means.
enum Address: Equatable {
    /// Another site or program; `isWeb` for http, https and scheme-relative ones.
    case external(isWeb: Bool)
    /// A path from the root of this site.
    case site(path: String, anchor: String?)
    /// A file below the documentation folder. `tail` counts the bytes of `?query#anchor` at the address's end.
    case relative(path: String, tail: Int, anchor: String?)
    case nowhere(String)

    /// - Parameters:
    ///   - text: the address with percent escapes, as cmark writes it.
    ///   - page: the path of the page it stands on.
    init(_ text: String, page: String) {
        let bytes = text.utf8
        guard let first = bytes.first else {
            // cmark empties `javascript:`, `vbscript:`, `file:` and most `data:` addresses.
            self = .nowhere("The address is empty, or of a kind that pages must not link to.")
            return
        }
        if text.hasPrefix("//") {
            self = .external(isWeb: true)
            return
        }
        let stop = bytes.firstIndex { ":/?#".utf8.contains($0) } ?? bytes.endIndex
        if stop != bytes.endIndex, bytes[stop] == UInt8(ascii: ":") {
            let scheme = text[..<stop].lowercased()
            self = .external(isWeb: scheme == "http" || scheme == "https")
            return
        }
        let pathEnd = bytes.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? bytes.endIndex
        let anchor = bytes.firstIndex(of: UInt8(ascii: "#")).map {
            Decode.percent(String(text[bytes.index(after: $0)...]))
        }
        let path = Decode.percent(String(text[..<pathEnd]))
        // In HTML two of a tail's characters are longer than they are here.
        let tail = text[pathEnd...].utf8.reduce(0) {
            $0 + ($1 == UInt8(ascii: "&") ? 5 : $1 == UInt8(ascii: "'") ? 6 : 1)
        }
        if first == UInt8(ascii: "/") {
            self = .site(path: path, anchor: anchor)
        } else if path.isEmpty {
            self = .relative(path: page, tail: tail, anchor: anchor)
        } else if let resolved = DocsPaths.resolve(path, from: page) {
            self = .relative(path: resolved, tail: tail, anchor: anchor)
        } else {
            self = .nowhere("The address leads out of the documentation folder.")
        }
    }
}
