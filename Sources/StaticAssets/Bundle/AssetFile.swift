import Crypto

/// One file of a bundle, in memory, with everything an answer needs worked out. Shared, never changed.
public final class AssetFile: Sendable {
    /// Below the asset directory, literal, with a leading `/`: `/docs/a b.html`.
    public let path: String
    public let bytes: [UInt8]
    /// 32 hexadecimal digits that name bytes and extension, and nothing else: not the path, not the time.
    public let contentTag: String
    /// From the extension; nil when that is unknown.
    public let contentType: String?
    /// Ready-made compressed copies, for a server that negotiates encodings.
    public let packed: PackedVariants
    /// `"tag"`
    public let eTag: String
    /// `W/"tag"`
    public let weakETag: String
    /// The headers of an answer with this file, before header rules.
    let headers: [HeaderField]
    /// The same for requests with `Authorization` or `Range`.
    let uncachedHeaders: [HeaderField]
    /// What the file system said when the bytes were read; nil for files that never were on a disk.
    let stamp: FileStamp?

    public var size: Int { bytes.count }
    /// The path as it is properly written in a URL.
    public var urlPath: String { AssetPath.encoded(path) }

    public convenience init(path: String, bytes: [UInt8], packed: PackedVariants = PackedVariants()) {
        self.init(
            path: path, bytes: bytes, packed: packed, contentTag: Self.contentTag(path: path, bytes: bytes), stamp: nil)
    }

    init(path: String, bytes: [UInt8], packed: PackedVariants, contentTag: String, stamp: FileStamp?) {
        self.path = path
        self.bytes = bytes
        self.packed = packed
        self.contentTag = contentTag
        self.stamp = stamp
        contentType = ContentType.of(path: path)
        eTag = "\"\(contentTag)\""
        weakETag = "W/\"\(contentTag)\""
        var headers = [HeaderField("etag", eTag)]
        if let contentType { headers.append(HeaderField("content-type", contentType)) }
        uncachedHeaders = headers
        self.headers = headers + [HeaderField("cache-control", "public, max-age=0, must-revalidate")]
    }

    /// The first half of SHA-256 over the bytes and the extension. The extension belongs to it because the tag, on a
    /// deploy, also stands for the type the content was uploaded with.
    public static func contentTag(path: String, bytes: [UInt8]) -> String {
        var hash = SHA256()
        bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        var ending = Array((fileExtension(of: path) ?? "").utf8)
        ending.withUnsafeMutableBytes { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        return Hexadecimal.text(Array(hash.finalize().prefix(16)))
    }

    /// What follows the last dot of the file's name, case as it is. A dot at the front of a name starts no extension.
    static func fileExtension(of path: String) -> String? {
        let nameStart = path.utf8.lastIndex(of: .slash).map(path.utf8.index(after:)) ?? path.startIndex
        guard let dot = path.utf8[nameStart...].lastIndex(of: .dot), dot != nameStart else { return nil }
        return String(path[path.utf8.index(after: dot)...])
    }
}

/// How a packed copy was compressed.
public enum PackedEncoding: String, Sendable, Hashable, CaseIterable {
    case brotli = "br"
    case gzip

    /// The ending that marks the copy, behind the name of the file: `app.js.br`, `app.js.gz`.
    public var fileEnding: String {
        switch self {
        case .brotli: ".br"
        case .gzip: ".gz"
        }
    }
}

/// A compressed copy of a file.
public final class PackedFile: Sendable {
    public let bytes: [UInt8]
    let stamp: FileStamp?

    public var size: Int { bytes.count }

    public convenience init(bytes: [UInt8]) { self.init(bytes: bytes, stamp: nil) }

    init(bytes: [UInt8], stamp: FileStamp?) {
        self.bytes = bytes
        self.stamp = stamp
    }
}

/// The compressed copies of one file.
public struct PackedVariants: Sendable {
    public var brotli: PackedFile?
    public var gzip: PackedFile?

    public init(brotli: PackedFile? = nil, gzip: PackedFile? = nil) {
        self.brotli = brotli
        self.gzip = gzip
    }

    public subscript(encoding: PackedEncoding) -> PackedFile? {
        get {
            switch encoding {
            case .brotli: brotli
            case .gzip: gzip
            }
        }
        set {
            switch encoding {
            case .brotli: brotli = newValue
            case .gzip: gzip = newValue
            }
        }
    }

    public var isEmpty: Bool { brotli == nil && gzip == nil }
}
