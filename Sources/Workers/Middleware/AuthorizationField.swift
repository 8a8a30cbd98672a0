import HTTPCaching
/// The value of an `Authorization` field: RFC 9110 §11.4.
struct AuthorizationField {
    /// In lower case.
    let scheme: String
    /// What follows the scheme, not looked at yet.
    let rest: String

    init?(_ text: String) {
        let trimmed = text.trimmedOfBlanks
        let name = trimmed.prefix { $0 != " " }
        guard ByteClass.isToken(name) else { return nil }
        scheme = name.lowercased()
        rest = String(trimmed.dropFirst(name.count).trimmedOfBlanks)
    }

    /// RFC 9110 §11.2, token68, which is RFC 6750's b64token.
    static func isToken68(_ text: String) -> Bool {
        let body = text.utf8.reversed().drop { $0 == UInt8(ascii: "=") }
        return !body.isEmpty
            && body.allSatisfy { ByteClass.isUnreserved($0) || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "/") }
    }

    /// A quoted string, for realms.
    static func quoted(_ text: String) -> String {
        var output = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { output += "\\" }
            output.unicodeScalars.append(scalar)
        }
        return output + "\""
    }
}
