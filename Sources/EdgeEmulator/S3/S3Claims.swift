import Crypto
import Foundation
import HTTPTypes
import S3Protocol
import Workers

/// What a request says about its own content, before any of it has come.
struct S3Claims: Sendable {
    let proof: S3Authentication.Proof
    /// Bytes, without the chunks' framing.
    let length: Int
    let md5: [UInt8]?
    /// The checksum that is wanted.
    let algorithm: S3ChecksumAlgorithm?
    /// Its value, unless a trailer brings it.
    let value: S3Checksum?
    let isInTrailer: Bool

    /// - Parameter required: the algorithm of the upload that a part belongs to.
    /// - Throws: `S3Error` for a length that is missing, and for checksums that are none or too many.
    init(
        _ request: Request, _ proof: S3Authentication.Proof, required: S3ChecksumAlgorithm? = nil
    ) throws(S3Error) {
        self.proof = proof
        length = try S3Claims.length(request, proof.form)
        md5 = try S3Claims.md5(request.headers[.contentMD5])
        value = try S3Claims.checksum(request.headers)
        let announced = try S3Claims.announced(request.headers[.announcedTrailer])
        isInTrailer = announced != nil
        if let value, announced != nil {
            throw S3Error(
                "InvalidRequest", 400, "The request has \(value.algorithm.headerName) and announces another checksum.")
        }
        let given = value?.algorithm ?? announced
        if let given, let required, given != required {
            throw S3Error(
                "InvalidRequest", 400,
                "The upload was begun with \(required.rawValue); a part cannot have a checksum of \(given.rawValue).")
        }
        algorithm = given ?? required
    }

    private static func length(_ request: Request, _ form: PayloadForm) throws(S3Error) -> Int {
        let length =
            form.isChunked
            ? request.headers[.decodedLength].flatMap { text in text.utf8.first == 0x2B ? nil : Int(text) }
            : request.body.length
        guard let length, length >= 0 else {
            let name = form.isChunked ? "x-amz-decoded-content-length" : "Content-Length"
            throw S3Error("MissingContentLength", 411, "The length of the content has to be said, in \(name).")
        }
        return length
    }

    private static func md5(_ field: String?) throws(S3Error) -> [UInt8]? {
        guard let field else { return nil }
        guard let data = Data(base64Encoded: field), data.count == Insecure.MD5.byteCount else {
            throw S3Error("InvalidDigest", 400, "Content-MD5 has to be the base64 of 16 bytes.")
        }
        return Array(data)
    }

    private static func checksum(_ fields: Headers) throws(S3Error) -> S3Checksum? {
        var found: S3Checksum?
        for algorithm in S3ChecksumAlgorithm.allCases {
            guard let text = fields[.s3(algorithm.headerName)] else { continue }
            if found != nil { throw S3Error("InvalidRequest", 400, "A request has one x-amz-checksum-* at most.") }
            guard let checksum = S3Checksum(algorithm, base64: text) else {
                throw S3Error(
                    "InvalidDigest", 400,
                    "\(algorithm.headerName) has to be the base64 of \(algorithm.byteCount) bytes.")
            }
            found = checksum
        }
        return found
    }

    private static func announced(_ field: String?) throws(S3Error) -> S3ChecksumAlgorithm? {
        guard let name = field?.lowercased(), name.utf8.starts(with: "x-amz-checksum-".utf8) else { return nil }
        guard let algorithm = S3ChecksumAlgorithm.allCases.first(where: { $0.headerName == name }) else {
            throw S3Error("InvalidRequest", 400, "x-amz-trailer names a checksum that is not known.")
        }
        return algorithm
    }
}
