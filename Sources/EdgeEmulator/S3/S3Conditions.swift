import HTTPCaching
import HTTPTypes
import S3Protocol
import Workers

/// Conditions in header fields, under the names that requests, sources of copies and their targets give them.
enum S3Conditions {
    /// Where the four fields of a condition are.
    struct Names: Sendable {
        let match, noneMatch, modifiedSince, unmodifiedSince: HTTPField.Name

        init(prefix: String) {
            match = .s3("\(prefix)if-match")
            noneMatch = .s3("\(prefix)if-none-match")
            modifiedSince = .s3("\(prefix)if-modified-since")
            unmodifiedSince = .s3("\(prefix)if-unmodified-since")
        }

        static let request = Names(prefix: "")
        static let copySource = Names(prefix: "x-amz-copy-source-")
        /// R2's own (R2 documentation, "S3 API extensions").
        static let copyTarget = Names(prefix: "cf-copy-destination-")
    }

    /// - Returns: `nil` when there is none. A date that is none counts as absent (RFC 9110 §13.1.3).
    static func read(_ fields: Headers, _ names: Names = .request) throws(S3Error) -> R2Conditional? {
        var condition = R2Conditional(secondsGranularity: true)
        condition.etagMatches = try fields[names.match].map { (text) throws(S3Error) in try etags(text, names.match) }
        condition.etagDoesNotMatch = try fields[names.noneMatch].map { (text) throws(S3Error) in
            try etags(text, names.noneMatch)
        }
        condition.uploadedAfter = fields[names.modifiedSince].flatMap(S3Conditions.seconds)
        // The binding wants an object to be older than the date; the field is content with the same second (§13.1.4).
        condition.uploadedBefore = fields[names.unmodifiedSince].flatMap(S3Conditions.seconds).map { $0 + 1 }
        return condition == R2Conditional(secondsGranularity: true) ? nil : condition
    }

    /// A list of etags (RFC 9110 §13.1.1). Clients of S3 leave the quotes away, too.
    static func etags(_ text: String, _ name: HTTPField.Name) throws(S3Error) -> [R2ETag] {
        var etags: [R2ETag] = []
        for item in items(Array(text.utf8)) {
            if item.elementsEqual("*".utf8) { return [.any] }
            let isWeak = item.starts(with: "W/\"".utf8)
            var bytes = isWeak ? item.dropFirst(2) : item
            if bytes.first == quote {
                guard bytes.count >= 2, bytes.last == quote else {
                    throw S3Error("InvalidArgument", 400, "\(name.rawName) has a quote that does not end.")
                }
                bytes = bytes.dropFirst().dropLast()
            }
            let tag = String(decoding: bytes, as: UTF8.self)
            etags.append(isWeak ? .weak(tag) : .strong(tag))
        }
        guard !etags.isEmpty else { throw S3Error("InvalidArgument", 400, "\(name.rawName) names no etag.") }
        return etags
    }

    private static let quote: UInt8 = 0x22

    /// Between commas outside of quotes, without blanks.
    private static func items(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var items: [ArraySlice<UInt8>] = []
        var (start, isQuoted) = (0, false)
        for (place, byte) in bytes.enumerated() {
            if byte == quote { isQuoted.toggle() }
            guard byte == 0x2C, !isQuoted else { continue }
            items.append(bytes[start..<place])
            start = place + 1
        }
        items.append(bytes[start...])
        return items.map { item in
            let head = item.drop { $0 == 0x20 || $0 == 0x09 }
            let end = head.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { $0 + 1 } ?? head.startIndex
            return head[..<end]
        }.filter { !$0.isEmpty }
    }

    private static func seconds(_ text: String) -> Double? { HTTPDate.lenient(text, now: 1_800_000_000) }
}
