import FoundationEssentials

/// A failure of the service (R2 documentation, page "Error codes"), before it is known in which operation.
package struct R2Failure: Error, Sendable, Hashable {
    package var code: Int
    package var message: String

    package init(code: Int, message: String) {
        self.code = code
        self.message = message
    }

    package static let internalError = R2Failure(
        code: 10001, message: "We encountered an internal error. Please try again.")
    /// An internal error as well, with the reason: locally there is somebody to read it.
    static func internalError(_ failure: any StoreFailure) -> R2Failure {
        R2Failure(code: internalError.code, message: failure.description)
    }
    package static let invalidBucketName = R2Failure(
        code: 10005, message: "The specified bucket name is not valid.")
    package static let noSuchBucket = R2Failure(code: 10006, message: "The specified bucket does not exist.")
    package static let noSuchKey = R2Failure(code: 10007, message: "The specified key does not exist.")
    package static let bucketNotEmpty = R2Failure(
        code: 10008, message: "The bucket you tried to delete is not empty.")
    package static let bucketConflict = R2Failure(
        code: 10073, message: "The bucket you tried to create already exists, and you own it.")
    package static let entityTooSmall = R2Failure(
        code: 10011, message: "Your proposed upload is smaller than the minimum allowed object size.")
    package static let metadataTooLarge = R2Failure(
        code: 10012, message: "Your metadata headers exceed the maximum allowed metadata size.")
    package static let invalidObjectName = R2Failure(code: 10020, message: "The specified object name is not valid.")
    package static let invalidMaxKeys = R2Failure(
        code: 10022, message: "MaxKeys params must be positive integer <= 1000.")
    package static let noSuchUpload = R2Failure(
        code: 10024, message: "The specified multipart upload does not exist.")
    package static let invalidPart = R2Failure(
        code: 10025, message: "One or more of the specified parts could not be found.")
    package static let preconditionFailed = R2Failure(
        code: 10031, message: "At least one of the pre-conditions you specified did not hold.")
    /// The bytes are encrypted with a key that the call does not name, or they are not encrypted and it names one.
    package static let encryptionKeyMissing = R2Failure(
        code: 10003,
        message: "The object was stored using a form of server-side encryption; its key must be given, and no other.")
    package static let encryptionKeyWrong = R2Failure(
        code: 10003, message: "The provided encryption key is not the one that the object was stored with.")
    package static let invalidRange = R2Failure(code: 10039, message: "The requested range is not satisfiable")
    package static let badUpload = R2Failure(
        code: 10048, message: "There was a problem with the multipart upload.")
    package static let tooManyWrites = R2Failure(
        code: 10058, message: "Reduce your concurrent request rate for the same object.")
    package static let entityTooLarge = R2Failure(
        code: 100_100, message: "Your proposed upload exceeds the maximum allowed object size.")

    static func badDigest(_ algorithm: R2HashAlgorithm, provided: [UInt8], actual: [UInt8]) -> R2Failure {
        let name = algorithm.rawValue
        let lines = [
            "The \(name) checksum you specified did not match what we received.",
            "You provided a \(name) checksum with value: \(Hexadecimal.text(provided))",
            "Actual \(name) was: \(Hexadecimal.text(actual))",
        ]
        return R2Failure(code: 10037, message: lines.joined(separator: "\n"))
    }

    /// A checksum of the S3 interface, whose values are written in base64.
    package static func badChecksum(provided: R2ObjectChecksum, actual: R2ObjectChecksum?) -> R2Failure {
        let name = provided.algorithm.rawValue
        let found = actual.map { "the content has \(Data($0.bytes).base64EncodedString())" } ?? "the parts have none"
        let given = Data(provided.bytes).base64EncodedString()
        return R2Failure(code: 10037, message: "The \(name) checksum \(given) was specified, but \(found).")
    }

    func error(in operation: R2Operation) -> WorkersError {
        WorkersError(.error, "\(operation.rawValue): \(message) (\(code))", code: code)
    }
}

/// The names of the operations in error texts.
enum R2Operation: String {
    case head, get, put, delete, list, createMultipartUpload, uploadPart, completeMultipartUpload, abortMultipartUpload

    /// Runs a step whose failures then name this operation; those of the store, too. What the content's producer fails
    /// with stays as it is.
    func naming<Value>(_ step: () throws -> Value) throws -> Value {
        do {
            return try step()
        } catch let failure as R2Failure {
            throw failure.error(in: self)
        }
    }

    func naming<Value>(_ step: () async throws -> Value) async throws -> Value {
        do {
            return try await step()
        } catch let failure as R2Failure {
            throw failure.error(in: self)
        } catch let failure as any StoreFailure {
            throw R2Failure.internalError(failure).error(in: self)
        }
    }
}
