import ArgumentParser
import Foundation
import SiteBuilder

struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev", abstract: "Serve the site and the edge, and follow every change.",
        discussion: """
            Components change in the browser with their state kept, everything else reloads the page, and a change in Swift \
            builds and swaps the edge without refusing a request.
            """)

    @Option(help: "The port; 0 lets the system choose. 8787, or the next of 8797, 8807 …, if not given.")
    var port: Int?

    @Option(help: ArgumentHelp("The folder with site.toml.", valueName: "dir"))
    var site = "site"

    @Option(
        help: ArgumentHelp("The configuration of the edge. The project is the folder it lies in.", valueName: "file"))
    var config = "wrangler.toml"

    @Flag(name: .customLong("no-edge-watch"), help: "Leave the edge alone when Swift or wrangler.toml changes.")
    var leavesEdge = false

    func validate() throws {
        if let port, !(0...65_535).contains(port) { throw ValidationError("A port lies between 0 and 65535.") }
    }

    func run() async throws {
        let terminal = Terminal()
        let file = URL(filePath: config, relativeTo: URL(filePath: terminal.currentFolder + "/")).standardizedFileURL
            .path
        guard FileManager.default.fileExists(atPath: file) else {
            terminal.printError("There is no \(config) here; name the configuration of the edge with --config.\n")
            throw ExitCode(1)
        }
        do {
            let session = try DevSession(
                .init(
                    root: (file as NSString).deletingLastPathComponent, configuration: file, site: site, port: port,
                    watchesEdge: !leavesEdge, environment: terminal.environment),
                terminal: DevTerminal(terminal))
            try await session.run()
        } catch let failure as DevFailure {
            terminal.printError(failure.message + "\n")
            throw ExitCode(1)
        } catch let failure as BuildFailure {
            terminal.fail(failure, "Not started")
            throw ExitCode(1)
        } catch let diagnostic as Diagnostic {
            terminal.fail(BuildFailure([diagnostic]), "Not started")
            throw ExitCode(1)
        }
    }
}
