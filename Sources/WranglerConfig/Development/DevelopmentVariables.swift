/// The variables and secrets that a Worker sees while it is developed.
///
/// Order, from Cloudflare's tool: `vars` of the environment; then explicitly named files, or else `.dev.vars`, or else
/// the `.env` family; then `--var`. `.dev.vars` and `.env` are alternatives, not layers. What comes from files is
/// secret: its description hides the value.
public struct DevelopmentVariables: Sendable, Equatable {
    public enum Variable: Sendable, Equatable {
        /// A text from `vars` or `--var`.
        case plain(String)
        /// Anything else from `vars`; handed to the Worker as JSON.
        case json(TOMLNode)
        /// From a file or from the process.
        case secret(Secret)
    }

    public var variables: [String: Variable]
    /// The files that were read, relative to the configuration's folder, in order.
    public var filesUsed: [String]
    /// Files that were named but do not exist or cannot be read as UTF-8.
    public var unreadableFiles: [String]
    /// Names in `secrets.required` that nothing sets, sorted.
    public var missingRequiredSecrets: [String]

    /// Sentences for the developer; never with values.
    public var warnings: [String] {
        var sentences = unreadableFiles.map { "\($0) cannot be read, so its variables are missing." }
        if !missingRequiredSecrets.isEmpty {
            let names = missingRequiredSecrets.joined(separator: ", ")
            sentences.append("Required secrets are missing: \(names). Set them in .dev.vars or in the environment.")
        }
        return sentences
    }

    /// How the command line and the environment steer what is read.
    public struct Options: Sendable {
        /// Files from the command line; if there are any, no other file is read. Relative to the current folder.
        public var environmentFiles: [String] = []
        /// `--var`, already split.
        public var overrides: [String: String] = [:]
        /// Whether `.dev.vars` and `.env` beside the configuration are read at all.
        public var readsLocalFiles = true
        /// Whether `.env` is read in the absence of `.dev.vars`.
        public var loadsDotEnv = true
        /// Whether variables of the process are taken, and win, where `.env` is read.
        public var includesProcess = false
        public var process: [String: String] = [:]

        public init() {}

        /// What `CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV` and `CLOUDFLARE_INCLUDE_PROCESS_ENV` say.
        public init(process: [String: String]) {
            self.process = process
            loadsDotEnv = process["CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV"]?.lowercased() != "false"
            includesProcess = process["CLOUDFLARE_INCLUDE_PROCESS_ENV"]?.lowercased() == "true"
        }
    }

    /// Splits the argument of `--var`, `KEY:VALUE`; `nil` if it has no colon or no key.
    public static func override(_ argument: String) -> (key: String, value: String)? {
        guard let colon = argument.firstIndex(of: ":"), colon != argument.startIndex else { return nil }
        return (String(argument[..<colon]), String(argument[argument.index(after: colon)...]))
    }

    /// Reads what belongs to a configuration.
    public static func load(
        for config: WranglerConfig, options: Options, currentFolder: String? = nil, files: ConfigFiles = .disk
    ) -> DevelopmentVariables {
        var loader = Loader(options: options, folder: config.folder, files: files)
        let isRequiring = config.requiredSecrets != nil
        if !options.environmentFiles.isEmpty {
            for file in options.environmentFiles {
                loader.read(file, from: currentFolder ?? config.folder, mustExist: true)
            }
            loader.expand(isRequiring: isRequiring)
        } else if !options.readsLocalFiles {
            loader.expand(isRequiring: isRequiring)
        } else if !loader.readDevVars(environment: config.environment), options.loadsDotEnv {
            loader.readDotEnv(environment: config.environment)
            loader.expand(isRequiring: isRequiring)
        }
        return DevelopmentVariables(config: config, loaded: loader, overrides: options.overrides)
    }

    private init(config: WranglerConfig, loaded: Loader, overrides: [String: String]) {
        variables = [:]
        for (name, value) in config.vars {
            variables[name] = value.string.map { .plain($0) } ?? .json(value)
        }
        let required = config.requiredSecrets ?? []
        let accepted = config.requiredSecrets.map { Set($0).union(config.vars.keys) }
        for (name, value) in loaded.values.values where accepted?.contains(name) ?? true {
            variables[name] = .secret(Secret(value))
        }
        for (name, value) in overrides { variables[name] = .plain(value) }
        filesUsed = loaded.filesUsed
        unreadableFiles = loaded.unreadable
        let present = variables
        missingRequiredSecrets = required.filter { present[$0] == nil }.sorted()
    }
}

extension DevelopmentVariables {
    /// Reads files one after the other.
    private struct Loader {
        let options: Options
        let folder: String
        let files: ConfigFiles
        var values = DotEnv()
        var filesUsed: [String] = []
        var unreadable: [String] = []

        @discardableResult
        mutating func read(_ name: String, from folder: String, mustExist: Bool = false) -> Bool {
            let path = FilePath.resolve(name, from: folder)
            guard files.kind(path) == .file else {
                if mustExist { unreadable.append(name) }
                return false
            }
            filesUsed.append(name)
            guard let bytes = try? files.read(path), let text = String(validating: bytes, as: UTF8.self) else {
                unreadable.append(name)
                return true
            }
            values.merge(DotEnv(parsing: text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text))
            return true
        }

        /// The file of the environment, else the general one; even an empty one keeps `.env` from being read.
        mutating func readDevVars(environment: String?) -> Bool {
            if let environment, read(".dev.vars.\(environment)", from: folder) { return true }
            return read(".dev.vars", from: folder)
        }

        mutating func readDotEnv(environment: String?) {
            var names = [".env", ".env.local"]
            if let environment { names += [".env.\(environment)", ".env.\(environment).local"] }
            for name in names { read(name, from: folder) }
        }

        mutating func expand(isRequiring: Bool) {
            let process = options.includesProcess || isRequiring ? options.process : [:]
            values = VariableExpansion.expand(values, process: process)
            for (name, value) in process.sorted(by: { $0.key < $1.key }) { values.set(name, value) }
        }
    }
}
