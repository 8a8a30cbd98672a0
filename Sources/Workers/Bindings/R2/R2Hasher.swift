import Crypto

/// Computes the checksums of a body while it passes by, each byte once.
package struct R2Hasher: Sendable {
    private var md5 = Insecure.MD5()
    private var sha1: Insecure.SHA1?
    private var sha256: SHA256?
    private var sha384: SHA384?
    private var sha512: SHA512?

    /// - Parameter algorithms: besides MD5, which is always computed because it is the etag.
    package init(_ algorithms: Set<R2HashAlgorithm> = []) {
        if algorithms.contains(.sha1) { sha1 = Insecure.SHA1() }
        if algorithms.contains(.sha256) { sha256 = SHA256() }
        if algorithms.contains(.sha384) { sha384 = SHA384() }
        if algorithms.contains(.sha512) { sha512 = SHA512() }
    }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        md5.update(bufferPointer: bytes)
        sha1?.update(bufferPointer: bytes)
        sha256?.update(bufferPointer: bytes)
        sha384?.update(bufferPointer: bytes)
        sha512?.update(bufferPointer: bytes)
    }

    package mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    package func finish() -> R2Checksums {
        R2Checksums(
            md5: Array(md5.finalize()), sha1: sha1.map { Array($0.finalize()) },
            sha256: sha256.map { Array($0.finalize()) },
            sha384: sha384.map { Array($0.finalize()) }, sha512: sha512.map { Array($0.finalize()) })
    }

    /// The etag of an object that was uploaded in parts: the MD5 of the parts' MD5s, and how many they are.
    package static func etag(ofParts digests: [[UInt8]]) -> String {
        var md5 = Insecure.MD5()
        for digest in digests { md5.update(data: digest) }
        return "\(Hexadecimal.text(Array(md5.finalize())))-\(digests.count)"
    }
}
