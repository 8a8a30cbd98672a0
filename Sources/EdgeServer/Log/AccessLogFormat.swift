/// How finished requests are written down: one line each, whose text nobody but this server chooses the shape of.
///
/// Lines hold no cookies and no credentials. Paths and queries are what a log is read for, so they stay; the values of
/// parameters that are known to be secret do not (`LoggedTarget`).
package enum AccessLogFormat: String, Sendable, CaseIterable {
    /// One JSON object.
    case json
    /// The Common Log Format: `192.0.2.1 - - [10/Oct/2026:13:55:36 +0000] "GET / HTTP/1.1" 200 512`.
    case common
    /// The same with `Referer` and `User-Agent` behind it.
    case combined

    /// Bytes of a field that a client sends; the rest is cut off.
    static let longestField = 512

    /// - Parameter time: seconds since 1970.
    /// - Returns: one line without its end.
    package func line(for record: AccessLog.Record, at time: Double) -> [UInt8] {
        switch self {
        case .json: jsonLine(record, time)
        case .common: commonLine(record, time)
        case .combined: combinedLine(record, time)
        }
    }

    // MARK: JSON

    private func jsonLine(_ record: AccessLog.Record, _ time: Double) -> [UInt8] {
        var line = JSONLine()
        line.add("time", CivilTime(time).internet)
        line.add("level", "info")
        line.add("event", "request")
        line.add("client", record.client)
        line.add("method", record.method)
        line.add("target", LoggedTarget.text(record.target))
        line.add("protocol", record.version)
        line.add("status", number: "\(record.status)")
        line.add("bytes", number: "\(record.bytes)")
        line.add("milliseconds", number: milliseconds(record.nanoseconds))
        line.add("completed", number: record.completed ? "true" : "false")
        if let note = record.note {
            line.add("source", note.source)
            if !note.detail.isEmpty { line.add("reason", note.detail.cut(to: AccessLogFormat.longestField)) }
        }
        if let ray = record.ray { line.add("ray", ray) }
        if let agent = record.userAgent { line.add("userAgent", agent.cut(to: AccessLogFormat.longestField)) }
        return line.end()
    }

    /// With three digits behind the point.
    private func milliseconds(_ nanoseconds: Int64) -> String {
        let microseconds = max(0, nanoseconds) / 1000
        let digits = String(microseconds % 1000)
        return "\(microseconds / 1000).\(String(repeating: "0", count: 3 - digits.count))\(digits)"
    }

    // MARK: Common

    /// What is unknown is a hyphen; so are the two columns for names of people, which nobody fills any more.
    private func commonLine(_ record: AccessLog.Record, _ time: Double) -> [UInt8] {
        var line = Array((record.client.isEmpty ? "-" : record.client).utf8)
        line += " - - [\(CivilTime(time).common)] \"".utf8
        line.addQuotable(record.method.cut(to: 32))
        line += " ".utf8
        line.addQuotable(LoggedTarget.text(record.target))
        line += " \(record.version)\" \(record.status == 0 ? "499" : "\(record.status)") ".utf8
        line += (record.bytes == 0 ? "-" : "\(record.bytes)").utf8
        return line
    }

    private func combinedLine(_ record: AccessLog.Record, _ time: Double) -> [UInt8] {
        var line = commonLine(record, time)
        for field in [record.referrer.map { LoggedTarget.text($0) }, record.userAgent] {
            line += " \"".utf8
            line.addQuotable((field ?? "-").cut(to: AccessLogFormat.longestField))
            line += "\"".utf8
        }
        return line
    }
}

extension String {
    /// The beginning, not longer than so many bytes, with an ellipsis if something is missing.
    func cut(to bytes: Int) -> String {
        guard utf8.count > bytes else { return self }
        var end = utf8.index(startIndex, offsetBy: bytes)
        while end.samePosition(in: unicodeScalars) == nil { utf8.formIndex(before: &end) }
        return String(self[..<end]) + "…"
    }
}

extension [UInt8] {
    /// Adds text inside quotes: quotes, backslashes, control characters and everything beyond ASCII as `\xNN`, so that
    /// a line stays one line, and one column one column.
    fileprivate mutating func addQuotable(_ text: String) {
        for byte in text.utf8 {
            if byte < 0x20 || byte >= 0x7F || byte == 0x22 || byte == 0x5C {
                self += [0x5C, 0x78, hexadecimalDigit(byte >> 4), hexadecimalDigit(byte & 15)]
            } else {
                append(byte)
            }
        }
    }
}

func hexadecimalDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
