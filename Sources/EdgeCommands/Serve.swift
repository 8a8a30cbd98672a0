import ArgumentParser
import EdgeEmulator
import EdgeServer
import Foundation

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves the bundle and the Worker to users, behind a proxy.",
        discussion: """
            Runs what emulate runs, without what is only for developing: errors stay in the log, the folder is not watched, \
            .dev.vars is not read, and /cdn-cgi/ has no doors. /health says that the process is alive, /ready whether it \
            should get requests.

            Who the client is and under which URL it came is taken from the connection. Proxies listed in \
            --trusted-proxies are believed: of X-Forwarded-For, Forwarded, CF-Connecting-IP and X-Real-IP the first that is \
            there counts, followed from its end up to the first address that is not listed.

            SIGTERM ends it: /ready turns 503, no connection is accepted any more, what runs may finish within --grace. A \
            second signal ends it at once. Sockets passed on by systemd are taken in place of --host and --port.
            """)

    enum LogChoice: String, ExpressibleByArgument, CaseIterable { case json, common, combined, off }

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

    @Option(help: "The address to listen on; 127.0.0.1 if not given.")
    var host: String?

    @Option(help: "The port; 0 lets the system choose. 8080, or the next of 8090, 8100 …, if not given.")
    var port: Int?

    @Option(help: ArgumentHelp("The asset folder instead of the configuration's.", valueName: "folder"))
    var assets: String?

    @Option(
        name: .customLong("persist-to"),
        help: ArgumentHelp(
            """
            The folder of what the bindings store, for one process at a time; .lilypad/state beside the configuration if \
            not given.
            """, valueName: "folder"))
    var persistTo: String?

    @Option(help: "Where the bindings keep what they store: local. The others are not served from yet.")
    var provider = ProviderChoice.local

    @Option(
        name: .customLong("trusted-proxies"),
        help: ArgumentHelp(
            "Addresses and ranges of proxies that are believed, and “unix” for unix sockets.", valueName: "cidr,…"))
    var trustedProxies: [String] = []

    @Option(
        name: .customLong("client-field"),
        help: ArgumentHelp(
            """
            The only field in which the proxies name the client: x-forwarded-for, forwarded, cf-connecting-ip or x-real-ip.
            """, valueName: "name"))
    var clientField: FieldChoice?

    @Flag(
        name: .customLong("proxy-protocol"),
        help: "Connections of trusted proxies begin with a header of the PROXY protocol, version 1 or 2.")
    var proxyProtocol = false

    @Option(
        name: .customLong("access-log"),
        help: "A line for each request: json, common, combined or off. combined on a terminal, else json, if not given."
    )
    var accessLog: LogChoice?

    @OptionGroup var tls: TLSFlags

    @Option(help: "Event loops; one for each core if not given.")
    var threads: Int?

    @Option(
        name: .customLong("var"), help: ArgumentHelp("A variable, over what the files say.", valueName: "key:value"))
    var variables: [String] = []

    @Option(
        name: .customLong("env-file"),
        help: ArgumentHelp("A file with secrets, as .dev.vars is one while developing.", valueName: "file"))
    var envFiles: [String] = []

    @Flag(name: .customLong("no-cron"), help: "Cron triggers do not fire.")
    var noCron = false

    @Option(help: ArgumentHelp("How long the process may take to stop after a signal.", valueName: "seconds"))
    var grace = 10.0

    func validate() throws {
        if let port, !(0...65_535).contains(port) { throw ValidationError("A port lies between 0 and 65535.") }
        if let threads, !(1...64).contains(threads) { throw ValidationError("There can be 1 to 64 event loops.") }
        if !(0.1...3600).contains(grace) { throw ValidationError("--grace takes from 0.1 to 3600 seconds.") }
    }

    func run() async throws {
        do {
            if let refusal = provider.value.refusal { throw StartFailure(refusal) }
            let options = try makeOptions()
            let isTerminal = isatty(STDOUT_FILENO) == 1
            let log = accessLog ?? (isTerminal ? .combined : .json)
            let output = ServerOutput(isTerminal: isTerminal, format: AccessLogFormat(rawValue: log.rawValue))
            let program = EdgeProgram.current
            try await Origin(
                options, release: program.version, workers: program.workers, console: output.console,
                log: output.accessLog
            ).run()
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            throw ExitCode.failure
        }
    }

    private func makeOptions() throws -> OriginOptions {
        var engine = EmulatorOptions(
            currentFolder: FileManager.default.currentDirectoryPath, process: ProcessInfo.processInfo.environment)
        engine.config = config.first
        engine.furtherConfigs = Array(config.dropFirst())
        engine.environment = env
        engine.host = host
        engine.port = port
        engine.assets = assets
        engine.threads = threads
        engine.variables = variables
        engine.environmentFiles = envFiles
        engine.persistTo = persistTo
        engine.firesCron = !noCron
        var options = OriginOptions(engine)
        options.grace = .milliseconds(Int64(grace * 1000))
        if !trustedProxies.isEmpty {
            options.clients.proxies = try TrustedProxies(trustedProxies.joined(separator: ","))
        }
        options.clients.field = clientField?.value
        options.tls = try tls.options(host: host)
        options.clients.takesProxyProtocol = proxyProtocol
        guard !proxyProtocol || !options.clients.proxies.isEmpty else {
            throw StartFailure("--proxy-protocol believes proxies that --trusted-proxies lists, and it lists none.")
        }
        return options
    }

    struct ProviderChoice: ExpressibleByArgument {
        let value: Provider
        static let local = ProviderChoice(value: .local)
        static var allValueStrings: [String] { Provider.allCases.map(\.rawValue) }
        var defaultValueDescription: String { value.rawValue }

        init(value: Provider) { self.value = value }

        init?(argument: String) {
            guard let value = Provider(rawValue: argument) else { return nil }
            self.value = value
        }
    }

    struct FieldChoice: ExpressibleByArgument {
        let value: ClientField
        static var allValueStrings: [String] { ClientField.allCases.map(\.rawValue) }

        init?(argument: String) {
            guard let value = ClientField(rawValue: argument.lowercased()) else { return nil }
            self.value = value
        }
    }
}
