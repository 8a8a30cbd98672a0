import S3Protocol
import Workers

extension S3Error {
    /// Whatever went wrong, as clients of S3 know it (R2 documentation, "Error codes").
    init(_ error: any Error) {
        switch error {
        case let error as S3Error: self = error
        case let failure as R2Failure: self.init(failure)
        case let error as R2InvalidConfiguration: self.init("MalformedXML", 400, error.description)
        case is BodyTooLarge: self.init("EntityTooLarge", 400, "The body of the request is too long.")
        case let error as WorkersError where error == .streamTooShort || error == .streamTooLong:
            self.init("IncompleteBody", 400, "The body ended before what it announced.")
        case let error as WorkersError: self.init("InvalidArgument", 400, error.message)
        case let error as StateFailure: self.init("InternalError", 500, error.description)
        default: self.init("InternalError", 500, "We encountered an internal error. \(error)")
        }
    }

    private init(_ failure: R2Failure) {
        let (code, status) = S3Error.name(of: failure)
        self.init(code, status, failure.message)
    }

    private static func name(of failure: R2Failure) -> (String, Int) {
        switch failure.code {
        case R2Failure.encryptionKeyWrong.code:
            // The number is the same; S3 tells a key that is missing from one that is wrong.
            failure == .encryptionKeyWrong ? ("AccessDenied", 403) : ("InvalidRequest", 400)
        case 10005: ("InvalidBucketName", 400)
        case 10006: ("NoSuchBucket", 404)
        case 10007: ("NoSuchKey", 404)
        case 10008: ("BucketNotEmpty", 409)
        case 10011: ("EntityTooSmall", 400)
        case 10012: ("MetadataTooLarge", 400)
        case 10020: ("InvalidObjectName", 400)
        case 10022: ("InvalidMaxKeys", 400)
        case 10024: ("NoSuchUpload", 404)
        case 10025, 10048: ("InvalidPart", 400)
        case 10031: ("PreconditionFailed", 412)
        case 10037: ("BadDigest", 400)
        case 10039: ("InvalidRange", 416)
        case 10058: ("TooManyRequests", 429)
        case 10073: ("BucketConflict", 409)
        case 100_100: ("EntityTooLarge", 400)
        default: ("InternalError", 500)
        }
    }
}
