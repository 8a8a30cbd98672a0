import HTTPTypes
import Testing

@testable import Workers

@Suite struct FormFuzzTests {
    private static let limits = FormLimits(parts: 6, headerBytes: 200, fieldBytes: 300, fileBytes: 300, totalBytes: 600)
    private static let bodies = [
        "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n--b--\r\n",
        "x\r\n--b\r\nContent-Disposition: form-data; name=a; filename=\"c:\\d\"\r\nContent-Type: text/plain\r\n\r\n"
            + "1\r\n-\r\n--\r\n--b \t\r\ncontent-disposition: form-data; name=\"%22\"\r\n\r\n--b--",
    ]
    private static let tokens = [
        "--b", "--b--", "\r\n--b", "\r\n--b--", "\r\n\r\n", "\r", "--", "Content-Disposition: form-data; name=",
        "name=",
        "\"a\"", "; filename=\"x\"", "\r\nContent-Type: text/html", "\r\nContent-Transfer-Encoding: base64", ":", "\\",
        "%22",
        "%0D", "form-data",
    ]

    /// What a parser says of a body that comes in these pieces: its events, data joined, and how it ended.
    private static func outcome(_ pieces: [[UInt8]]) -> [String] {
        var parser = MultipartParser(boundary: "b", limits: limits)
        var events: [String] = []
        var data: [UInt8] = []
        func flush() {
            if !data.isEmpty { events.append("data \(data)") }
            data = []
        }
        do {
            for piece in pieces {
                parser.append(piece)
                while let event = try parser.next() {
                    if case .data(let bytes) = event {
                        data += bytes
                        continue
                    }
                    flush()
                    events.append("\(event)")
                }
            }
            flush()
            try parser.finish()
        } catch {
            // How much of a part came through before a refusal depends on the pieces; the refusal does not.
            events.append("\(error)")
        }
        return events
    }

    @Test func `a form is the same in one piece, byte by byte, and cut anywhere`() {
        var fuzzer = Fuzzer(longest: 900)
        let failure = fuzzer.run(Self.bodies, tokens: Self.tokens) { input in
            let whole = Self.outcome([input])
            let third = input.count / 3
            let cut = Self.outcome([Array(input[..<third]), Array(input[third...])])
            return whole == Self.outcome(input.map { [$0] }) && whole == cut
        }
        #expect(failure == nil)
    }

    @Test func `a form that is written is read back`() throws {
        var fuzzer = Fuzzer(longest: 200)
        let failure = try fuzzer.run(
            ["a=1&b=c:\\d&a=", "f\u{1F438}=\"x\"&%=1"], tokens: ["&", "=", "\r\n--b", "\"", "\\"]
        ) {
            input in
            var form = Form()
            for (index, item) in URLQuery(parsing: String(decoding: input, as: UTF8.self)).items.enumerated() {
                // Names with controls are refused by the reader; those that look escaped are taken for it.
                guard !item.name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0x25 }) else { continue }
                let isFile = index.isMultiple(of: 2)
                let bytes = Array(item.value.utf8)
                form.entries.append(
                    .init(
                        item.name,
                        isFile
                            ? .file(FormFile(filename: item.name, contentType: "a/b", bytes: bytes)) : .text(item.value)
                    ))
            }
            guard let encoded = try? form.multipart(boundary: "b"), let bytes = encoded.body.buffered else {
                return true
            }
            return try Self.read(bytes) == form
        }
        #expect(failure == nil)
    }

    private static func read(_ bytes: [UInt8]) throws -> Form {
        var parser = MultipartParser(boundary: "b", limits: FormLimits())
        parser.append(bytes)
        var form = Form()
        var header = MultipartHeader(name: "")
        var data: [UInt8] = []
        while let event = try parser.next() {
            switch event {
            case .part(let next):
                header = next
                data = []
            case .data(let more): data += more
            case .endOfPart:
                let value: Form.Value =
                    if let filename = header.filename {
                        .file(FormFile(filename: filename, contentType: header.contentType, bytes: data))
                    } else {
                        .text(String(decoding: data, as: UTF8.self))
                    }
                form.entries.append(.init(header.name, value))
            case .end: try parser.finish()
            }
        }
        return form
    }

    @Test func `a query that is written is read back, and writing is stable`() {
        var fuzzer = Fuzzer()
        let failure = fuzzer.run(["a=1&b=%20+&c", "=&&=%"], tokens: ["&", "=", "+", "%20", "%C3%BC"]) { input in
            let query = URLQuery(parsing: String(decoding: input, as: UTF8.self))
            let again = URLQuery(parsing: query.text)
            return again == query && again.text == query.text && query.text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        }
        #expect(failure == nil)
    }
}
