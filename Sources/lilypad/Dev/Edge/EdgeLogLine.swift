import FoundationEssentials

/// One line that the edge writes. Its output is no terminal, so it is JSON; here it becomes a line for people again.
struct EdgeLogLine: Decodable {
    var event: String
    var level: String?
    var message: String?
    var method: String?
    var target: String?
    var status: Int?
    var milliseconds: Double?
    var completed: Bool?
    var source: String?
    var reason: String?

    init?(_ line: String) {
        guard line.hasPrefix("{"), let parsed = try? JSONDecoder().decode(EdgeLogLine.self, from: Data(line.utf8))
        else {
            return nil
        }
        self = parsed
    }

    /// What the session itself says or asks for needs no line: how many files are served, that the folder was read again.
    var isOfOurOwnDoing: Bool {
        target == EdgeControl.reloadTarget || (event == "message" && message?.contains(", started in ") == true)
    }

    /// `GET /api/v1/status 200 1.2 ms worker`, or the message.
    func text(colors: Bool) -> String {
        guard event == "request", let method, let target, let status else { return visible(message ?? "") }
        let end = [milliseconds.map(EdgeLogLine.duration), source, reason].compactMap { $0 }.filter { !$0.isEmpty }
            .joined(separator: " ")
        let shown = status == 0 ? "gone" : String(status)
        guard colors else { return "\(method) \(visible(target)) \(shown) \(visible(end))" }
        let color = status == 0 || status >= 500 ? 31 : status >= 400 ? 33 : status >= 300 ? 36 : 32
        return "\u{1B}[1m\(method) \(visible(target))\u{1B}[0m \u{1B}[\(color)m\(shown)\u{1B}[0m "
            + "\u{1B}[2m\(visible(end))\u{1B}[0m"
    }

    static func duration(_ milliseconds: Double) -> String {
        if milliseconds < 1 { return "\(Int(milliseconds * 1000)) µs" }
        if milliseconds < 1000 { return "\(Int(milliseconds)).\(Int(milliseconds * 10) % 10) ms" }
        return "\(Int(milliseconds / 1000)).\(Int(milliseconds / 100) % 10) s"
    }

    /// A terminal must not obey what a client sent.
    private func visible(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            return isControl && scalar != "\n" ? "?" : scalar
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
