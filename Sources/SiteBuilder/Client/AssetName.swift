/// The names of published files: `assets/NAME-HASH.EXT`, in letters that no server, cache or shell treats specially.
enum AssetName {
    static let folder = "assets"

    static func path(_ name: String, _ bytes: [UInt8], _ fileExtension: String) -> String {
        "\(folder)/\(sanitized(name))-\(ContentHash.short(bytes)).\(fileExtension)"
    }

    /// Letters, digits and `-_.`; runs of anything else become one hyphen. Never empty, never starting with `.` or `_`
    /// (servers and the assets rules keep such names for themselves).
    static func sanitized(_ name: String) -> String {
        var text = ""
        for scalar in name.unicodeScalars {
            let kept = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            if kept || scalar == "_" || scalar == "." || scalar == "-" {
                text.unicodeScalars.append(scalar)
            } else if !text.hasSuffix("-") {
                text += "-"
            }
        }
        let trimmed = text.drop { "-_.".contains($0) }
        let end = trimmed.reversed().drop { "-_.".contains($0) }
        let name = String(end.reversed())
        return name.isEmpty ? "file" : name
    }

    /// `app/routes/home.tsx` is `home`; `app/routes/traces/index.tsx` is `traces`.
    static func ofModule(_ path: String) -> String {
        let parts = path.split(separator: "/")
        guard let last = parts.last else { return "file" }
        let stem = last.split(separator: ".", omittingEmptySubsequences: false).dropLast().joined(separator: ".")
        let name = stem.isEmpty ? String(last) : stem
        return name == "index" && parts.count > 1 ? String(parts[parts.count - 2]) : name
    }
}
