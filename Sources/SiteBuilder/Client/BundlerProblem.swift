import Foundation
import WranglerConfig

extension BunWorker.Problem {
    /// The problem in our words, at its place in the site, with the likely fix where there is one.
    func diagnostic(site: String) -> Diagnostic {
        var diagnostic = Diagnostic(
            level == "warning" ? .warning : .error, file: file ?? "package.json", line: line, column: column,
            message: sentence, sourceLine: lineText)
        if let specifier, let file, message.hasPrefix("Could not resolve") {
            diagnostic.hint = ImportHint.hint(for: specifier, in: file, site: site)
        }
        if message.hasPrefix("process.env.") {
            diagnostic.hint = "Scripts can read NODE_ENV and variables whose names begin with PUBLIC_."
        }
        return diagnostic
    }

    private var sentence: String {
        if let specifier, message.hasPrefix("Could not resolve") { return "There is no module \"\(specifier)\"." }
        let end = message.last.map { ".!?".contains($0) } ?? true
        return end ? message : message + "."
    }
}

/// What was probably meant by an import that leads nowhere.
enum ImportHint {
    static func hint(for specifier: String, in file: String, site: String) -> String? {
        guard specifier.hasPrefix(".") else {
            return "Add \(package(of: specifier)) to the dependencies in package.json and install it."
        }
        let folder = (file as NSString).deletingLastPathComponent
        let target = NSString.path(withComponents: [site, folder, specifier]) as NSString
        let wanted = URL(filePath: target as String).standardizedFileURL
        let names =
            (try? FileManager.default.contentsOfDirectory(atPath: wanted.deletingLastPathComponent().path)) ?? []
        let keepsExtension = !wanted.pathExtension.isEmpty
        let spelled = names.map { name in keepsExtension ? name : (name as NSString).deletingPathExtension }
        guard let nearest = Suggestion.nearest(to: wanted.lastPathComponent, among: Set(spelled)) else { return nil }
        let lead = specifier.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        return "Did you mean \"\(lead)/\(nearest)\"?"
    }

    /// `@scope/name/part` is in the package `@scope/name`.
    static func package(of specifier: String) -> String {
        specifier.split(separator: "/").prefix(specifier.hasPrefix("@") ? 2 : 1).joined(separator: "/")
    }
}
