import Workers

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
        let target = RequestLine.visible(RequestLine.cut(record.target))
        guard colors else {
            return "\(time) \(record.method) \(target) \(status) \(duration) \(detail.joined(separator: " "))"
        }
        return "\u{1B}[2m\(time)\u{1B}[0m \u{1B}[1m\(record.method) \(target)\u{1B}[0m \(color)\(status)\u{1B}[0m "
            + "\u{1B}[2m\(duration) \(detail.joined(separator: " "))\u{1B}[0m"
    }

    /// For programs: one JSON object.
    func json(time: String) -> String {
        var members: [JSON.Member] = [
            .init("time", .string(time)),
            .init("level", .string("info")),
            .init("event", .string("request")),
            .init("method", .string(record.method)),
            .init("target", .string(RequestLine.cut(record.target))),
            .init("status", .integer(record.status)),
            .init("bytes", .integer(record.bytes)),
            .init("milliseconds", .number(Double(record.nanoseconds / 1000) / 1000)),
            .init("completed", .bool(record.completed)),
        ]
        if let note = record.note {
            members.append(.init("source", .string(note.source)))
            members.append(.init("reason", .string(RequestLine.cut(note.detail))))
        }
        return JSON.object(members).text
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

    private static func cut(_ text: String) -> String {
        let scalars = text.unicodeScalars
        return scalars.count > longest ? String(scalars.prefix(longest)) + "…" : text
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
}
