/// Decides whether the parts that a caller lists make an object. See the R2 documentation, page "Multipart upload".
enum R2Completion {
    /// - Parameters:
    ///   - listed: what the caller wants joined, in the caller's order.
    ///   - stored: the parts of the upload.
    /// - Returns: the parts to join, by number.
    /// - Throws: what is wrong first, in the order in which the service looks.
    static func parts(
        _ listed: [R2UploadedPart], of stored: [R2Part], limits: R2Limits
    ) throws(R2Failure) -> [R2Part] {
        if Set(listed.map(\.partNumber)).count < listed.count { throw .internalError }
        var byNumber: [Int: R2Part] = [:]
        for part in stored { byNumber[part.number] = part }
        var parts: [R2Part] = []
        for entry in listed {
            guard let part = byNumber[entry.partNumber], part.hasETag(entry.etag) else { throw .invalidPart }
            parts.append(part)
        }
        // In the caller's order: a short part that is listed early is too small, even if it has the highest number.
        for part in parts.dropLast() where part.size < limits.minPartBytes { throw .entityTooSmall }

        parts.sort { $0.number < $1.number }
        let all = parts.dropLast()
        if let size = all.first?.size, let last = parts.last {
            for part in all where part.size != size || part.size < limits.minPartBytes { throw .badUpload }
            if last.size > size { throw .badUpload }
        }
        if parts.reduce(0, { $0 + $1.size }) > limits.maxObjectBytes { throw .entityTooLarge }
        return parts
    }

    /// The upload that a call is about.
    ///
    /// - Parameter failure: what the call answers for an id that is unknown or belongs to another key.
    static func known(_ upload: R2Upload?, key: R2Key, orElse failure: R2Failure) throws(R2Failure) -> R2Upload {
        guard let upload, upload.key == key else { throw failure }
        return upload
    }

    /// The upload that a call needs to be open.
    static func open(_ upload: R2Upload?, key: R2Key, orElse failure: R2Failure) throws(R2Failure) -> R2Upload {
        let upload = try known(upload, key: key, orElse: failure)
        guard upload.state == .open else { throw .noSuchUpload }
        return upload
    }
}

extension R2Part {
    /// Its token, or, as clients of S3 know it, the MD5 of its content.
    fileprivate func hasETag(_ text: String) -> Bool { text == etag || text == Hexadecimal.text(md5) }
}
