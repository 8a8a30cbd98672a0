import ArgumentParser
import EdgeServer
import Foundation

struct Proxy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves an origin through the edge cache.",
        discussion: """
            Stores what the origin allows to be stored (RFC 9111), answers from there, and says in Cache-Status how it came \
            to each answer. A hundred requests that miss at once make one to the origin.
            """)

    @Option(help: ArgumentHelp("The origin: http://host:port, https://host or unix:/path.", valueName: "url"))
    var upstream: String

    @Option(help: "What is stored for how long: rfc or cloudflare.")
    var profile = ProxyOptions.Profile.rfc

    @Option(help: "The address to listen on instead of 127.0.0.1 and ::1.")
    var host: String?

    @Option(help: "The port; 0 lets the system choose. 8090, or the next of 8100, 8110 …, if not given.")
    var port: Int?

    @Option(help: "Event loops; one for each core if not given.")
    var threads: Int?

    @Option(help: ArgumentHelp("Megabytes of responses in memory.", valueName: "mb"))
    var memory = 64

    @Option(help: ArgumentHelp("Megabytes of responses on disk; needs --store.", valueName: "mb"))
    var disk = 1024

    @Option(help: ArgumentHelp("The folder of responses that outlive the process.", valueName: "folder"))
    var store: String?

    @Option(
        name: .customLong("upstream-host"),
        help: ArgumentHelp("The Host that the origin sees instead of the client's.", valueName: "name"))
    var upstreamHost: String?

    @Option(
        name: .customLong("upstream-ca"),
        help: ArgumentHelp("The authority that signed the origin's certificate, a PEM file.", valueName: "file"))
    var upstreamCA: String?

    @Option(help: ArgumentHelp("Seconds to wait for the origin's response.", valueName: "seconds"))
    var timeout = 30

    @Option(
        name: .customLong("control"),
        help: ArgumentHelp(
            "A unix socket for this user: POST /purge with JSON of urls, prefixes, hosts, tags or everything.",
            valueName: "path"))
    var control: String?

    @OptionGroup var tls: TLSFlags

    @Flag(name: .customLong("no-request-log"), help: "Logs no request but those that fail with 5xx or break off.")
    var noRequestLog = false

    func validate() throws {
        if let port, !(0...65_535).contains(port) { throw ValidationError("A port lies between 0 and 65535.") }
        if let threads, !(1...64).contains(threads) { throw ValidationError("There can be 1 to 64 event loops.") }
        guard (1...1_000_000).contains(memory), (1...100_000_000).contains(disk) else {
            throw ValidationError("The sizes of a cache are megabytes, at least one.")
        }
        guard (1...3600).contains(timeout) else { throw ValidationError("A timeout lies between 1 and 3600 seconds.") }
    }

    func run() async throws {
        var options = ProxyOptions(upstream: upstream)
        options.profile = profile
        options.host = host
        options.port = port
        options.threads = threads
        options.memory = memory << 20
        options.disk = disk << 20
        options.store = store
        options.upstreamHost = upstreamHost
        options.upstreamCA = upstreamCA
        options.timeout = timeout
        options.control = control
        do {
            options.tls = try tls.options(host: host)
            try await CacheProxy(options, console: .standard(requests: noRequestLog ? .failures : .all)).run()
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            throw ExitCode.failure
        }
    }
}

extension ProxyOptions.Profile: ExpressibleByArgument {}
