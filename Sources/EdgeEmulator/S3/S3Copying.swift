import HTTPTypes
import S3Protocol
import Workers

/// Copies objects, whole or into parts of an upload: `CopyObject`, `UploadPartCopy`.
struct S3Copying: Sendable {
    let buckets: LocalR2Buckets

    func copy(_ call: S3Call) async throws -> Response {
        try S3ObjectFields.refuse(call.fields)
        let source = try S3Copying.source(call)
        var options = try S3Copying.options(call)
        options.onlyIf = try S3Conditions.read(call.fields, .copyTarget)
        options.storageClass = try S3ObjectFields.storageClass(call.fields)
        let http = S3ObjectFields.httpMetadata(call.fields)
        let custom = try S3ObjectFields.customMetadata(call.fields)
        switch call.fields[.metadataDirective]?.uppercased() {
        case nil, "COPY": options.metadata = .keep
        case "REPLACE": options.metadata = .replace(http, custom)
        case "MERGE": options.metadata = .merge(http, custom)
        case let other?:
            throw S3Error(
                "InvalidArgument", 400, "x-amz-metadata-directive is COPY, REPLACE or MERGE, not \(other).")
        }
        let object = try await buckets.copy(source, to: call.place, options: options)
        var fields = Headers()
        S3EncryptionFields.request.write(object.ssecKeyMd5, to: &fields)
        let checksum = object.checksum.map {
            (algorithm: $0.algorithm.wire, text: $0.text(parts: object.partCount), type: String?($0.kind.rawValue))
        }
        let result = CopyResult(etag: object.etag, modified: object.uploaded, checksum: checksum)
        return .xml(result.xml("CopyObjectResult"), headers: fields)
    }

    func copyPart(_ call: S3Call, upload: String, number: Int) async throws -> Response {
        try S3ObjectFields.refuse(call.fields)
        let source = try S3Copying.source(call)
        let range = try call.fields[.copySourceRange].map { (field) throws(S3Error) in try S3CopySource.range(field) }
        let form = try await buckets.existing(call.bucket).upload(upload, key: call.key).checksum
        let part: R2Part
        do {
            part = try await buckets.copyPart(
                source, range: range, to: call.place, uploadID: upload, number: number,
                options: try S3Copying.options(call), watch: form.map { S3PassingChecksum.watch($0.algorithm) })
        } catch let failure as R2Failure where failure == .invalidRange {
            throw S3Error("InvalidRange", 416, "x-amz-copy-source-range lies outside of the source.")
        }
        let checksum = part.checksum.map {
            (algorithm: $0.algorithm.wire, text: $0.text(parts: nil), type: String?.none)
        }
        let result = CopyResult(etag: Hexadecimal.text(part.md5), modified: part.uploaded, checksum: checksum)
        return .xml(result.xml("CopyPartResult"))
    }

    private static func source(_ call: S3Call) throws(S3Error) -> R2Place {
        let source = try S3CopySource(call.fields[.copySource] ?? "")
        return R2Place(bucket: source.bucket, key: source.key)
    }

    private static func options(_ call: S3Call) throws(S3Error) -> R2CopyOptions {
        var options = R2CopyOptions()
        options.sourceOnlyIf = try S3Conditions.read(call.fields, .copySource)
        options.sourceKey = try S3EncryptionFields.copySource.read(call.fields)
        options.ssecKey = try S3EncryptionFields.request.read(call.fields)
        return options
    }
}
