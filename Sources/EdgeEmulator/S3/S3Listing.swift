import Foundation
import S3Protocol
import Workers

/// Lists objects: `ListObjects` and `ListObjectsV2`.
struct S3Listing: Sendable {
    let buckets: LocalR2Buckets
    let owner: S3Owner

    func answer(_ call: S3Call, _ query: S3ListQuery, isVersion2: Bool) async throws -> Response {
        let bucket = buckets.existing(call.bucket)
        var result = ListObjectsResult(
            bucket: call.bucket, query: query, entries: [], prefixes: [], next: nil, owner: owner,
            isVersion2: isVersion2)
        guard query.maxKeys > 0 else {
            guard try await buckets.exists(call.bucket) else { throw R2Failure.noSuchBucket }
            return .xml(result.xml)
        }
        var options = R2ListOptions(prefix: query.prefix, delimiter: query.delimiter, limit: query.maxKeys)
        if isVersion2 {
            options.startAfter = query.startAfter
            if let token = query.continuationToken, !token.isEmpty { options.cursor = try S3Listing.cursor(token) }
        } else if !query.marker.isEmpty {
            options.startAfter = query.marker
            options.cursor = S3Listing.cursor(behind: query)
        }
        let page = try await bucket.page(options)
        result.entries = page.objects.map { object in
            .init(
                key: object.key, modified: object.uploaded, etag: object.etag, size: object.size,
                storageClass: object.storageClass.wire)
        }
        result.prefixes = page.delimitedPrefixes
        if page.truncated {
            // Version 1 names the last entry of the page, which is a key or a prefix.
            let last = [page.objects.last?.key, page.delimitedPrefixes.last].compactMap(\.self)
            result.next = isVersion2 ? page.cursor : last.max { R2Key($0) < R2Key($1) }
        }
        return .xml(result.xml)
    }

    /// A marker that is a prefix of the page before leaves out everything that it stood for.
    private static func cursor(behind query: S3ListQuery) -> String? {
        guard !query.delimiter.isEmpty, query.marker.utf8.count > query.prefix.utf8.count,
            query.marker.utf8.starts(with: query.prefix.utf8)
        else { return nil }
        let rest = query.marker.utf8.dropFirst(query.prefix.utf8.count)
        guard rest.suffix(query.delimiter.utf8.count).elementsEqual(query.delimiter.utf8) else { return nil }
        return R2Key(query.marker).prefixEnd.map { Data($0.bytes).base64EncodedString() }
    }

    private static func cursor(_ token: String) throws(S3Error) -> String {
        guard Data(base64Encoded: token) != nil else {
            throw S3Error("InvalidArgument", 400, "The continuation token is not one that a list has returned.")
        }
        return token
    }
}
