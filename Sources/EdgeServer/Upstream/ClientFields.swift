import NIOHTTP1

/// `Forwarded` (RFC 7239) and its older relatives: what the origin learns about the client.
enum ClientFields {
    static func describe(_ client: ForwardedFields.Client, in pairs: inout [(String, String)]) {
        if !client.isTrusted { pairs.removeAll { isOwn($0.0) } }
        let own = element(for: client.address, host: client.host, scheme: client.scheme)
        let chain = members(of: "x-forwarded-for", in: pairs)
        if pairs.contains(where: { $0.0.isField("forwarded") }) {
            extend("forwarded", by: own, in: &pairs)
        } else {
            // RFC 7239 §7.4: a recipient that looks at the new field only must not see less than the old one says.
            let earlier = chain.map { "for=\(node(isAddress($0) ? $0 : nil))" }
            pairs.append(("forwarded", (earlier + [own]).joined(separator: ", ")))
        }
        if let address = client.address { extend("x-forwarded-for", by: address, in: &pairs) }
        // These two are no lists: the first proxy's word stands.
        keep("x-forwarded-proto", client.scheme, in: &pairs)
        if let host = client.host { keep("x-forwarded-host", host, in: &pairs) }
    }

    private static func isOwn(_ name: String) -> Bool {
        switch name.utf8.count {
        case 9: name.isField("forwarded")
        case 15: name.isField("x-forwarded-for")
        case 16: name.isField("x-forwarded-host") || name.isField("x-forwarded-port")
        case 17: name.isField("x-forwarded-proto")
        default: false
        }
    }

    /// Continues the last line of a list, or begins one.
    private static func extend(_ name: StaticString, by member: String, in pairs: inout [(String, String)]) {
        if let index = pairs.lastIndex(where: { $0.0.isField(name) }) {
            let value = pairs[index].1
            pairs[index].1 = value.isEmpty ? member : "\(value), \(member)"
        } else {
            pairs.append((name.description, member))
        }
    }

    private static func keep(_ name: StaticString, _ value: String, in pairs: inout [(String, String)]) {
        if !pairs.contains(where: { $0.0.isField(name) }) { pairs.append((name.description, value)) }
    }

    private static func members(of name: StaticString, in pairs: [(String, String)]) -> [String] {
        pairs.filter { $0.0.isField(name) }.flatMap { $0.1.listMembers.map(String.init) }
    }

    private static func element(for address: String?, host: String?, scheme: String) -> String {
        var text = "for=\(node(address))"
        if let host, !host.isEmpty { text += ";host=\(quotedIfNeeded(host))" }
        return text + ";proto=\(scheme)"
    }

    /// RFC 7239 §6: IPv6 addresses in brackets and quotes; what is not known is said so.
    private static func node(_ address: String?) -> String {
        guard let address else { return "unknown" }
        return address.contains(":") ? "\"[\(address)]\"" : address
    }

    private static func isAddress(_ text: String) -> Bool { UpstreamOrigin.isAddress(text) }

    private static func quotedIfNeeded(_ text: String) -> String {
        if text.utf8.allSatisfy(isTokenByte) { return text }
        // By scalars: a quote with an accent behind it is one character to Swift, and still a quote to the next reader.
        var quoted = "\"".unicodeScalars
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted.append("\\") }
            quoted.append(scalar)
        }
        quoted.append("\"")
        return String(quoted)
    }

    /// RFC 9110 §5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true
        default: false
        }
    }
}
