import Foundation
import Workers

#if canImport(Glibc)
    import Glibc
#endif

/// The process that holds a state folder, as its lock file tells: the number of the process on a line of its own, then the
/// rest as one line of JSON.
public struct StateHolder: Sendable, Equatable {
    public var process: Int
    /// The program and its command: `lilypad-edge emulate`. Arguments may hold secrets and stay out.
    public var command: String?
    /// Milliseconds since 1970.
    public var since: Int?
    /// Where the services of an emulator listen, which then does what is asked of its state.
    public var services: String?

    /// This process.
    static func current(since: Int) -> StateHolder {
        let arguments = CommandLine.arguments
        let program = arguments[0].split(separator: "/").last.map(String.init) ?? arguments[0]
        let command = arguments.dropFirst().first.flatMap { $0.hasPrefix("-") ? nil : $0 }
        return StateHolder(
            process: Int(getpid()), command: [program, command].compactMap(\.self).joined(separator: " "), since: since)
    }

    init(process: Int, command: String? = nil, since: Int? = nil, services: String? = nil) {
        self.process = process
        self.command = command
        self.since = since
        self.services = services
    }

    /// - Returns: `nil` for what no lock file says.
    init?(_ bytes: some Sequence<UInt8>) {
        let lines = Array(bytes).split(separator: UInt8(ascii: "\n"), maxSplits: 2)
        guard let first = lines.first, let process = Int(String(decoding: first, as: UTF8.self)) else { return nil }
        self.process = process
        guard lines.count > 1, let json = try? JSON(parsing: Array(lines[1])) else { return }
        command = json["command"]?.string
        since = json["since"]?.integer
        services = json["services"]?.string
    }

    var text: String {
        var members: [JSON.Member] = []
        if let command { members.append(.init("command", .string(command))) }
        if let since { members.append(.init("since", .integer(since))) }
        if let services { members.append(.init("services", .string(services))) }
        return "\(process)\n\(JSON.object(members).text)\n"
    }

    /// `process 3191 (lilypad-edge emulate, since 10:15:02)`, for a sentence.
    var description: String {
        let parts = [command, since.map { "since \(StateHolder.clock($0))" }].compactMap(\.self)
        return parts.isEmpty ? "process \(process)" : "process \(process) (\(parts.joined(separator: ", ")))"
    }

    /// The time of day where the reader is, with the date if that is another one.
    private static func clock(_ milliseconds: Int) -> String {
        let formatter = DateFormatter()
        let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.dateFormat = Calendar.current.isDateInToday(date) ? "HH:mm:ss" : "yyyy-MM-dd HH:mm"
        return formatter.string(from: date)
    }
}
