import Foundation
import WranglerConfig

/// Which file each module name means, and what its bytes must be.
///
/// Browsers that know `integrity` in import maps (Chromium 127 and later) refuse a module whose bytes differ, however
/// it was imported; others ignore the key.
struct ImportMap: Sendable, Equatable {
    /// URL paths by specifier.
    var imports: [String: String] = [:]
    /// `sha384-…` by URL path.
    var integrity: [String: String] = [:]

    /// One line of JSON with sorted keys that is safe between script tags.
    func json() -> String {
        var text = "{\"imports\":" + object(imports)
        if !integrity.isEmpty { text += ",\"integrity\":" + object(integrity) }
        return text + "}"
    }

    private func object(_ values: [String: String]) -> String {
        let members = values.sorted { $0.key < $1.key }.map { "\(Self.quoted($0.key)):\(Self.quoted($0.value))" }
        return "{" + members.joined(separator: ",") + "}"
    }

    /// A JSON string with `<` escaped: otherwise `</script` or `<!--` in a name would change how the page is read.
    static func quoted(_ text: String) -> String {
        var quoted = ""
        for scalar in JSONText.string(text).unicodeScalars {
            switch scalar {
            case "<", ">", "&": quoted += "\\u00" + String(scalar.value, radix: 16)
            case "\u{2028}", "\u{2029}": quoted += "\\u" + String(scalar.value, radix: 16)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted
    }
}
