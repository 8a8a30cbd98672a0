import Foundation
import HTTPTypes
import Workers

/// Hears what was changed through the dashboard.
protocol DashboardChanges: Sendable {
    /// - Parameter part: `kv`, `r2`, `queues`.
    func changed(_ part: String)
}

extension Problem {
    static func noRoute(_ request: Request) -> Problem {
        Problem(
            .notFound, code: "no_route",
            "\(request.method.rawValue) of this path means nothing to the dashboard.")
    }
}

extension URLQuery {
    /// `limit`: 1 to 1000; 100 if nothing is said.
    func limit() throws(Problem) -> Int {
        guard let text = self["limit"] else { return 100 }
        guard let number = Int(text), (1...1000).contains(number) else {
            throw Problem(.badRequest, code: "invalid_limit", "limit goes from 1 to 1000.")
        }
        return number
    }
}

extension JSON {
    /// Bytes as text where they are UTF-8, else as base64; with a member that says so.
    static func shown(_ bytes: [UInt8], as name: String) -> [JSON.Member] {
        if let text = String(validating: bytes, as: UTF8.self) {
            return [.init(name, .string(text)), .init("base64", .bool(false))]
        }
        // A cut may have gone through a character.
        for count in 1...3 where bytes.count > count {
            guard let text = String(validating: bytes.dropLast(count), as: UTF8.self) else { continue }
            return [.init(name, .string(text)), .init("base64", .bool(false))]
        }
        return [.init(name, .string(Data(bytes).base64EncodedString())), .init("base64", .bool(true))]
    }

    static func milliseconds(_ seconds: Double) -> JSON { .integer(Int((seconds * 1000).rounded())) }
}

extension Response {
    /// A file to be saved. Nothing in it may run on the dashboard's pages.
    static func download(_ body: Body, name: String, type: String?) -> Response {
        let last = name.utf8.split(separator: 0x2F).last.map { String(decoding: $0, as: UTF8.self) } ?? "value"
        let encoded = last.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "value"
        return Response(
            .ok,
            headers: [
                .contentType: "application/octet-stream", .cacheControl: "no-store",
                .contentDisposition: "attachment; filename*=UTF-8''\(encoded)",
                .originalType: type ?? "application/octet-stream", .xContentTypeOptions: "nosniff",
            ], body: body)
    }
}

extension HTTPField.Name {
    fileprivate static let originalType = HTTPField.Name("X-Original-Content-Type") ?? .via
}

extension Collection<UInt8> {
    /// Whether other bytes occur in these.
    func containsBytes(_ other: some Collection<UInt8>) -> Bool {
        guard let first = other.first else { return true }
        let pattern = Array(other)
        var rest = self[...]
        while let place = rest.firstIndex(of: first) {
            if rest[place...].starts(with: pattern) { return true }
            rest = rest[rest.index(after: place)...]
        }
        return false
    }
}
