import HTTPCaching
import HTTPTypes
import NIOCore
import Testing

@testable import EdgeServer

@Suite struct StoreFuzzTests {
    private var record: [UInt8] {
        let head = CachedResponse(
            status: 200, fields: [.contentType: "text/plain", .vary: "accept"], requestTime: 1, responseTime: 2,
            variant: [.init(name: "accept", value: "*/*"), .init(name: "x", value: nil)], content: .part(1..<3, of: 9),
            policy: .rfc)
        let entry = Entry(
            key: StoreKey(namespace: "proxy", primary: "https://a.test/"), head: head,
            response: head.serialised(size: 2), body: .memory(ByteBuffer(string: "ab")), size: 2, tags: ["one"],
            storedAt: 3, serial: 1)
        return Array(StoredRecord.response(entry).readableBytesView)
    }

    /// The fuzzer's examples are text, and these are not.
    private func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    /// Of what was made of it, whatever is no digit left out.
    private func bytes(_ hex: [UInt8]) -> [UInt8] {
        let digits = hex.compactMap { Character(UnicodeScalar($0)).hexDigitValue.map { UInt8($0) } }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    @Test func `a record is only read as it was written`() {
        let whole = record
        var fuzzer = Fuzzer()
        let failure = fuzzer.run([hex(whole)]) { text in
            let input = bytes(text)
            return StoredRecord.readResponse(ByteBuffer(bytes: input)) == nil || input == whole
        }
        #expect(failure == nil)
    }

    @Test func `what describes a response holds together, whatever the bytes`() {
        let description = Array(record.dropFirst(RecordHeader.size))
        var fuzzer = Fuzzer()
        let failure = fuzzer.run([hex(description)]) { text in
            let input = bytes(text)
            guard let read = RecordDescription(decoding: ByteBuffer(bytes: input)) else { return true }
            var bytes = read.head
            if let head = CachedResponse(decoding: &bytes, policy: .rfc) {
                var again = ByteBuffer()
                head.encode(into: &again)
                guard CachedResponse(decoding: &again, policy: .rfc) == head else { return false }
            }
            return read.key.namespaceLength <= read.key.bytes.count && read.tags.count <= Tags.most
        }
        #expect(failure == nil)
    }

    @Test func `purges and removals are read whole or not at all`() {
        func description(_ record: ByteBuffer) -> [UInt8] {
            Array(record.readableBytesView.dropFirst(RecordHeader.size))
        }
        let key = StoreKey(namespace: "proxy", primary: "https://a.test/")
        var fuzzer = Fuzzer()
        let failure = fuzzer.run([
            hex(description(StoredRecord.purge(.tags(["one", "two"]), namespace: nil))),
            hex(description(StoredRecord.purge(.everything, namespace: "x"))),
            hex(description(StoredRecord.removal(key, variant: [1, 2]))),
            hex(description(StoredRecord.removal(key, variant: nil))),
        ]) { text in
            let input = bytes(text)
            if let (purge, namespace) = StoredRecord.readPurge(ByteBuffer(bytes: input)) {
                let again = ByteBuffer(bytes: description(StoredRecord.purge(purge, namespace: namespace)))
                guard StoredRecord.readPurge(again).map({ $0.purge == purge && $0.namespace == namespace }) == true
                else { return false }
            }
            guard let (key, variant) = StoredRecord.readRemoval(ByteBuffer(bytes: input)) else { return true }
            return description(StoredRecord.removal(key, variant: variant)) == input
        }
        #expect(failure == nil)
    }
}
