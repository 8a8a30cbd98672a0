/// The `_redirects` file: one 200 rule for each path of the client's router, around the user's own rules.
///
/// Static rules count towards a limit of 2,000 only while no dynamic rule came before them, and otherwise towards that of 100.
/// So our static rules come first, then the user's text as it is, then our dynamic ones. Within the user's text nothing
/// changes; a source that the user has a rule for gets none from us.
enum GeneratedRedirects {
    /// - Parameters:
    ///   - routes: Path prefixes of the client: `/projects` gives `/projects` and `/projects/*`.
    ///   - user: The text of `site/public/_redirects`.
    static func file(routes: [String], user: String?) -> String {
        let taken = Set((user ?? "").split(whereSeparator: \.isNewline).compactMap(source))
        let exact = routes.filter { !taken.contains($0) }
        let below = routes.map { $0 + "/*" }.filter { !taken.contains($0) }
        var text =
            "# Made by the build from `routes` in site.toml. Rules of your own belong in site/public/_redirects.\n"
        for path in exact { text += "\(path) / 200\n" }
        if let user, user.contains(where: { !$0.isWhitespace }) {
            text += "\n# site/public/_redirects\n"
            text += user.hasSuffix("\n") ? user : user + "\n"
        }
        if !below.isEmpty { text += "\n# Everything below the client's routes\n" }
        for path in below { text += "\(path) / 200\n" }
        return text
    }

    /// What a line redirects, if it is a rule.
    private static func source(_ line: Substring) -> String? {
        guard let word = line.split(whereSeparator: \.isWhitespace).first, !word.hasPrefix("#") else { return nil }
        return word.hasPrefix("/") ? String(word) : "/" + word
    }
}

/// The `.assetsignore` file, which keeps packed variants from being assets of their own (gitignore syntax, later lines win).
enum AssetsIgnore {
    /// - Parameters:
    ///   - archives: Files of the bundle, relative to the asset folder, that end like variants and are none: they are
    ///     brought back.
    ///   - user: The text of `site/public/.assetsignore`.
    static func file(archives: [String], user: String?) -> String {
        var text = "# Made by the build: the packed variants of other files.\n*.br\n*.gz\n"
        for path in archives.sorted(by: Files.bytewise) { text += "!/\(escaped(path))\n" }
        if let user, user.contains(where: { !$0.isWhitespace }) {
            text += "\n# site/public/.assetsignore\n"
            text += user.hasSuffix("\n") ? user : user + "\n"
        }
        return text
    }

    private static func escaped(_ path: String) -> String {
        var result = ""
        for character in path {
            if "\\*?[] ".contains(character) { result.append("\\") }
            result.append(character)
        }
        return result
    }
}
