/// A request's target as the log keeps it: bounded, and without the secrets that people put into queries.
package enum LoggedTarget {
    /// Bytes; targets may be 16 KiB long, and one tells requests apart with less.
    static let longest = 2048

    /// Parameters whose value lets its holder in: of signed URLs (S3, CloudFront, Azure, Google), of OAuth, and keys.
    private static let secrets: Set<String> = [
        "x-amz-signature", "x-amz-credential", "x-amz-security-token", "x-goog-signature", "x-goog-credential",
        "signature", "sig", "policy", "key-pair-id", "awsaccesskeyid", "access_token", "refresh_token", "id_token",
        "token", "code", "client_secret", "secret", "api_key", "api-key", "apikey", "password", "passwd", "session",
        "auth", "authorization", "jwt",
    ]

    /// - Parameter target: a path with a query, or a whole URL.
    package static func text(_ target: String) -> String {
        guard let mark = target.utf8.firstIndex(of: 0x3F) else { return target.cut(to: longest) }
        var text = String(target[...mark])
        for (index, pair) in target[target.utf8.index(after: mark)...].split(
            separator: "&", omittingEmptySubsequences: false
        ).enumerated() {
            if text.utf8.count > longest { break }
            if index > 0 { text += "&" }
            guard let equals = pair.utf8.firstIndex(of: 0x3D), isSecret(pair[..<equals]) else {
                text += pair
                continue
            }
            text += "\(pair[...equals])REDACTED"
        }
        return text.cut(to: longest)
    }

    /// Names may be percent-encoded: the application would see through that.
    private static func isSecret(_ name: Substring) -> Bool {
        guard name.utf8.count <= 3 * 32 else { return false }
        if !name.utf8.contains(0x25) { return secrets.contains(name.lowercased()) }
        var bytes: [UInt8] = []
        var rest = name.utf8[...]
        while let byte = rest.popFirst() {
            if byte == 0x25, let high = value(rest.first), let low = value(rest.dropFirst().first) {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return secrets.contains(String(decoding: bytes, as: UTF8.self).lowercased())
    }

    private static func value(_ digit: UInt8?) -> UInt8? {
        switch digit {
        case .some(let digit) where (0x30...0x39).contains(digit): digit - 0x30
        case .some(let digit) where (0x41...0x46).contains(digit & 0xDF): (digit & 0xDF) - 0x37
        default: nil
        }
    }
}
