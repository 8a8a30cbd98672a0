import FoundationEssentials

/// Builds one page of a list out of a scan: folds keys at the delimiter, counts, and knows where the next page begins.
struct R2Listing {
    private let prefix: [UInt8]
    private let delimiter: [UInt8]
    private let limit: Int
    private let includesHTTP: Bool
    private let includesCustom: Bool

    /// The least key that can be on the page.
    let start: R2Key
    /// The least key behind all that can be on it.
    let end: R2Key?

    private var objects: [R2Object] = []
    private var prefixes: [String] = []
    private var isTruncated = false
    /// The least key that is not on the page.
    private var next: R2Key

    /// - Throws: for a limit or an `include` that R2 does not take, and for a cursor that is none.
    init(_ options: R2ListOptions, limits: R2Limits) throws {
        if let unknown = options.include.first(where: { $0 != .httpMetadata && $0 != .customMetadata }) {
            throw WorkersError(.rangeError, "Unsupported include value \(unknown.name)")
        }
        guard (1...limits.maxListEntries).contains(options.limit) else { throw R2Failure.invalidMaxKeys }
        includesHTTP = options.include.contains(.httpMetadata)
        includesCustom = options.include.contains(.customMetadata)
        let most = options.include.isEmpty ? limits.maxListEntries : limits.maxListEntriesWithMetadata
        limit = min(options.limit, most)
        prefix = Array(options.prefix.utf8)
        delimiter = Array(options.delimiter.utf8)
        var start = R2Key(bytes: prefix)
        if let after = options.startAfter { start = max(start, R2Key(after).successor) }
        if let cursor = options.cursor {
            guard let key = Self.key(ofCursor: cursor) else {
                throw R2Failure(code: 10001, message: "The cursor is not one that list has returned.")
            }
            start = max(start, key)
        }
        self.start = start
        next = start
        end = R2Key(bytes: prefix).prefixEnd
    }

    /// Takes the next object of the scan.
    mutating func visit(_ object: R2Object) -> R2ScanStep {
        guard objects.count + prefixes.count < limit else {
            isTruncated = true
            return .stop
        }
        let key = R2Key(object.key)
        guard let group = key.group(after: prefix.count, delimiter: delimiter) else {
            objects.append(reduced(object))
            next = key.successor
            return .next
        }
        prefixes.append(group.text)
        // UTF-8 has no byte FF, so there is always a key behind a group.
        next = group.prefixEnd ?? group.successor
        return .skip(to: next)
    }

    var page: R2Objects {
        R2Objects(
            objects: objects, delimitedPrefixes: prefixes, truncated: isTruncated,
            cursor: isTruncated ? Data(next.bytes).base64EncodedString() : nil)
    }

    private static func key(ofCursor cursor: String) -> R2Key? {
        guard let data = Data(base64Encoded: cursor) else { return nil }
        return R2Key(bytes: Array(data))
    }

    private func reduced(_ object: R2Object) -> R2Object {
        var object = object
        if !includesHTTP {
            object.httpMetadata = R2HTTPMetadata()
            object.hasHTTPMetadata = false
        }
        if !includesCustom { object.customMetadata = [:] }
        return object
    }
}
