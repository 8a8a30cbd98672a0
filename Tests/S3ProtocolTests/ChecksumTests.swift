import Testing

@testable import S3Protocol

@Suite struct ChecksumTests {
    private static func hex(_ bytes: [UInt8]) -> String { SignedText.hexadecimal(bytes) }

    private static func value(_ algorithm: S3ChecksumAlgorithm, _ bytes: [UInt8], pieces: Int = .max) -> String {
        var hasher = S3ChecksumHasher(algorithm)
        var place = 0
        while place < bytes.count {
            let end = min(bytes.count, place + min(pieces, bytes.count))
            hasher.update(Array(bytes[place..<end]))
            place = end
        }
        return hex(hasher.finalize())
    }

    /// The check values that every catalogue of these algorithms gives.
    @Test(
        "of the digits 1 to 9",
        arguments: [
            (S3ChecksumAlgorithm.crc32, "cbf43926"), (.crc32c, "e3069283"), (.crc64nvme, "ae8b14860a799888"),
            (.sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
            (.sha256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
        ])
    func check(algorithm: S3ChecksumAlgorithm, expected: String) {
        #expect(Self.value(algorithm, Array("123456789".utf8)) == expected)
    }

    @Test(arguments: S3ChecksumAlgorithm.allCases)
    func `pieces make no difference`(algorithm: S3ChecksumAlgorithm) {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let whole = Self.value(algorithm, bytes)
        for size in [1, 3, 8, 13, 64] { #expect(Self.value(algorithm, bytes, pieces: size) == whole) }
    }

    @Test(
        "takes base64 that is complete, and nothing else",
        arguments: [
            ("AAAAAA==", true), ("y/Q5Jg==", true), ("AAAAAA", false), ("AAAAAB==", false), ("AAAA", false),
            ("AAAAAAA=", false), ("AAA AA==", false), ("", false), ("====", false), ("AAAAAAAA", false),
        ])
    func base64(text: String, isGood: Bool) {
        #expect((S3Checksum(.crc32, base64: text) != nil) == isGood)
    }

    @Test func `base64 comes back as it went`() {
        for count in 0..<20 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 97 + 200) }
            #expect(Base64.decoded(Base64.encoded(bytes)) == bytes)
        }
    }
}
