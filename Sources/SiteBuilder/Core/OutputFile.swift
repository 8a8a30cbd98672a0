/// One file of the bundle, not yet written.
public struct OutputFile: Sendable, Hashable {
    /// Relative to `dist/public`, with `/` between folders and no leading slash: `docs/index.html`.
    public var path: String
    public var bytes: [UInt8]

    public init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    public init(path: String, text: String) { self.init(path: path, bytes: Array(text.utf8)) }
}
