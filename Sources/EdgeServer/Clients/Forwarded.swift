/// The field `Forwarded` (RFC 7239): one element for each proxy that a request has passed, the last one last.
///
/// The syntax is taken strictly: a quote that a client leaves open must not swallow what a proxy wrote behind it unnoticed,
/// so one error makes the whole field unreadable. What a well-formed element says of its node may still be nonsense.
package struct Forwarded: Hashable, Sendable {
    package struct Element: Hashable, Sendable {
        /// Who made the request to the proxy that wrote this.
        package var client: Node?
        /// The interface of the proxy at which the request came in.
        package var by: Node?
        /// The `Host` field that the proxy received.
        package var host: String?
        /// The scheme of the request to the proxy, in lower case.
        package var scheme: String?

        package init(client: Node? = nil, by: Node? = nil, host: String? = nil, scheme: String? = nil) {
            self.client = client
            self.by = by
            self.host = host
            self.scheme = scheme
        }
    }

    /// §6. Ports are checked and dropped.
    package enum Node: Hashable, Sendable {
        case address(IPAddress)
        /// `unknown`, and what is no node at all.
        case unknown
        /// `_hidden`: a name that the proxy made up for itself (§6.3).
        case obfuscated(String)
    }

    package var elements: [Element]

    package init(_ elements: [Element]) { self.elements = elements }

    /// - Parameter lines: the values of all field lines of this name, in order. An element ends with its line.
    /// - Returns: `nil` unless all of them are well-formed.
    package init?(lines: some Sequence<String>) {
        elements = []
        for line in lines {
            var reader = ForwardedReader(line)
            guard let more = reader.elements() else { return nil }
            elements += more
        }
    }
}

extension Forwarded.Node {
    /// The value of `for` or `by`, without the quotes.
    init(_ text: String) {
        if text.utf8.first == 0x5B || text.utf8.first.map({ (0x30...0x39).contains($0) }) == true {
            self = Self.withPort(text)
        } else if text.utf8.first == 0x5F {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let isValid = Self.isObfuscated(parts[0]) && (parts.count == 1 || Self.isPort(parts[1]))
            self = isValid ? .obfuscated(String(parts[0])) : .unknown
        } else {
            self = .unknown
        }
    }

    /// An IPv6 address has brackets, with and without a port; an IPv4 address has none.
    private static func withPort(_ text: String) -> Self {
        let bracket = text.utf8.first == 0x5B ? text.utf8.firstIndex(of: 0x5D) : nil
        let hostEnd = bracket.map { text.utf8.index(after: $0) } ?? text.utf8.firstIndex(of: 0x3A) ?? text.endIndex
        let rest = text[hostEnd...]
        guard rest.isEmpty || (rest.utf8.first == 0x3A && isPort(rest.dropFirst())) else { return .unknown }
        if let bracket {
            let inside = text[text.utf8.index(after: text.startIndex)..<bracket]
            return inside.utf8.contains(0x3A) ? IPAddress(inside).map(Self.address) ?? .unknown : .unknown
        }
        return IPAddress(text[..<hostEnd]).map(Self.address) ?? .unknown
    }

    private static func isPort(_ text: Substring) -> Bool {
        if text.utf8.first == 0x5F { return isObfuscated(text) }
        return (1...5).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func isObfuscated(_ text: Substring) -> Bool {
        text.utf8.count > 1
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
                default: false
                }
            }
    }
}

extension Forwarded.Element: CustomStringConvertible {
    /// As it is written into the field. Hosts with characters that are no token are quoted.
    package var description: String {
        var pairs: [String] = []
        if let by { pairs.append("by=\(by)") }
        if let client { pairs.append("for=\(client)") }
        if let host { pairs.append("host=\(ForwardedReader.quoted(host))") }
        if let scheme { pairs.append("proto=\(ForwardedReader.quoted(scheme))") }
        return pairs.joined(separator: ";")
    }
}

extension Forwarded.Node: CustomStringConvertible {
    package var description: String {
        switch self {
        case .address(let address): address.version == .v4 ? "\(address)" : "\"[\(address)]\""
        case .unknown: "unknown"
        case .obfuscated(let name): name
        }
    }
}

/// Reads one field line from left to right.
private struct ForwardedReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ line: String) { bytes = Array(line.utf8) }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipBlanks() {
        while next == 0x20 || next == 0x09 { place += 1 }
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        place += 1
        return true
    }

    /// A list may have empty members (RFC 9110 §5.6.1.2). Blanks stand around its commas and nowhere else.
    mutating func elements() -> [Forwarded.Element]? {
        var elements: [Forwarded.Element] = []
        while true {
            skipBlanks()
            if next != nil, next != 0x2C {
                guard let element = element() else { return nil }
                elements.append(element)
                skipBlanks()
            }
            if next == nil { return elements }
            guard skip(0x2C) else { return nil }
        }
    }

    /// `[pair] *(";" [pair])`, each parameter at most once (§4).
    private mutating func element() -> Forwarded.Element? {
        var element = Forwarded.Element()
        var names: Set<String> = []
        repeat {
            guard let byte = next, byte != 0x3B, byte != 0x2C, byte != 0x20, byte != 0x09 else { continue }
            guard let name = token()?.lowercased(), skip(0x3D), let value = value(), names.insert(name).inserted else {
                return nil
            }
            switch name {
            case "for": element.client = Forwarded.Node(value)
            case "by": element.by = Forwarded.Node(value)
            case "host": element.host = value
            case "proto": element.scheme = value.lowercased()
            default: break
            }
        } while skip(0x3B)
        return element
    }

    private mutating func value() -> String? { next == 0x22 ? quotedString() : token() }

    private mutating func token() -> String? {
        let start = place
        while let byte = next, Self.isToken(byte) { place += 1 }
        return place > start ? String(decoding: bytes[start..<place], as: UTF8.self) : nil
    }

    /// RFC 9110 §5.6.4.
    private mutating func quotedString() -> String? {
        var content: [UInt8] = []
        place += 1
        while let byte = next {
            place += 1
            switch byte {
            case 0x22: return String(validating: content, as: UTF8.self)
            case 0x5C:
                guard let escaped = next, escaped == 0x09 || (escaped >= 0x20 && escaped != 0x7F) else { return nil }
                place += 1
                content.append(escaped)
            case 0x09, 0x20...0x7E, 0x80...: content.append(byte)
            default: return nil
            }
        }
        return nil
    }

    /// RFC 9110 §5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
        default: false
        }
    }

    static func quoted(_ text: String) -> String {
        if !text.isEmpty, text.utf8.allSatisfy(isToken) { return text }
        // By bytes: to the standard library a quote with a combining accent behind it is another character.
        var bytes: [UInt8] = [0x22]
        for byte in text.utf8 {
            if byte == 0x22 || byte == 0x5C { bytes.append(0x5C) }
            bytes.append(byte)
        }
        bytes.append(0x22)
        return String(decoding: bytes, as: UTF8.self)
    }
}
