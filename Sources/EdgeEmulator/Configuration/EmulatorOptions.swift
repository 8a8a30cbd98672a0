import EdgeServer

/// The command line of `lilypad-edge emulate`, as values.
public struct EmulatorOptions: Sendable {
    /// `--config`, relative to the current folder; nil searches upward for `wrangler.toml`.
    public var config: String?
    /// Further `--config`s: of the Workers behind service bindings.
    public var furtherConfigs: [String] = []
    /// `--env`; nil falls back to `CLOUDFLARE_ENV`.
    public var environment: String?
    public var host: String?
    public var port: Int?
    /// `--services-port`: REST.
    public var servicesPort: Int?
    /// `--s3-port`
    public var s3Port: Int?
    /// `--assets`, relative to the current folder; nil takes `assets.directory` of the configuration.
    public var assets: String?
    /// `--threads`: event loops; one for each core if nil.
    public var threads: Int?
    /// `--var KEY:VALUE`, each.
    public var variables: [String] = []
    /// Listens on this unix socket instead of on ports: `lilypad dev` stands in front.
    public var unixSocket: String?
    /// `--persist-to`, relative to the current folder; nil takes `.lilypad/state` beside the configuration.
    public var persistTo: String?
    /// Whether cron triggers fire by themselves.
    public var firesCron = true
    /// `--enforce-limits`
    public var enforcesLimits = false
    /// `--no-limits`: measures nothing.
    public var measuresLimits = true
    /// `--eventual-kv`: locations see each other's KV writes later, as in production.
    public var hasEventualKV = false
    /// `--https`, or `--tls-cert` and `--tls-key`; `nil` for plain HTTP.
    public var tls: TLSOptions?
    /// `--cf`: a JSON file whose members replace those of `request.cf`, relative to the current folder.
    public var cf: String?
    /// Whether this machine is where the Worker is developed or where its users reach it.
    public var stage = Stage.development
    /// `--env-file`, each: files with secrets, relative to the current folder. If there are any, no other file is read.
    public var environmentFiles: [String] = []
    /// `--movable-clock`
    public var hasMovableClock = false
    public var currentFolder: String
    /// The variables of the process.
    public var process: [String: String]

    public enum Stage: Sendable {
        /// Errors are shown, `.dev.vars` is read, clients come from a made-up place, handlers may ask this machine.
        case development
        /// Errors stay in the log, secrets come from the process and from files that were named, nothing is made up, and
        /// handlers reach neither this machine nor the metadata service of its provider.
        case production
    }

    public init(currentFolder: String, process: [String: String]) {
        self.currentFolder = currentFolder
        self.process = process
    }

    /// The options for one of the further configurations: it has no site of its own.
    func forConfig(_ path: String) -> EmulatorOptions {
        var options = self
        options.config = path
        options.assets = nil
        return options
    }
}
