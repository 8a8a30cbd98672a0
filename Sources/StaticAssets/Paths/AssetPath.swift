/// A raw path together with the name under which a file is looked up.
public struct AssetPath: Sendable, Hashable {
    /// The path as the URL has it.
    public let raw: String
    /// Each piece percent-decoded (as typed where that fails), runs of `/` squeezed to one. `%2F` is a slash here.
    public let lookup: String
    /// Whether `raw` is how `lookup` is properly written in a URL; if not, a file found there is redirected to.
    public let isCanonical: Bool

    public init(raw: String) {
        self.raw = raw
        if raw.withBytes(Self.isPlain) {
            lookup = raw
            isCanonical = true
            return
        }
        lookup = Self.decoded(raw)
        isCanonical = Self.encoded(lookup).utf8.elementsEqual(raw.utf8)
    }

    /// The canonical spelling of a path in a URL: in each piece only `A-Z a-z 0-9 - _ . ! ~ * ' ( )` stay bare.
    public static func encoded(_ path: String) -> String {
        let unreserved = ByteSet.unreserved
        if path.utf8.allSatisfy({ unreserved.contains($0) || $0 == .slash }) { return path }
        var output: [UInt8] = []
        output.reserveCapacity(path.utf8.count + 16)
        for byte in path.utf8 {
            if unreserved.contains(byte) || byte == .slash {
                output.append(byte)
            } else {
                URLText.appendEscaped(byte, to: &output)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The lookup path of a raw path.
    public static func decoded(_ raw: String) -> String {
        var joined: [UInt8] = []
        joined.reserveCapacity(raw.utf8.count)
        for (number, piece) in Array(raw.utf8).split(separator: .slash, omittingEmptySubsequences: false).enumerated() {
            if number > 0 { joined.append(.slash) }
            if let decoded = URLText.decoded(piece) {
                joined.append(contentsOf: decoded)
            } else {
                joined.append(contentsOf: piece)
            }
        }
        // Squeezed last, because escapes may have become slashes.
        var output: [UInt8] = []
        output.reserveCapacity(joined.count)
        for byte in joined where byte != .slash || output.last != .slash { output.append(byte) }
        return String(decoding: output, as: UTF8.self)
    }

    /// True for a path that decoding and encoding would leave alone.
    private static func isPlain(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let unreserved = ByteSet.unreserved
        var previous: UInt8 = 0
        for byte in bytes {
            guard unreserved.contains(byte) || (byte == .slash && previous != .slash) else { return false }
            previous = byte
        }
        return true
    }
}
