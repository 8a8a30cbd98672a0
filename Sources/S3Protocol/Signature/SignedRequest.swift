import Crypto

/// What a signature covers, exactly as it was sent: nothing of it may have been decoded or put into another form.
public struct SignedRequest: Sendable {
    public var method: String
    /// Percent-encoded, with its slash.
    public var path: String
    /// Without the question mark.
    public var query: String?
    public var fields: [(name: String, value: String)]

    public init(method: String, path: String, query: String?, fields: [(name: String, value: String)]) {
        self.method = method
        self.path = path
        self.query = query
        self.fields = fields
    }

    /// The value of a field that may occur once; of several the first.
    func field(_ name: String) -> String? { fields.first { $0.name.lowercased() == name }?.value }

    /// Names and values of the query, decoded.
    var parameters: [(name: String, value: String)] { SignedRequest.parameters(query) }

    static func parameters(_ query: String?) -> [(name: String, value: String)] {
        guard let query, !query.isEmpty else { return [] }
        return query.utf8.split(separator: UInt8(ascii: "&")).map { item in
            let half = item.firstIndex(of: UInt8(ascii: "="))
            let value = half.map { item[item.index(after: $0)...] } ?? item[item.endIndex...]
            return (
                String(decoding: SignedText.decoded(item[..<(half ?? item.endIndex)]), as: UTF8.self),
                String(decoding: SignedText.decoded(value), as: UTF8.self)
            )
        }
    }

    /// The canonical form (Amazon S3 API Reference, "Signature calculations for the Authorization header").
    ///
    /// - Parameters:
    ///   - signed: names of the fields that are covered, in lower case and sorted.
    ///   - payload: the hash of the body, or what stands for it.
    func canonical(signed: [String], payload: String) -> String {
        var lines = [method, canonicalPath, canonicalQuery]
        for name in signed {
            let values = fields.filter { $0.name.lowercased() == name }.map { SignedText.folded($0.value) }
            lines.append("\(name):\(values.joined(separator: ","))")
        }
        lines.append("")
        lines.append(signed.joined(separator: ";"))
        lines.append(payload)
        return lines.joined(separator: "\n")
    }

    /// Each byte in one spelling. S3 does not encode a path twice, as other services do, and keeps its dots. A slash that
    /// was sent encoded stays so.
    private var canonicalPath: String {
        if path.isEmpty { return "/" }
        return path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { segment in
            SignedText.encoded(SignedText.decoded(segment), keepsSlash: false)
        }.joined(separator: "/")
    }

    /// Sorted by the bytes of the encoded names and values; the signature of a URL does not cover itself.
    private var canonicalQuery: String {
        guard let query, !query.isEmpty else { return "" }
        var pairs: [(name: String, value: String)] = []
        for item in query.utf8.split(separator: UInt8(ascii: "&")) {
            let half = item.firstIndex(of: UInt8(ascii: "="))
            let name = SignedText.encoded(SignedText.decoded(item[..<(half ?? item.endIndex)]), keepsSlash: false)
            if name == "X-Amz-Signature" { continue }
            let value = half.map { item[item.index(after: $0)...] } ?? item[item.endIndex...]
            pairs.append((name, SignedText.encoded(SignedText.decoded(value), keepsSlash: false)))
        }
        pairs.sort { $0.name != $1.name ? $0.name < $1.name : $0.value < $1.value }
        return pairs.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }
}

/// The spellings of text that signatures are about.
enum SignedText {
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// What is malformed stays as it is: the signature decides whether both sides mean the same.
    static func decoded(_ text: Substring.UTF8View) -> [UInt8] {
        let source = Array(text)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(source.count)
        var place = 0
        while place < source.count {
            if source[place] == 0x25, place + 2 < source.count, let high = value(source[place + 1]),
                let low = value(source[place + 2])
            {
                bytes.append(high << 4 | low)
                place += 3
            } else {
                bytes.append(source[place])
                place += 1
            }
        }
        return bytes
    }

    /// Everything but RFC 3986's unreserved characters is escaped, in upper case.
    static func encoded(_ bytes: [UInt8], keepsSlash: Bool) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: output.append(byte)
            case 0x2F where keepsSlash: output.append(byte)
            default: output += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Without blanks at the ends, and with one blank where there were several.
    static func folded(_ value: String) -> String {
        let words = value.utf8.split { $0 == 0x20 || $0 == 0x09 }
        return words.map { String(Substring($0)) }.joined(separator: " ")
    }

    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        var text = ""
        for byte in bytes {
            if byte < 16 { text += "0" }
            text += String(byte, radix: 16)
        }
        return text
    }

    static func hash(_ text: String) -> String { hexadecimal(SHA256.hash(data: Array(text.utf8))) }

    static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
