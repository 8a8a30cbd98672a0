import Testing

@testable import EdgeServer

@Suite struct ClientFuzzTests {
    @Test func `an element of Forwarded that can be read can be written and read again`() {
        var fuzzer = Fuzzer()
        let examples = [
            "for=192.0.2.60;proto=http;by=203.0.113.43", "For=\"[2001:db8:cafe::17]:4711\"", "for=_hidden, for=unknown",
            "host=\"a \\\"b\\\\\";proto=https", ",;for=\"192.0.2.1:_p\",",
        ]
        let failure = fuzzer.run(examples) { input in
            let line = String(decoding: input, as: UTF8.self)
            guard let read = Forwarded(lines: [line]) else { return true }
            let known = read.elements.filter { !$0.description.isEmpty }
            let text = known.map(\.description).joined(separator: ", ")
            return Forwarded(lines: [text])?.elements == known
        }
        #expect(failure == nil)
    }

    @Test func `a header of the PROXY protocol is never longer than what there is, and needs no byte behind it`() {
        var fuzzer = Fuzzer()
        let examples = [
            "PROXY TCP4 192.0.2.1 10.0.0.1 4711 80\r\nGET", "PROXY TCP6 2001:db8::1 fd00::1 1 2\r\n",
            "PROXY UNKNOWN x\r\n",
            "\r\n\r\n\0\r\nQUIT\n!\u{11}\0\u{0C}aaaabbbbccddGET",
            "\r\n\r\n\0\r\nQUIT\n!\u{11}\0\u{14}aaaabbbbccdd \0\u{5}\u{1}0000G",
            "\r\n\r\n\0\r\nQUIT\n \0\0\0",
        ]
        let failure = fuzzer.run(examples) { input in
            switch ProxyHeader.parse(input) {
            case .malformed: return true
            case .needsMore: return input.count < ProxyHeader.longest
            case .header(let header, let length):
                return length <= input.count && length <= ProxyHeader.longest
                    && ProxyHeader.parse(Array(input[..<length])) == .header(header, length: length)
                    && ProxyHeader.parse(Array(input[..<(length - 1)])) == .needsMore
            }
        }
        #expect(failure == nil)
    }

    @Test func `a list of proxies that is taken contains the beginning of each of its ranges`() {
        var fuzzer = Fuzzer()
        let examples = [
            "10.0.0.0/8, fd00::/8, unix", "192.0.2.1", "::/0", "::ffff:10.0.0.0/104", "2001:db8::/32,0.0.0.0/0",
        ]
        let failure = fuzzer.run(examples) { input in
            guard let proxies = try? TrustedProxies(String(decoding: input, as: UTF8.self)) else { return true }
            let text = proxies.ranges.map(\.description).joined(separator: ",")
            let again = text.isEmpty ? TrustedProxies() : try? TrustedProxies(text)
            return proxies.ranges.allSatisfy { proxies.contains($0.first) } && again?.ranges == proxies.ranges
        }
        #expect(failure == nil)
    }

    @Test func `the client is the connection's own or one that the fields name`() throws {
        let rules = ClientRules(proxies: try TrustedProxies("10.0.0.0/8"))
        let direct = ClientIdentity(address: "10.0.0.1", scheme: "http", host: "a")
        var fuzzer = Fuzzer()
        let names = ["X-Forwarded-For", "Forwarded", "CF-Connecting-IP", "X-Real-IP"]
        let failure = fuzzer.run(["6.6.6.6, 192.0.2.1, 10.0.0.2", "for=1.1.1.1;proto=https;host=b", "[::1]:80"]) {
            input in
            let value = String(decoding: input, as: UTF8.self)
            return names.allSatisfy { name in
                let fields = ForwardingFields([(name: name, value: value), (name: "X-Forwarded-Host", value: value)])
                let found = rules.identity(direct, peer: IPAddress("10.0.0.1"), fields)
                return IPAddress(found.address) != nil && ["http", "https"].contains(found.scheme)
                    && HostField.isValid(found.host) && !found.host.isEmpty
            }
        }
        #expect(failure == nil)
    }

    @Test func `a line of the log stays one line`() {
        var fuzzer = Fuzzer()
        let failure = fuzzer.run(["/a?token=b&c=%20\n\"", "\u{2028}\\\"é"]) { input in
            let text = String(decoding: input, as: UTF8.self)
            var record = AccessLog.Record(
                method: text, target: text, status: 200, bytes: 1, nanoseconds: 1, note: nil, completed: true)
            record.userAgent = text
            record.referrer = text
            return AccessLogFormat.allCases.allSatisfy { format in
                format.line(for: record, at: 0).allSatisfy { $0 >= 0x20 && $0 != 0x7F }
            }
        }
        #expect(failure == nil)
    }
}
