import ArgumentParser
import EdgeEmulator
import Foundation
import LilypadWorker
import Workers

/// The runtime. The Workers that it can run are linked in and registered here by name.
@main
struct LilypadEdge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lilypad-edge", abstract: "Runs Lilypad's Worker and site.",
        version: LilypadWorker.version, subcommands: [Emulate.self])
}

struct Emulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves the bundle and the Worker on this machine.",
        discussion: """
            Reads wrangler.toml, serves the asset folder by Cloudflare's rules with packed variants and ranges, and runs the \
            Worker of edge/. The folder is watched: a new build is live without a restart.
            """)

    @Option(help: ArgumentHelp("The configuration file; searched upward from here if not given.", valueName: "file"))
    var config: String?

    @Option(
        name: [.customShort("e"), .long], help: ArgumentHelp("The environment of the configuration.", valueName: "name")
    )
    var env: String?

    @Option(help: "The address to listen on instead of 127.0.0.1 and ::1.")
    var host: String?

    @Option(help: "The port; 0 lets the system choose. 8787, or the next of 8797, 8807 …, if not given.")
    var port: Int?

    @Option(help: ArgumentHelp("The asset folder instead of the configuration's.", valueName: "folder"))
    var assets: String?

    @Option(help: "Event loops; one for each core if not given.")
    var threads: Int?

    @Option(
        name: .customLong("var"), help: ArgumentHelp("A variable, over what the files say.", valueName: "key:value"))
    var variables: [String] = []

    @Flag(help: "Logs every successful asset, too.")
    var logAssets = false

    @Option(name: .customLong("unix-socket"), help: .hidden)
    var unixSocket: String?

    func validate() throws {
        if let port, !(0...65_535).contains(port) { throw ValidationError("A port lies between 0 and 65535.") }
        if let threads, !(1...64).contains(threads) { throw ValidationError("There can be 1 to 64 event loops.") }
    }

    func run() async throws {
        var options = EmulatorOptions(
            currentFolder: FileManager.default.currentDirectoryPath, process: ProcessInfo.processInfo.environment)
        options.config = config
        options.environment = env
        options.host = host
        options.port = port
        options.assets = assets
        options.threads = threads
        options.variables = variables
        options.unixSocket = unixSocket
        let console = Console.standard(showsAssets: logAssets)
        do {
            try await Emulator(options, release: LilypadWorker.version, console: console).run(LilypadWorker.self)
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            throw ExitCode.failure
        }
    }
}
