import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The keys of a running server, from the keyboard to what they do.
package final class Hotkeys: Sendable {
    /// What a server does when it is asked to.
    package struct Actions: Sendable {
        /// Where `o` leads; `nil` when there is nothing to open.
        package var page: @Sendable () -> String? = { nil }
        package var dashboard: @Sendable () -> String? = { nil }
        /// The triggers of cron, as they are shown.
        package var crons: [String] = []
        package var runCron: @Sendable (Int) -> Void = { _ in }
        package var restart: @Sendable () -> Void = {}
        package var quit: @Sendable () -> Void = {}
        /// Called with the filter that holds from now on.
        package var filter: @Sendable (RequestFilter) -> Void = { _ in }
        /// Lines of others wait until `resume`.
        package var pause: @Sendable () -> Void = {}
        package var resume: @Sendable () -> Void = {}
        /// Writes to the terminal as it is.
        package var write: @Sendable (String) -> Void = { _ in }

        package init() {}
    }

    /// The one line of the summary that says which keys there are.
    package static let line = "keys   o open  d dashboard  f filter  t cron  c clear  r restart  q quit  ? help"

    private static let help = """
        o  opens the app in the browser        d  opens the dashboard
        f  narrows the requests that are shown: words such as /api, POST, 404, 5xx, worker, -assets
        t  runs a cron trigger                 c  clears the screen
        r  starts again with the same command  q  ends, as Ctrl-C does; a second Ctrl-C ends at once
        """

    private let actions: Actions
    private let machine: Mutex<HotkeyMachine>
    private let terminal = Mutex<KeyTerminal?>(nil)

    package init(_ actions: Actions) {
        self.actions = actions
        machine = Mutex(HotkeyMachine(crons: actions.crons.count))
    }

    /// Begins to listen, if there is a keyboard.
    ///
    /// - Returns: whether there is one.
    @discardableResult
    package func start() -> Bool {
        let opened = KeyTerminal { [weak self] keys in
            for key in keys { self?.press(key) }
        }
        terminal.withLock { $0 = opened }
        return opened != nil
    }

    package func stop() {
        let opened = terminal.withLock { terminal in
            defer { terminal = nil }
            return terminal
        }
        opened?.close()
    }

    package func press(_ key: Key) {
        for command in machine.withLock({ $0.press(key) }) { run(command) }
    }

    private func run(_ command: HotkeyMachine.Command) {
        switch command {
        case .open: open(actions.page(), "nothing to open")
        case .dashboard: open(actions.dashboard(), "there is no dashboard here")
        case .clear: actions.write("\u{1B}[2J\u{1B}[3J\u{1B}[H")
        case .restart: actions.restart()
        case .quit: actions.quit()
        case .help: actions.write("\n\(Hotkeys.help)\n\n")
        case .listCrons:
            guard !actions.crons.isEmpty else { return actions.write("There are no cron triggers.\n") }
            let lines = actions.crons.prefix(9).enumerated().map { "  \($0 + 1)  \($1)\n" }
            actions.write("Which one? Any other key for none.\n\(lines.joined())")
        case .runCron(let number): actions.runCron(number)
        case .beginFilter:
            actions.pause()
            actions.write("filter (Enter takes it, empty shows all): ")
        case .echo(let text): actions.write(text)
        case .setFilter(let text):
            let filter = RequestFilter(text)
            actions.write(
                filter.isEmpty ? "\nAll requests are shown.\n" : "\nShown are requests with: \(filter.text)\n")
            actions.filter(filter)
            actions.resume()
        case .cancel:
            actions.write("\n")
            actions.resume()
        }
    }

    private func open(_ url: String?, _ otherwise: String) {
        guard let url else { return actions.write("\(otherwise)\n") }
        actions.write("opening \(url.prefix { $0 != "?" })\n")
        if !Browser.open(url) { actions.write("No browser could be started; the address is \(url)\n") }
    }
}

/// The program that this machine opens web pages with.
enum Browser {
    /// - Returns: whether a program was started.
    static func open(_ url: String) -> Bool {
        let named = getenv("BROWSER").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        for program in [named, "xdg-open", "open"].compactMap(\.self) where start(program, url) { return true }
        return false
    }

    private static func start(_ program: String, _ url: String) -> Bool {
        // Nothing of what it says belongs on this terminal.
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own: Ctrl-C here does not close the browser.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var words: [UnsafeMutablePointer<CChar>?] = [strdup(program), strdup(url), nil]
        defer { for word in words { free(word) } }
        var process = pid_t()
        guard posix_spawnp(&process, program, &files, &attributes, &words, environ) == 0 else { return false }
        let child = process
        // Not left behind as a zombie.
        DispatchQueue.global().async {
            var status: Int32 = 0
            waitpid(child, &status, 0)
        }
        return true
    }
}
