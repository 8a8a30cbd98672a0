import Logging

/// Sends what a Worker's host logs to the terminal of the emulator.
struct ConsoleLogHandler: LogHandler {
    let console: Console
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(console: Console) { self.console = console }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let details = metadata.merging(event.metadata ?? [:]) { _, new in new }
            // An error may quote what a client sent.
            .sorted { $0.key < $1.key }.map { "\($0.key)=\(RequestLine.visible("\($0.value)"))" }
        console.say(
            ([event.message.description] + details).joined(separator: " "),
            level: event.level >= .error ? "error" : event.level >= .warning ? "warning" : "info")
    }
}
