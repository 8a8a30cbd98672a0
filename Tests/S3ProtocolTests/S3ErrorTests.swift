import S3Protocol
import Testing

@Test func `an error is its code, its status and its sentence`() {
    let error = S3Error("NoSuchKey", 404, "The specified key does not exist.")
    #expect(error == S3Error("NoSuchKey", 404, "The specified key does not exist."))
    #expect(error != S3Error("NoSuchBucket", 404, "The specified key does not exist."))
}
