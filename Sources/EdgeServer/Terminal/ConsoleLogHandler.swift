import Logging

/// Sends what a Worker's host logs to the terminal of the emulator.
package struct ConsoleLogHandler: LogHandler {
    let console: Console
    package var metadata: Logger.Metadata = [:]
    package var logLevel = Logger.Level.info

    package init(console: Console) { self.console = console }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let details = metadata.merging(event.metadata ?? [:]) { _, new in new }
            // An error may quote what a client sent.
            .sorted { $0.key < $1.key }.map { "\($0.key)=\(RequestLine.visible("\($0.value)"))" }
        let level = event.level >= .error ? "error" : event.level >= .warning ? "warning" : "info"
        let line = ([event.message.description] + details).joined(separator: " ")
        RequestTrace.current?.note(level, line)
        console.say(line, level: level)
    }
}
