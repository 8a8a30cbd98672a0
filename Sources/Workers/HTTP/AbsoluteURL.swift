/// An absolute `http` or `https` URL in the one form that the URL standard serialises it to, without its fragment.
///
/// `HTTPS://Shop.TEST:443/a/../b c?q=ü#x` is `https://shop.test/b%20c?q=%C3%BC`. Two texts that a browser takes for one
/// address are one value here. See the URL standard, "basic URL parser" and "URL serializing". Names outside ASCII are
/// written as Punycode in lower case; the compatibility mappings of UTS #46 are not applied.
package struct AbsoluteURL: Sendable, Hashable {
    package let scheme: String
    /// Host, and port where it is not the scheme's own.
    package let authority: String
    /// Begins with `/`, dot segments resolved.
    package let path: String
    package let query: String?

    package var text: String { "\(scheme)://\(authority)\(path)" + (query.map { "?" + $0 } ?? "") }

    /// `nil` for what is no absolute URL of these schemes, or holds a user name.
    package init?(_ text: String) {
        var bytes = Array(text.utf8)
        // Blanks and controls around it and line breaks inside it do not count.
        while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
        bytes = Array(bytes.drop { $0 <= 0x20 })
        bytes.removeAll { $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        if let fragment = bytes.firstIndex(of: UInt8(ascii: "#")) { bytes.removeSubrange(fragment...) }

        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let scheme = String(decoding: bytes[..<colon], as: UTF8.self).lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        // These schemes take any number of slashes, either way round.
        let rest = bytes[(colon + 1)...]
        let slashes = rest.prefix { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }
        guard slashes.count >= 2 else { return nil }
        let afterSlashes = rest[slashes.endIndex...]
        let authority = afterSlashes.prefix { !"/\\?".utf8.contains($0) }
        let target = afterSlashes[authority.endIndex...]
        let mark = target.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex

        guard let name = AbsoluteURL.authority(authority, scheme: scheme) else { return nil }
        self.scheme = scheme
        self.authority = name
        path = AbsoluteURL.path(target[..<mark])
        query =
            mark < target.endIndex
            ? AbsoluteURL.escaped(target[(mark + 1)...], also: "\"#<>'") : nil
    }

    // MARK: Parts

    private static func authority(_ bytes: ArraySlice<UInt8>, scheme: String) -> String? {
        guard !bytes.contains(UInt8(ascii: "@")) else { return nil }
        var host = bytes
        var port = ""
        let afterBracket = bytes.lastIndex(of: UInt8(ascii: "]")) ?? bytes.startIndex
        if let colon = bytes[afterBracket...].firstIndex(of: UInt8(ascii: ":")) {
            host = bytes[..<colon]
            port = String(decoding: bytes[(colon + 1)...], as: UTF8.self)
        }
        guard let name = URLHost.text(host) else { return nil }
        guard !port.isEmpty else { return name }
        guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(port), number <= 65_535 else {
            return nil
        }
        return number == (scheme == "https" ? 443 : 80) ? name : "\(name):\(number)"
    }

    private static func path(_ bytes: ArraySlice<UInt8>) -> String {
        var segments: [String] = []
        let parts = bytes.split(omittingEmptySubsequences: false) {
            $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\")
        }
        // The first part lies before the first slash and is empty.
        for (index, part) in parts.enumerated().dropFirst() {
            let segment = escaped(part, also: "\"#<>?^`{}")
            let isLast = index == parts.count - 1
            switch segment.lowercased().replacingEscapedDots {
            case ".":
                if isLast { segments.append("") }
            case "..":
                if !segments.isEmpty { segments.removeLast() }
                if isLast { segments.append("") }
            default:
                segments.append(segment)
            }
        }
        return "/" + segments.joined(separator: "/")
    }

    /// Percent-encodes controls, blanks, what lies outside ASCII and the given characters; leaves escapes as they are.
    private static func escaped(_ bytes: ArraySlice<UInt8>, also others: String) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        for byte in bytes {
            if byte <= 0x20 || byte >= 0x7F || others.utf8.contains(byte) {
                output.append(UInt8(ascii: "%"))
                output.append(hexDigits[Int(byte >> 4)])
                output.append(hexDigits[Int(byte & 15)])
            } else {
                output.append(byte)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static let hexDigits = Array("0123456789ABCDEF".utf8)
}

extension String {
    /// A segment of dots may be written with `%2e`. Only such short texts are of interest.
    fileprivate var replacingEscapedDots: String {
        switch self {
        case "%2e": "."
        case ".%2e", "%2e.", "%2e%2e": ".."
        default: self
        }
    }
}
