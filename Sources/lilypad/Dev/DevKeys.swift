import EdgeEmulator
import EdgeServer
import Foundation

/// What the keys do while `lilypad dev` runs: those of the emulator, for the site and the edge together.
struct DevKeys: Sendable {
    var terminal: DevTerminal
    var page: @Sendable () -> String?
    /// `.lilypad/credentials.json` of the project, which the edge has made.
    var credentials: String
    var environment: [String: String]
    /// Triggers of the configuration.
    var crons: [String]
    /// The private socket of the edge that runs now.
    var socket: @Sendable () -> String?
    var restart: @Sendable () async -> Void

    func make() -> Hotkeys {
        let keys = self
        var actions = Hotkeys.Actions()
        actions.page = page
        actions.dashboard = {
            guard let services = keys.terminal.edge.services else { return nil }
            return DashboardAddress.url(
                services: services, credentials: keys.credentials, environment: keys.environment)
        }
        actions.crons = crons
        actions.runCron = { number in keys.run(keys.crons[number]) }
        actions.restart = { Task { await keys.restart() } }
        // As Ctrl-C does, for this process alone.
        actions.quit = { kill(getpid(), SIGTERM) }
        actions.filter = { keys.terminal.edge.setFilter($0) }
        actions.pause = { keys.terminal.edge.pause() }
        actions.resume = { keys.terminal.resume() }
        actions.write = { keys.terminal.terminal.print($0) }
        return Hotkeys(actions)
    }

    private func run(_ cron: String) {
        Task {
            guard let socket = socket(), await EdgeControl.runCron(cron, socket: socket) else {
                return terminal.log("cron \(cron) → the edge did not run it")
            }
            terminal.log("cron \(cron) → run")
        }
    }
}
