import ArgumentParser
import SiteBuilder

struct SetupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setup",
        abstract: "Install the front-end tools and the packages of the site, as far as they are missing.")

    @Flag(help: "Also install what the benchmarks are compared with.")
    var bench = false

    @Flag(help: "Also install the client libraries that the tests point at the emulator.")
    var clients = false

    func run() async throws {
        let terminal = Terminal()
        var extras: Set<Setup.Extra> = []
        if bench { extras.insert(.bench) }
        if clients { extras.insert(.clients) }
        do {
            try await Setup.run(projectRoot: terminal.currentFolder, extras: extras) { report in
                if let line = report.line {
                    terminal.print((terminal.style.isLive ? "\r\u{1B}[2K" : "") + line + "\n")
                } else if case .started(let title) = report, terminal.style.isLive {
                    terminal.print(title + " …")
                }
            }
        } catch let diagnostic as Diagnostic {
            if terminal.style.isLive { terminal.print("\r\u{1B}[2K") }
            terminal.fail(BuildFailure([diagnostic]), "Set-up stopped")
            throw ExitCode(1)
        }
    }
}
