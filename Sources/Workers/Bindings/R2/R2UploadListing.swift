/// Which open uploads are wanted.
package struct R2UploadQuery: Sendable, Hashable {
    package var prefix = ""
    /// Keys that contain this after the prefix are folded. Empty means none.
    package var delimiter = ""
    /// Only keys after this one, or the same key's uploads after `uploadIDMarker`.
    package var keyMarker = ""
    package var uploadIDMarker = ""
    package var limit = 1000

    package init() {}
}

/// One page of the open uploads, by key and then by age.
package struct R2UploadPage: Sendable, Hashable {
    package var uploads: [R2Upload] = []
    package var prefixes: [String] = []
    package var isTruncated = false
    /// Where the next page begins, if there is one.
    package var nextKeyMarker: String?
    package var nextUploadIDMarker: String?
}

/// One page of the parts of an upload, by number.
package struct R2PartPage: Sendable, Hashable {
    package var upload: R2Upload
    package var parts: [R2Part]
    package var isTruncated: Bool
}

extension LocalR2Bucket {
    /// The open uploads. Throws `R2Failure`.
    package func uploads(_ query: R2UploadQuery) async throws -> R2UploadPage {
        guard (0...limits.maxListEntries).contains(query.limit) else { throw R2Failure.invalidMaxKeys }
        return try await store.read { Self.page(query, of: try $0.uploads()) }
    }

    /// The parts of an open upload. Throws `R2Failure`.
    ///
    /// - Parameter after: a number, which need not exist.
    package func parts(of id: String, key: String, after: Int = 0, limit: Int = 1000) async throws -> R2PartPage {
        guard (0...limits.maxListEntries).contains(limit) else { throw R2Failure.invalidMaxKeys }
        let key = R2Key(key)
        return try await store.read { records in
            let upload = try R2Completion.open(records.upload(id), key: key, orElse: .noSuchUpload)
            let parts = try records.parts(ofUpload: id).filter { $0.number > after }
            return R2PartPage(upload: upload, parts: Array(parts.prefix(limit)), isTruncated: parts.count > limit)
        }
    }

    /// - Parameter all: the bucket's, oldest first.
    private static func page(_ query: R2UploadQuery, of all: [R2Upload]) -> R2UploadPage {
        let prefix = Array(query.prefix.utf8)
        let delimiter = Array(query.delimiter.utf8)
        var uploads = all.filter { $0.state == .open && $0.key.bytes.starts(with: prefix) }
        // The order of age stays within a key.
        uploads = uploads.enumerated().sorted { ($0.element.key, $0.offset) < ($1.element.key, $1.offset) }
            .map(\.element)
        let marker = R2Key(query.keyMarker)
        var page = R2UploadPage()
        var last: R2Key?
        for upload in uploads where upload.isBehind(query, among: uploads) {
            let group = upload.key.group(after: prefix.count, delimiter: delimiter)
            if let group, group == last || (!marker.bytes.isEmpty && !(marker < group)) { continue }
            guard page.uploads.count + page.prefixes.count < query.limit else {
                page.isTruncated = query.limit > 0
                break
            }
            last = group
            if let group {
                page.prefixes.append(group.text)
            } else {
                page.uploads.append(upload)
            }
            page.nextKeyMarker = (group ?? upload.key).text
            page.nextUploadIDMarker = group == nil ? upload.id : nil
        }
        if !page.isTruncated { (page.nextKeyMarker, page.nextUploadIDMarker) = (nil, nil) }
        return page
    }
}

extension R2Upload {
    /// Whether it comes after the place where a page has ended.
    fileprivate func isBehind(_ query: R2UploadQuery, among uploads: [R2Upload]) -> Bool {
        let marker = R2Key(query.keyMarker)
        if key != marker || query.uploadIDMarker.isEmpty { return marker < key }
        // The upload of the marker may have ended since.
        guard let known = uploads.first(where: { $0.id == query.uploadIDMarker }) else {
            return query.uploadIDMarker < id
        }
        return (known.created, known.id) < (created, id)
    }
}

extension R2Key {
    /// What the keys of a folded group have in common: everything to the first delimiter after the prefix.
    func group(after count: Int, delimiter: [UInt8]) -> R2Key? {
        guard !delimiter.isEmpty else { return nil }
        var start = count
        while start + delimiter.count <= bytes.count {
            let end = start + delimiter.count
            if bytes[start..<end].elementsEqual(delimiter) { return R2Key(bytes: Array(bytes[..<end])) }
            start += 1
        }
        return nil
    }
}
