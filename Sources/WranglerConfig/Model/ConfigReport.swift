/// The outcome of reading a `wrangler.toml`: the configuration if it has no errors, and everything there is to say.
public struct ConfigReport: Sendable, CustomStringConvertible {
    /// `nil` if there are errors.
    public let config: WranglerConfig?
    /// The effective settings, also if some of them are wrong; empty if the text is not TOML.
    public let settings: [String: TOMLNode]
    public let definedEnvironments: [String]
    /// Errors, warnings and advice, errors first, each group in the order of the file.
    public let problems: [ConfigProblem]
    /// `nil` if the text is not TOML.
    let document: TOMLDocument?
    let shownFile: String

    public var errors: [ConfigProblem] { problems.filter { $0.severity == .error } }
    public var warnings: [ConfigProblem] { problems.filter { $0.severity == .warning } }
    public var advice: [ConfigProblem] { problems.filter { $0.severity == .advice } }

    /// The problems as text. The settings are left out, for they may hold a password.
    public var description: String { problems.map { $0.rendered() }.joined(separator: "\n") }

    /// The configuration, or all errors at once.
    public func get() throws(ConfigFailure) -> WranglerConfig {
        guard let config else { throw ConfigFailure(problems: errors) }
        return config
    }
}

extension WranglerConfig {
    /// Checks a configuration and reads it.
    ///
    /// - Parameters:
    ///   - text: the file's bytes.
    ///   - file: its absolute path.
    ///   - environment: the name behind `--env`; an empty one counts as none.
    ///   - currentFolder: the absolute folder in which the command runs; the file's own folder unless given.
    ///   - files: where images and folders that the file names are looked up.
    public static func check(
        _ text: [UInt8], file: String, environment: String? = nil, currentFolder: String? = nil,
        files: ConfigFiles = .disk
    ) -> ConfigReport {
        let folder = FilePath.parent(file)
        let current = currentFolder ?? folder
        let relative = FilePath.relative(file, to: current)
        let shown = relative.hasPrefix("..") ? file : relative
        let document: TOMLDocument
        do {
            document = try TOMLDocument(parsing: text)
        } catch {
            return ConfigReport(failure: ConfigProblem(syntaxError: error, file: shown))
        }
        let environment = environment.flatMap { $0.isEmpty ? nil : $0 }
        var checker = ConfigChecker(document: document, file: shown, folder: folder, files: files)
        let top = Level(root: Field(name: "", path: [], node: document.root))
        checker.checkTopLevel(top)
        let defined = document.keys(of: ["env"])
        var level = top
        if let environment {
            if let own = document.root["env"]?[environment] {
                let root = Field(name: "", path: ["env", .key(environment)], node: own)
                level = Level(environment: environment, root: root, top: top.root)
                checker.checkEnvironment(level)
            } else {
                checker.reportUnknownEnvironment(environment, defined: defined)
            }
        }
        checker.checkUniqueNames(level)
        let settings = Settings(
            level: level, folder: folder, currentFolder: current, files: files, environment: environment
        ).tree()
        let problems = checker.sortedProblems()
        var config: WranglerConfig?
        if !problems.contains(where: { $0.severity == .error }) {
            config = WranglerConfig(
                file: file, currentFolder: current, settings: settings, names: ConfigChecker.boundNames(level),
                environments: defined)
        }
        return ConfigReport(
            config: config, settings: settings, definedEnvironments: defined, problems: problems, document: document,
            shownFile: shown)
    }
}

extension ConfigReport {
    init(failure: ConfigProblem) {
        self.init(
            config: nil, settings: [:], definedEnvironments: [], problems: [failure], document: nil,
            shownFile: failure.file)
    }
}

extension ConfigProblem {
    init(syntaxError error: any Error, file: String) {
        guard let error = error as? TOMLSyntaxError else {
            self.init(
                severity: .error, code: .fileUnreadable, details: [:], message: "\(file) cannot be read: \(error).",
                file: file)
            return
        }
        self.init(
            severity: .error, code: .tomlSyntax, details: [:], message: error.message, file: file, line: error.line,
            column: error.column, sourceLine: error.sourceLine)
    }
}

extension ConfigChecker {
    mutating func reportUnknownEnvironment(_ environment: String, defined: [String]) {
        let hasEnvironments = document.root["env"] != nil
        var hint = "Add [env.\(environment)] to the file."
        if let near = Suggestion.nearest(to: environment, among: defined) {
            hint = "Did you mean \"\(near)\"?"
        } else if !defined.isEmpty {
            hint = "The file has \(defined.joined(separator: ", "))."
        }
        report(
            .unknownEnv, as: hasEnvironments ? .error : .warning, at: hasEnvironments ? ["env"] : [],
            ["env": .text(environment)], "The file has no environment \"\(environment)\".", hint: hint)
    }

    /// Errors first; within a group by place, and at one place in the order of the checks.
    func sortedProblems() -> [ConfigProblem] {
        let order: [ConfigProblem.Severity] = [.error, .warning, .advice]
        return order.flatMap { severity in
            let group = problems.filter { $0.severity == severity }.enumerated()
            let sorted = group.sorted { a, b in
                let left = (a.element.line ?? .max, a.element.column ?? .max, a.offset)
                let right = (b.element.line ?? .max, b.element.column ?? .max, b.offset)
                return left < right
            }
            return sorted.map(\.element)
        }
    }
}
