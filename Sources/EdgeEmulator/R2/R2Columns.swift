import Foundation
import Workers

/// How values lie in columns.
enum R2Columns {
    static func milliseconds(_ seconds: Double) -> Int { Int((seconds * 1000).rounded()) }
    static func seconds(_ milliseconds: Int) -> Double { Double(milliseconds) / 1000 }

    // MARK: Segments

    private static let segmentBytes = BlobName.byteCount + 8

    static func data(_ segments: [R2Segment]) -> Data {
        var data = Data(capacity: segments.count * segmentBytes)
        for segment in segments {
            data.append(contentsOf: segment.blob)
            withUnsafeBytes(of: UInt64(segment.size).bigEndian) { data.append(contentsOf: $0) }
        }
        return data
    }

    static func segments(_ data: Data) -> [R2Segment] {
        let bytes = Array(data)
        return stride(from: 0, to: bytes.count - segmentBytes + 1, by: segmentBytes).map { start in
            let middle = start + BlobName.byteCount
            let size = bytes[middle..<(start + segmentBytes)].reduce(0) { $0 << 8 | Int($1) }
            return R2Segment(blob: Array(bytes[start..<middle]), size: size)
        }
    }

    // MARK: Metadata

    /// `nil` when there is none.
    static func text(_ metadata: R2HTTPMetadata) -> String? {
        if metadata.isEmpty { return nil }
        let texts: [(String, String?)] = [
            ("contentType", metadata.contentType), ("contentLanguage", metadata.contentLanguage),
            ("contentDisposition", metadata.contentDisposition), ("contentEncoding", metadata.contentEncoding),
            ("cacheControl", metadata.cacheControl),
        ]
        var members = texts.compactMap { name, text in text.map { JSON.Member(name, .string($0)) } }
        if let expiry = metadata.cacheExpiry { members.append(.init("cacheExpiry", .integer(milliseconds(expiry)))) }
        return JSON.object(members).text
    }

    static func httpMetadata(_ text: String?) throws -> R2HTTPMetadata {
        guard let text else { return R2HTTPMetadata() }
        let json = try JSON(parsing: text)
        return R2HTTPMetadata(
            contentType: json["contentType"]?.string, contentLanguage: json["contentLanguage"]?.string,
            contentDisposition: json["contentDisposition"]?.string, contentEncoding: json["contentEncoding"]?.string,
            cacheControl: json["cacheControl"]?.string, cacheExpiry: json["cacheExpiry"]?.integer.map(seconds))
    }

    /// `nil` when there is none.
    static func text(_ customMetadata: [String: String]) -> String? {
        if customMetadata.isEmpty { return nil }
        let sorted = customMetadata.sorted { $0.key < $1.key }
        return JSON.object(sorted.map { JSON.Member($0.key, .string($0.value)) }).text
    }

    static func customMetadata(_ text: String?) throws -> [String: String] {
        guard let text else { return [:] }
        var metadata: [String: String] = [:]
        for member in try JSON(parsing: text).members ?? [] { metadata[member.name] = member.value.string }
        return metadata
    }

    // MARK: Rules

    static func text(_ rules: [R2LifecycleRule]) -> String {
        let list = rules.map { rule in
            var members: [JSON.Member] = [
                .init("id", .string(rule.id)), .init("enabled", .bool(rule.isEnabled)),
                .init("prefix", .string(rule.prefix)),
            ]
            if let due = rule.deletesObjects { members.append(.init("delete", json(due))) }
            if let due = rule.movesToInfrequentAccess { members.append(.init("infrequentAccess", json(due))) }
            if let age = rule.abortsUploadsAfter { members.append(.init("abortUploadsAfter", .number(age))) }
            return JSON.object(members)
        }
        return JSON.array(list).text
    }

    static func rules(_ text: String) throws -> [R2LifecycleRule] {
        try (JSON(parsing: text).array ?? []).map { json in
            R2LifecycleRule(
                id: json["id"]?.string ?? "", isEnabled: json["enabled"]?.bool ?? false,
                prefix: json["prefix"]?.string ?? "", deletesObjects: due(json["delete"]),
                movesToInfrequentAccess: due(json["infrequentAccess"]),
                abortsUploadsAfter: json["abortUploadsAfter"]?.number)
        }
    }

    private static func json(_ due: R2LifecycleRule.Due) -> JSON {
        switch due {
        case .after(let seconds): .object([.init("after", .number(seconds))])
        case .from(let moment): .object([.init("from", .number(moment))])
        }
    }

    private static func due(_ json: JSON?) -> R2LifecycleRule.Due? {
        if let seconds = json?["after"]?.number { return .after(seconds: seconds) }
        return json?["from"]?.number.map { .from($0) }
    }

    static func text(_ cors: R2CORSConfiguration) -> String {
        let list = cors.rules.map { rule in
            var members: [JSON.Member] = [
                .init("origins", texts(rule.origins)), .init("methods", texts(rule.methods)),
                .init("headers", texts(rule.headers)), .init("exposedHeaders", texts(rule.exposedHeaders)),
            ]
            if let id = rule.id { members.append(.init("id", .string(id))) }
            if let maxAge = rule.maxAge { members.append(.init("maxAge", .integer(maxAge))) }
            return JSON.object(members)
        }
        return JSON.array(list).text
    }

    static func cors(_ text: String) throws -> R2CORSConfiguration {
        let rules = try (JSON(parsing: text).array ?? []).map { json in
            R2CORSConfiguration.Rule(
                id: json["id"]?.string, origins: texts(json["origins"]), methods: texts(json["methods"]),
                headers: texts(json["headers"]), exposedHeaders: texts(json["exposedHeaders"]),
                maxAge: json["maxAge"]?.integer)
        }
        return try R2CORSConfiguration(rules)
    }

    private static func texts(_ list: [String]) -> JSON { .array(list.map { .string($0) }) }

    private static func texts(_ json: JSON?) -> [String] { (json?.array ?? []).compactMap(\.string) }
}
