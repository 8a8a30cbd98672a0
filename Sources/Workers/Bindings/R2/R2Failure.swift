/// A failure of the service (R2 documentation, page "Error codes"), before it is known in which operation.
struct R2Failure: Error, Hashable {
    var code: Int
    var message: String

    static let internalError = R2Failure(
        code: 10001, message: "We encountered an internal error. Please try again.")
    /// An internal error as well, with the reason: locally there is somebody to read it.
    static func internalError(_ failure: any StoreFailure) -> R2Failure {
        R2Failure(code: internalError.code, message: failure.description)
    }
    static let entityTooSmall = R2Failure(
        code: 10011, message: "Your proposed upload is smaller than the minimum allowed object size.")
    static let metadataTooLarge = R2Failure(
        code: 10012, message: "Your metadata headers exceed the maximum allowed metadata size.")
    static let invalidObjectName = R2Failure(code: 10020, message: "The specified object name is not valid.")
    static let invalidMaxKeys = R2Failure(
        code: 10022, message: "MaxKeys params must be positive integer <= 1000.")
    static let noSuchUpload = R2Failure(
        code: 10024, message: "The specified multipart upload does not exist.")
    static let invalidPart = R2Failure(
        code: 10025, message: "One or more of the specified parts could not be found.")
    static let invalidRange = R2Failure(code: 10039, message: "The requested range is not satisfiable")
    static let badUpload = R2Failure(
        code: 10048, message: "There was a problem with the multipart upload.")
    static let tooManyWrites = R2Failure(
        code: 10058, message: "Reduce your concurrent request rate for the same object.")
    static let entityTooLarge = R2Failure(
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
