extension WranglerConfig {
    /// The name that is searched for.
    public static let fileName = "wrangler.toml"

    /// The configuration file: the one named on the command line, relative to the current folder, or the nearest
    /// `wrangler.toml` from there upward.
    public static func locate(
        config: String? = nil, from currentFolder: String, files: ConfigFiles = .disk
    ) throws(ConfigFailure) -> String {
        if let config {
            let path = FilePath.resolve(config, from: currentFolder)
            switch files.kind(path) {
            case .file: return path
            case .folder: throw failure("\(config) is a folder.", config, hint: "Name the file in it.")
            case nil: throw failure("There is no \(config).", config, hint: nil)
            }
        }
        var folder = FilePath.resolve(currentFolder, from: "/")
        while true {
            let path = FilePath.resolve(fileName, from: folder)
            if files.kind(path) == .file { return path }
            if folder == "/" { break }
            folder = FilePath.parent(folder)
        }
        let sentence = "There is no \(fileName) in \(currentFolder) or in a folder above it."
        throw failure(sentence, fileName, hint: "Name the file with --config.")
    }

    /// Finds, reads and checks the configuration.
    ///
    /// - Parameters:
    ///   - config: the path behind `--config`.
    ///   - environment: the name behind `--env`; `CLOUDFLARE_ENV` counts if it is `nil`.
    ///   - process: the variables of the process. `CLOUDFLARE_ACCOUNT_ID` and
    ///     `CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_<BINDING>` win over the file.
    /// - Throws: `ConfigFailure` if there is no file or it cannot be read. Problems inside it are in the report.
    public static func load(
        config: String? = nil, environment: String? = nil, from currentFolder: String, process: [String: String],
        files: ConfigFiles = .disk
    ) throws(ConfigFailure) -> ConfigReport {
        let file = try locate(config: config, from: currentFolder, files: files)
        let bytes: [UInt8]
        do {
            bytes = try files.read(file)
        } catch {
            throw failure("The file cannot be read.", file, code: .fileUnreadable, hint: nil)
        }
        let report = check(
            bytes, file: file, environment: environment ?? process["CLOUDFLARE_ENV"],
            currentFolder: FilePath.resolve(currentFolder, from: "/"), files: files)
        guard var config = report.config else { return report }
        if let account = process["CLOUDFLARE_ACCOUNT_ID"], !account.isEmpty { config.accountID = account }
        for index in config.hyperdrive.indices {
            let name = "CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_\(config.hyperdrive[index].binding)"
            if let text = process[name], !text.isEmpty { config.hyperdrive[index].localConnectionString = Secret(text) }
        }
        return ConfigReport(
            config: config, settings: report.settings, definedEnvironments: report.definedEnvironments,
            problems: report.problems, document: report.document, shownFile: report.shownFile)
    }

    private static func failure(
        _ message: String, _ file: String, code: ConfigProblem.Code = .fileNotFound, hint: String?
    ) -> ConfigFailure {
        let problem = ConfigProblem(
            severity: .error, code: code, details: [:], message: message, hint: hint, file: file)
        return ConfigFailure(problems: [problem])
    }
}
