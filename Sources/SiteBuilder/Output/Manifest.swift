import FoundationEssentials
import WranglerConfig

/// `dist/manifest.json`: what a bundle consists of, for servers, uploads and the next build's comparison.
///
/// It lists every file that was built, public ones and source maps alike, and the three files that steer the asset server.
/// Two kinds of files are not entries of their own: packed variants stand in `encodings` of the file they belong to, and the
/// manifest cannot list itself.
public struct Manifest: Codable, Sendable, Equatable {
    /// The version of this format. A reader refuses what it does not know.
    public static let currentVersion = 1

    public var version = Manifest.currentVersion
    /// Names the bundle: SHA-256 (hex) of the lines `<sha256>  <path>`, one a file in the order of `files`, each ended by a
    /// newline, which is what `sha256sum` prints. It depends on what was built and not on how it was packed.
    public var bundle: String
    /// Sorted by the bytes of the path.
    public var files: [File]

    public struct File: Codable, Sendable, Equatable {
        /// Relative to `dist/`: `public/index.html`, `maps/assets/entry.js.map`.
        public var path: String
        /// In bytes.
        public var size: Int
        /// In hex.
        public var sha256: String
        /// As the asset server sends it; `nil` where it sends none.
        public var contentType: String?
        /// Packed variants by content coding, `br` and `gzip`: the files `PATH.br` and `PATH.gz`.
        public var encodings: [String: Encoding]
        /// For scripts and stylesheets, what their `integrity` attribute says.
        public var integrity: String?

        public init(
            path: String, size: Int, sha256: String, contentType: String?, encodings: [String: Encoding] = [:],
            integrity: String? = nil
        ) {
            self.path = path
            self.size = size
            self.sha256 = sha256
            self.contentType = contentType
            self.encodings = encodings
            self.integrity = integrity
        }
    }

    public struct Encoding: Codable, Sendable, Equatable {
        public var size: Int
        public var sha256: String

        public init(size: Int, sha256: String) {
            self.size = size
            self.sha256 = sha256
        }
    }

    /// Sorts the files and computes `bundle`.
    public init(files: [File]) {
        self.files = files.sorted { Files.bytewise($0.path, $1.path) }
        var list = ""
        for file in self.files { list += "\(file.sha256)  \(file.path)\n" }
        bundle = ContentDigest(of: list).hex
    }

    /// The manifest in a folder, or `nil` if there is none that this version understands.
    public static func read(inFolder folder: String) -> Manifest? {
        guard let bytes = try? Files.read(folder + "/manifest.json") else { return nil }
        return Manifest(json: bytes)
    }

    public init?(json: [UInt8]) {
        guard let manifest = try? JSONDecoder().decode(Manifest.self, from: Data(json)),
            manifest.version == Manifest.currentVersion
        else { return nil }
        self = manifest
    }

    /// The file's text: keys sorted, one line a file so that a difference between two builds reads as such, a newline at
    /// the end.
    public func json() -> [UInt8] {
        var text = "{\n  \"bundle\": \(JSONText.string(bundle)),\n  \"files\": ["
        for (index, file) in files.enumerated() {
            text += index == 0 ? "\n    " : ",\n    "
            text += file.json()
        }
        text += files.isEmpty ? "],\n" : "\n  ],\n"
        text += "  \"version\": \(version)\n}\n"
        return Array(text.utf8)
    }
}

extension Manifest.File {
    fileprivate func json() -> String {
        var text = "{"
        if let contentType { text += "\"contentType\": \(JSONText.string(contentType)), " }
        text += "\"encodings\": {"
        for (index, name) in encodings.keys.sorted().enumerated() {
            guard let encoding = encodings[name] else { continue }
            if index > 0 { text += ", " }
            text +=
                "\(JSONText.string(name)): {\"sha256\": \(JSONText.string(encoding.sha256)), \"size\": \(encoding.size)}"
        }
        text += "}, "
        if let integrity { text += "\"integrity\": \(JSONText.string(integrity)), " }
        text += "\"path\": \(JSONText.string(path)), \"sha256\": \(JSONText.string(sha256)), \"size\": \(size)}"
        return text
    }
}
