import Crypto
import Foundation
import HTTPTypes
import S3Protocol
import Workers

/// A key for encryption at rest in header fields (SSE-C; R2 documentation, "S3 API compatibility").
struct S3EncryptionFields {
    private let algorithm, key, keyMD5: HTTPField.Name

    /// - Parameter prefix: empty, or `copy-source-`.
    init(prefix: String = "") {
        let start = "x-amz-\(prefix)server-side-encryption-customer-"
        algorithm = .s3("\(start)algorithm")
        key = .s3("\(start)key")
        keyMD5 = .s3("\(start)key-md5")
    }

    static let request = S3EncryptionFields()
    static let copySource = S3EncryptionFields(prefix: "copy-source-")

    /// - Returns: `nil` for a request without a key.
    func read(_ fields: Headers) throws(S3Error) -> R2EncryptionKey? {
        let given = (fields[algorithm], fields[key], fields[keyMD5])
        guard given.0 != nil || given.1 != nil || given.2 != nil else { return nil }
        guard let name = given.0, let text = given.1, let md5 = given.2 else {
            throw refusal("all three of \(algorithm.rawName), \(key.rawName) and \(keyMD5.rawName) are needed")
        }
        guard name == "AES256" else { throw refusal("the algorithm is AES256, and no other") }
        guard let secret = Data(base64Encoded: text), secret.count == 32 else {
            throw refusal("the key has to be the base64 of 32 bytes")
        }
        guard let digest = Data(base64Encoded: md5), Array(digest) == Array(Insecure.MD5.hash(data: secret)) else {
            throw refusal("\(keyMD5.rawName) is not the MD5 of the key")
        }
        return .bytes(Array(secret))
    }

    /// Says with which key an object is encrypted.
    func write(_ md5: String?, to fields: inout Headers) {
        guard let md5, let bytes = Hexadecimal.bytes(md5) else { return }
        fields[algorithm] = "AES256"
        fields[keyMD5] = Data(bytes).base64EncodedString()
    }

    private func refusal(_ reason: String) -> S3Error {
        S3Error("InvalidArgument", 400, "The key of the encryption cannot be used: \(reason).")
    }
}
