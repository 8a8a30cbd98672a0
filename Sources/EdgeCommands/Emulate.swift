import ArgumentParser
import EdgeEmulator
import EdgeServer
import Foundation

struct Emulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves the bundle and the Worker on this machine.",
        discussion: """
            Reads wrangler.toml, serves the asset folder by Cloudflare's rules with packed variants and ranges, and runs the \
            Worker that the configuration names. The folder is watched: a new build is live without a restart. What the \
            bindings store lies in .lilypad/state/ beside the configuration.
            """)

    @Option(
        help: ArgumentHelp(
            """
            The configuration file; searched upward from here if not given. Further ones are of Workers behind service \
            bindings.
            """, valueName: "file"))
    var config: [String] = []

    @Option(
        name: [.customShort("e"), .long], help: ArgumentHelp("The environment of the configuration.", valueName: "name")
    )
    var env: String?

    @Option(help: "The address to listen on instead of 127.0.0.1 and ::1.")
    var host: String?

    @Option(help: "The port; 0 lets the system choose. 8787, or the next of 8797, 8807 …, if not given.")
    var port: Int?

    @Option(
        name: .customLong("services-port"),
        help: ArgumentHelp(
            "The port of Cloudflare's REST interface for KV, Queues and the cache; 8788 or a later one if not given.",
            valueName: "port"))
    var servicesPort: Int?

    @Option(
        name: .customLong("s3-port"),
        help: ArgumentHelp(
            "The port of the S3 interface to the R2 buckets; 8789 or a later one if not given.", valueName: "port"))
    var s3Port: Int?

    @Option(help: ArgumentHelp("The asset folder instead of the configuration's.", valueName: "folder"))
    var assets: String?

    @Option(help: "Event loops; one for each core if not given.")
    var threads: Int?

    @Option(
        name: .customLong("var"), help: ArgumentHelp("A variable, over what the files say.", valueName: "key:value"))
    var variables: [String] = []

    @Option(
        name: .customLong("persist-to"),
        help: ArgumentHelp(
            "The folder of what the bindings store; .lilypad/state beside the configuration if not given.",
            valueName: "folder"))
    var persistTo: String?

    @Flag(name: .customLong("no-cron"), help: "Cron triggers fire only when asked to.")
    var noCron = false

    @Flag(name: .customLong("enforce-limits"), help: "Refuses what Cloudflare would refuse, instead of only saying so.")
    var enforceLimits = false

    @Flag(
        name: .customLong("no-limits"),
        help: "Does not measure what a call uses of the platform's limits; a little faster, for benchmarks.")
    var noLimits = false

    @Flag(
        name: .customLong("movable-clock"),
        help: "Lets POST /cdn-cgi/local/clock move the time of bindings, queues and cron triggers.")
    var movableClock = false

    @Flag(
        name: .customLong("eventual-kv"),
        help: ArgumentHelp(
            """
            Locations see each other's KV writes up to a minute later, as in production. A request's field \
            X-Lilypad-Location names where it arrives.
            """))
    var eventualKV = false

    @Option(help: ArgumentHelp("A JSON file whose members replace those of request.cf.", valueName: "file"))
    var cf: String?

    @OptionGroup var tls: TLSFlags

    @Flag(help: "Logs every successful asset, too.")
    var logAssets = false

    @Flag(name: .customLong("no-request-log"), help: "Logs no request but those that fail with 5xx or break off.")
    var noRequestLog = false

    @Option(name: .customLong("unix-socket"), help: .hidden)
    var unixSocket: String?

    func validate() throws {
        for port in [port, servicesPort, s3Port].compactMap(\.self) where !(0...65_535).contains(port) {
            throw ValidationError("A port lies between 0 and 65535.")
        }
        if noLimits, enforceLimits { throw ValidationError("--no-limits and --enforce-limits contradict each other.") }
        if let threads, !(1...64).contains(threads) { throw ValidationError("There can be 1 to 64 event loops.") }
    }

    func run() async throws {
        var options = EmulatorOptions(
            currentFolder: FileManager.default.currentDirectoryPath, process: ProcessInfo.processInfo.environment)
        options.config = config.first
        options.furtherConfigs = Array(config.dropFirst())
        options.environment = env
        options.host = host
        options.port = port
        options.servicesPort = servicesPort
        options.s3Port = s3Port
        options.assets = assets
        options.threads = threads
        options.variables = variables
        options.unixSocket = unixSocket
        options.persistTo = persistTo
        options.firesCron = !noCron
        options.enforcesLimits = enforceLimits
        options.measuresLimits = !noLimits
        options.hasMovableClock = movableClock
        options.hasEventualKV = eventualKV
        options.cf = cf
        let console = Console.standard(requests: noRequestLog ? .failures : logAssets ? .all : .withoutAssets)
        let program = EdgeProgram.current
        do {
            options.tls = try tls.options(host: host)
            let emulator = Emulator(options, release: program.version, workers: program.workers, console: console)
            if try await emulator.run() == .restart { try startAgain() }
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            throw ExitCode.failure
        }
    }

    /// Becomes a new process with the same command, the same number and the same terminal. Everything was closed before.
    private func startAgain() throws {
        var words: [UnsafeMutablePointer<CChar>?] = CommandLine.arguments.map { strdup($0) } + [nil]
        // The program may have been built anew under its name.
        let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let file = path.flatMap { FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil }
        execv(file ?? "/proc/self/exe", &words)
        throw StartFailure("The emulator cannot be started again: \(String(cString: strerror(errno))).")
    }
}
