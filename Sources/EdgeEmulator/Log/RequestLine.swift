import EdgeServer

/// One finished request as a line of the log.
struct RequestLine {
    let record: AccessLog.Record

    /// Successful assets are what a page load consists of: a person reading the terminal looks for the rest.
    static func isQuiet(_ request: AccessLog.Outline) -> Bool {
        request.status < 400 && request.completed && request.source == "assets"
    }

    /// For people: `12:03:44 GET /api/v1/status 200 1.2 ms worker`.
    func text(time: String, colors: Bool) -> String {
        let status = record.status == 0 ? "gone" : String(record.status)
        let detail = [record.note?.source, record.note?.detail].compactMap { $0 }.filter { !$0.isEmpty }
        let target = RequestLine.shortened(record.target)
        guard colors else {
            return "\(time) \(record.method) \(target) \(status) \(duration) \(detail.joined(separator: " "))"
        }
        return "\u{1B}[2m\(time)\u{1B}[0m \u{1B}[1m\(record.method) \(target)\u{1B}[0m \(color)\(status)\u{1B}[0m "
            + "\u{1B}[2m\(duration) \(detail.joined(separator: " "))\u{1B}[0m"
    }

    /// For programs: one JSON object.
    func json(time: String) -> String {
        var text = "{\"time\":\"\(time)\",\"level\":\"info\",\"event\":\"request\""
        text += ",\"method\":\"\(RequestLine.escaped(record.method))\",\"target\":\"\(RequestLine.escaped(record.target))\""
        text += ",\"status\":\(record.status),\"bytes\":\(record.bytes)"
        text += ",\"milliseconds\":\(Double(record.nanoseconds / 1000) / 1000),\"completed\":\(record.completed)"
        if let note = record.note {
            text += ",\"source\":\"\(RequestLine.escaped(note.source))\",\"reason\":\"\(RequestLine.escaped(note.detail))\""
        }
        return text + "}"
    }

    private var duration: String {
        let microseconds = record.nanoseconds / 1000
        if microseconds < 1000 { return "\(microseconds) µs" }
        let tenths = microseconds / 100
        return tenths < 10_000 ? "\(tenths / 10).\(tenths % 10) ms" : "\(tenths / 10_000) s"
    }

    private var color: String {
        switch record.status {
        case 200..<300: "\u{1B}[32m"
        case 300..<400: "\u{1B}[36m"
        case 400..<500: "\u{1B}[33m"
        default: "\u{1B}[31m"
        }
    }

    /// A target may be 16 KiB long; a line that tells one from another needs less.
    private static let longest = 500

    private static func shortened(_ text: String) -> String {
        let scalars = text.unicodeScalars
        return scalars.count > longest ? visible(String(scalars.prefix(longest))) + "…" : visible(text)
    }

    /// A client's text may hold any bytes; a terminal must not obey them, nor take one line for two.
    static func visible(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) {
                output += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                output.unicodeScalars.append(scalar)
            }
        }
        return output
    }

    private static func escaped(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars.prefix(longest) {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\u{00}"..<"\u{20}", "\u{7F}"..."\u{9F}":
                let digits = String(scalar.value, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
