extension RequestURL {
    /// The URL that a reference means when it is found at this URL, as the `Location` of a redirect is:
    /// RFC 3986 §5.2 with what the URL Standard adds for `http` and `https` (backslashes are slashes, tabs and line ends
    /// are dropped, bytes that a URL cannot have are percent-encoded). The fragment is left out: it is never sent.
    ///
    /// - Returns: `nil` for what is no URL, for a host that is not ASCII, and for a URL with a name and a password.
    package func resolving(_ reference: some StringProtocol) -> RequestURL? {
        var text = RequestURL.cleaned(reference)
        if let hash = text.firstIndex(of: "#") { text = String(text[..<hash]) }
        var rest = Substring(text)
        var scheme = scheme.lowercased()
        var named = false
        if let found = RequestURL.scheme(of: rest) {
            scheme = found.lowercased()
            rest = rest.dropFirst(found.count + 1)
            named = true
        }
        let isWeb = scheme == "http" || scheme == "https"
        // Another kind of URL is kept as it is: the caller says that it cannot be loaded.
        if named, !isWeb { return RequestURL.foreign(scheme, rest) }
        let (hierarchy, query) = RequestURL.split(rest)
        let path = String(
            decoding: hierarchy.utf8.map { $0 == UInt8(ascii: "\\") ? UInt8(ascii: "/") : $0 }, as: UTF8.self)
        if path.hasPrefix("//") || (named && scheme != self.scheme.lowercased()) {
            // `http:///host`, and at a URL of the other scheme `https:host`, name a host, too.
            let tail = path.drop { $0 == "/" }
            return RequestURL.absolute(scheme, tail, query)
        }
        guard let origin else { return nil }
        if path.isEmpty {
            return RequestURL(
                scheme: scheme, authority: origin.authority, path: self.path,
                query: rest.isEmpty ? self.query : query.map(RequestURL.encoded))
        }
        let full = path.hasPrefix("/") ? path : self.path.prefix(upToLast: "/") + "/" + path
        return RequestURL(
            scheme: scheme, authority: origin.authority, path: RequestURL.withoutDots(RequestURL.encoded(full)),
            query: query.map(RequestURL.encoded))
    }

    private static func absolute(_ scheme: String, _ text: Substring, _ query: String?) -> RequestURL? {
        let authority = text.prefix { $0 != "/" }
        guard !authority.contains("@"), authority.utf8.allSatisfy(isHostByte),
            let origin = Origin(scheme: scheme, authority: String(authority))
        else { return nil }
        let path = text.dropFirst(authority.count)
        return RequestURL(
            scheme: scheme, authority: origin.authority,
            path: path.isEmpty ? "/" : withoutDots(encoded(String(path))), query: query.map(encoded))
    }

    private static func foreign(_ scheme: String, _ rest: Substring) -> RequestURL {
        let tail = rest.drop { $0 == "/" }
        let authority = tail.prefix { $0 != "/" && $0 != "?" }
        return RequestURL(scheme: scheme, authority: String(authority), path: "/")
    }

    /// Splits at the first `?`.
    private static func split(_ text: Substring) -> (hierarchy: String, query: String?) {
        guard let mark = text.firstIndex(of: "?") else { return (String(text), nil) }
        return (String(text[..<mark]), String(text[text.index(after: mark)...]))
    }

    /// RFC 3986 §3.1, before a colon.
    private static func scheme(of text: Substring) -> Substring? {
        let name = text.prefix { $0 != ":" && $0 != "/" && $0 != "?" }
        guard name.endIndex < text.endIndex, text[name.endIndex] == ":", let first = name.first, first.isASCII,
            first.isLetter,
            name.utf8.allSatisfy({ byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x2E: true
                default: false
                }
            })
        else { return nil }
        return name
    }

    /// Without the spaces around it and the tabs and line ends within (URL Standard, "basic URL parser", steps 1 to 3).
    ///
    /// What is not ASCII is percent-encoded here already, as it would be later in a path and a query. A slash that an
    /// accent follows is one `Character` with it, and would be overlooked by everything that looks for slashes.
    private static func cleaned(_ text: some StringProtocol) -> String {
        var bytes = Array(text.utf8)[...]
        while let first = bytes.first, first <= 0x20 { bytes.removeFirst() }
        while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
        var cleaned: [UInt8] = []
        cleaned.reserveCapacity(bytes.count)
        for byte in bytes {
            switch byte {
            case 0x09, 0x0A, 0x0D: break
            case 0x80...: PercentCoding.append(byte, to: &cleaned)
            default: cleaned.append(byte)
            }
        }
        return String(decoding: cleaned, as: UTF8.self)
    }

    /// Letters, digits and what else a host, an address in brackets and a port consist of.
    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: ":"): true
        case UInt8(ascii: "["), UInt8(ascii: "]"): true
        default: false
        }
    }

    /// Percent-encodes the bytes that a request target cannot have; existing escapes stay as they are.
    private static func encoded(_ text: String) -> String {
        if text.utf8.allSatisfy(isTargetByte) { return text }
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            if isTargetByte(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isTargetByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, 0x7F...0xFF: false
        case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "`"): false
        case UInt8(ascii: "{"), UInt8(ascii: "}"): false
        default: true
        }
    }

    /// RFC 3986 §5.2.4; the URL Standard takes `%2e` for a dot, too.
    private static func withoutDots(_ path: String) -> String {
        var kept: [Substring] = []
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch dots(in: segment) {
            case 1:
                if isLast { kept.append("") }
            case 2:
                _ = kept.popLast()
                if isLast { kept.append("") }
            default: kept.append(segment)
            }
        }
        return "/" + kept.joined(separator: "/")
    }
}

extension RequestURL {
    /// How many dots a segment consists of, plain or as `%2e`; 0 for every other one.
    private static func dots(in segment: Substring) -> Int {
        var rest = segment.utf8[...]
        var count = 0
        while let first = rest.first {
            if first == UInt8(ascii: ".") {
                rest = rest.dropFirst()
            } else if first == UInt8(ascii: "%"),
                rest.prefix(3).elementsEqual("%2e".utf8)
                    || rest.prefix(3).elementsEqual("%2E".utf8)
            {
                rest = rest.dropFirst(3)
            } else {
                return 0
            }
            count += 1
        }
        return count
    }
}

extension String {
    /// What stands before the last occurrence of a character; empty when it does not occur.
    fileprivate func prefix(upToLast character: Character) -> String {
        lastIndex(of: character).map { String(self[..<$0]) } ?? ""
    }
}
