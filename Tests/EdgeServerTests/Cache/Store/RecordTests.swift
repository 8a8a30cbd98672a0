import HTTPCaching
import HTTPTypes
import NIOCore
import Testing

@testable import EdgeServer

@Suite struct RecordTests {
    private var entry: Entry {
        var head = head("x", variant: "de")
        head.fields.append(HTTPField(name: .setCookie, value: "a=1"))
        head.fields.append(HTTPField(name: .setCookie, value: "b=ü"))
        head.variant.append(VariantField(name: "accept-encoding", value: nil))
        head.content = .part(10..<20, of: 30)
        return Entry(
            key: key("https://a.test/ä"), head: head, response: head.serialised(size: 10),
            body: .memory(pattern(10, seed: 1)), size: 10, tags: ["one", "two"], storedAt: 12.5, serial: 1)
    }

    @Test func `a response comes back from its record as it was`() throws {
        let entry = entry
        let record = StoredRecord.response(entry)
        let (header, description, body) = try #require(StoredRecord.readResponse(record))
        #expect(header.recordSize == record.readableBytes)
        #expect(description.key == entry.key)
        #expect(description.key.primary == "https://a.test/ä")
        #expect(description.variant == entry.variant)
        #expect(description.tags == entry.tags)
        #expect(description.storedAt == 12.5)
        #expect(body == pattern(10, seed: 1))
        var head = description.head
        #expect(CachedResponse(decoding: &head, policy: .rfc) == entry.head)
    }

    @Test func `no bit of a record can change without being noticed`() {
        let record = StoredRecord.response(entry)
        for bit in 0..<record.readableBytes * 8 {
            var damaged = Array(record.readableBytesView)
            damaged[bit / 8] ^= 1 << (bit % 8)
            #expect(StoredRecord.readResponse(ByteBuffer(bytes: damaged)) == nil, "bit \(bit)")
        }
    }

    @Test func `a long purge is written in parts that say the same together`() throws {
        let names = (0..<1000).map { "https://a.test/\($0)" } + [String(repeating: "x", count: 5000)]
        let records = StoredRecord.purges(.urls(names), namespace: "proxy", most: 4096)
        var read: [String] = []
        for record in records {
            #expect(record.readableBytes <= 4096)
            let header = try #require(RecordHeader(decoding: record))
            #expect(header.kind == .purge)
            let description = try #require(record.getSlice(at: RecordHeader.size, length: header.description))
            let (purge, namespace) = try #require(StoredRecord.readPurge(description))
            #expect(namespace == "proxy")
            guard case .urls(let part) = purge else {
                Issue.record("another kind of purge")
                return
            }
            read += part
        }
        #expect(read == Array(names.dropLast()))
    }

    @Test func `of many purges the last one that names an entry counts`() {
        var history = PurgeHistory()
        history.add(.tags(["a"]), namespace: nil, at: 5)
        history.add(.tags(["A", "b"]), namespace: "proxy", at: 3)
        history.add(.prefixes(["x.test/docs", "https://x"]), namespace: "proxy", at: 8)
        history.add(.hosts(["x.test"]), namespace: "other", at: 9)
        func last(_ primary: String, _ tags: [String], in namespace: String = "proxy") -> UInt64? {
            let key = key(primary, namespace)
            return history.last(key.bytes, namespaceLength: key.namespaceLength, tags: tags.map(Tags.hash))
        }
        #expect(last("https://y.test/", ["a"]) == 5)
        #expect(last("https://y.test/", ["b"]) == 3)
        #expect(last("https://y.test/", ["a"], in: "other") == 5)
        #expect(last("https://x.test/docs/1", ["a"]) == 8)
        #expect(last("http://x.test/docs/1", []) == 8)
        #expect(last("http://x.test/", []) == nil)
        #expect(last("http://x.test/", [], in: "other") == 9)
        #expect(last("x.test", [], in: "other") == nil)
        #expect(last("https://y.test/", []) == nil)
    }

    @Test(arguments: [
        ("https://a.test/x", "a.test"), ("https://a.test:8080", "a.test"), ("http://a.test?x", "a.test"),
        ("http://[::1]:80/", "[::1]"), ("http://[::1]/", "[::1]"), ("/path", ""), ("https:/x", ""), ("://", ""),
    ])
    func `the host of a key is what stands between the slashes`(primary: String, host: String) {
        #expect(String(decoding: PrimaryKey.host(key(primary, "").bytes[...]), as: UTF8.self) == host)
    }
}
