import HTTPTypes
import Testing
import Workers

@Suite struct FormTests {
    private func form(_ text: String, boundary: String = "b", by size: Int = 7, limits: FormLimits = FormLimits())
        async throws -> Form
    {
        let bytes = Array(text.replacing("\n", with: "\r\n").utf8)
        let request = post("multipart/form-data; boundary=\(boundary)", stream(bytes, by: size))
        return try await request.form(limits: limits)
    }

    private let sample = """
        This is the preamble.
        --b
        Content-Disposition: form-data; name="title"

        Hello
        --b  \t
        content-disposition: form-data; name="file"; filename="a \\"b\\" C:\\dir\\x.txt"
        Content-Type: text/plain; charset=utf-8

        line 1
        --bless
        --
        --b
        Content-Disposition: form-data; name=empty

        --b
        Content-Disposition: form-data; name="blank"


        --b--
        The epilogue is ignored, even --b
        """

    @Test("a form is read whatever the pieces it arrives in", arguments: [1, 2, 3, 5, 16, 61, 10_000])
    func reads(size: Int) async throws {
        var text = sample
        // A line that begins like a delimiter and is none would be malformed; it needs another boundary in between.
        text.replace("\n--bless", with: "\n--less")
        let form = try await form(text, by: size)
        #expect(form.entries.map(\.name) == ["title", "file", "empty", "blank"])
        #expect(form["title"] == "Hello" && form["empty"] == "" && form["blank"] == "")
        let file = try #require(form.file("file"))
        #expect(file.filename == "a \"b\" C:\\dir\\x.txt")
        #expect(file.contentType == "text/plain; charset=utf-8")
        #expect(String(decoding: file.bytes, as: UTF8.self) == "line 1\r\n--less\r\n--")
    }

    @Test(
        "what browsers escape in names is resolved, nothing else",
        arguments: [
            ("a%22b", "a\"b"), ("a%0D%0Ab", "a\r\nb"), ("100%25", "100%25"), ("%", "%"), ("ü", "ü"), ("%2", "%2"),
        ])
    func unescapes(written: String, name: String) async throws {
        let form = try await form("--b\nContent-Disposition: form-data; name=\"\(written)\"\n\nx\n--b--\n")
        #expect(form.entries == [.init(name, .text("x"))])
    }

    @Test(
        "malformed forms are refused with a sentence",
        arguments: [
            ("", "The form ends before its last boundary."),
            ("--b\nContent-Disposition: form-data; name=\"a\"\n\nx", "The form ends before its last boundary."),
            ("--b\nContent-Disposition: form-data; name=\"a\"\n\nx\n--b", "The form ends before its last boundary."),
            ("--b\nContent-Disposition: form-data; name=\"a\"\n\nx\n--b\n", "The form ends before its last boundary."),
            ("--b\n\nx\n--b--", "Part 1 of the form has no Content-Disposition."),
            ("--b\nX: y\n\nx\n--b--", "Part 1 of the form has no Content-Disposition."),
            ("--b\nno colon\n\nx\n--b--", "Part 1 of the form has a malformed header line."),
            ("--b\n: x\n\nx\n--b--", "Part 1 of the form has a malformed header line."),
            (
                "--b\nContent-Disposition: form-data\n\nx\n--b--",
                "Part 1 of the form has a Content-Disposition that is not form-data with a name."
            ),
            (
                "--b\nContent-Disposition: attachment; name=a\n\nx\n--b--",
                "Part 1 of the form has a Content-Disposition that is not form-data with a name."
            ),
            (
                "--b\nContent-Disposition: form-data; name=\"a\n\nx\n--b--",
                "Part 1 of the form has a Content-Disposition that is not form-data with a name."
            ),
            (
                "--b\nContent-Disposition: form-data; name=a\nContent-Transfer-Encoding: base64\n\neA==\n--b--",
                "Part 1 of the form has a transfer encoding; send it as it is."
            ),
            ("--bx\n", "A boundary line of the form is malformed."),
            ("--b" + String(repeating: " ", count: 200), "A boundary line of the form is malformed."),
        ])
    func refuses(text: String, message: String) async throws {
        let problem = await #expect(throws: Problem.self) { try await form(text) }
        #expect(problem?.status == .badRequest && problem?.code == "malformed_form")
        #expect(problem?.message == message)
    }

    @Test(
        "content types that are no form are refused",
        arguments: [
            (nil, 415), ("text/plain", 415), ("multipart/mixed; boundary=b", 415), ("multipart/form-data", 400),
            ("multipart/form-data; boundary=\"\"", 400), ("multipart/form-data; boundary=\"a \"", 400),
            ("multipart/form-data; boundary=\"a@b\"", 400), ("multipart/form-data; boundary", 415),
        ] as [(String?, Int)])
    func refusesType(type: String?, status: Int) async throws {
        let problem = await #expect(throws: Problem.self) { try await post(type, "x").form() }
        #expect(problem?.status.code == status)
    }

    private func parts(_ count: Int, size: Int, file: Bool) -> String {
        let head = "Content-Disposition: form-data; name=\"a\"" + (file ? "; filename=\"f\"" : "")
        let part = "--b\n\(head)\n\n\(String(repeating: "x", count: size))\n"
        return String(repeating: part, count: count) + "--b--\n"
    }

    @Test func `every limit is kept, and its value itself is allowed`() async throws {
        func code(_ text: String, _ limits: FormLimits) async throws -> String? {
            do {
                _ = try await form(text, limits: limits)
                return nil
            } catch let problem as Problem {
                return problem.code
            }
        }
        #expect(try await code(parts(3, size: 1, file: false), FormLimits(parts: 3)) == nil)
        #expect(try await code(parts(4, size: 1, file: false), FormLimits(parts: 3)) == "form_too_large")
        #expect(try await code(parts(2, size: 9, file: false), FormLimits(fieldBytes: 20)) == nil)
        #expect(try await code(parts(2, size: 10, file: false), FormLimits(fieldBytes: 20)) == "form_too_large")
        #expect(try await code(parts(2, size: 20, file: true), FormLimits(fieldBytes: 5, fileBytes: 20)) == nil)
        #expect(try await code(parts(2, size: 21, file: true), FormLimits(fileBytes: 20)) == "form_too_large")
        #expect(try await code(parts(2, size: 20, file: true), FormLimits(totalBytes: 40)) == nil)
        #expect(try await code(parts(2, size: 20, file: true), FormLimits(totalBytes: 39)) == "form_too_large")
        #expect(try await code(parts(1, size: 1, file: false), FormLimits(headerBytes: 20)) == "malformed_form")
        let endless = "--b\nX: " + String(repeating: "y", count: 9000)
        #expect(try await code(endless, FormLimits()) == "malformed_form")
    }

    @Test func `parts are streamed, and what is not read is skipped`() async throws {
        let bytes = Array(parts(3, size: 50, file: true).replacing("\n", with: "\r\n").utf8)
        let request = post("multipart/form-data; boundary=b", stream(bytes, by: 10))
        var sizes: [Int] = []
        var old: MultipartPart?
        for try await part in try request.multipart() {
            if let old {
                await #expect(throws: WorkersError.self) { try await old.bytes() }
            }
            if sizes.count == 1 {
                let content = part.content()
                sizes.append(try await content.next()?.count ?? -1)
            } else {
                sizes.append(try await part.bytes().count)
            }
            old = part
        }
        #expect(sizes.count == 3 && sizes[0] == 50 && sizes[1] > 0 && sizes[1] <= 10 && sizes[2] == 50)
    }

    @Test func `a client that fails in the middle fails the reader`() async throws {
        let (writer, stream) = BodyStream.pipe()
        let request = post("multipart/form-data; boundary=b", Body(stream: stream))
        try await writer.write(Array("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nxy".utf8))
        writer.fail(BodyTooLarge(limit: 1))
        await #expect(throws: BodyTooLarge.self) { try await request.form() }
    }

    @Test func `a refused form tells the client to stop`() async throws {
        let flag = Flag()
        let stream = BodyStream(onCancel: { flag.raise() }) { Array("--bx\r\n".utf8) }
        let request = post("multipart/form-data; boundary=b", Body(stream: stream))
        await #expect(throws: Problem.self) { try await request.form() }
        #expect(flag.isRaised)
    }

    @Test func `url-encoded forms are read, within their limits`() async throws {
        let type = "application/x-www-form-urlencoded"
        let form = try await post(type, "a=1&b=x+y&a=2").form()
        #expect(form.all("a") == ["1", "2"] && form["b"] == "x y" && form.file("a") == nil)
        #expect(try form("a", as: Int.self) == 1)
        #expect(try form.required("b") == "x y")
        let missing = #expect(throws: Problem.self) { try form.required("c") }
        #expect(missing?.code == "missing_form_field")
        let wrong = #expect(throws: Problem.self) { try form("b", as: Int.self) }
        #expect(wrong?.message == "The form field “b” must be a whole number.")
        await #expect(throws: Problem.self) { try await post(type, "a=123").form(limits: FormLimits(fieldBytes: 4)) }
        await #expect(throws: Problem.self) { try await post(type, "a&b&c").form(limits: FormLimits(parts: 2)) }
    }
}

@Suite struct FormWritingTests {
    @Test func `a form is written as browsers write it`() async throws {
        let form = Form([
            .init("a\"\n", .text("ü")),
            .init("f", .file(FormFile(filename: "x.bin", contentType: nil, bytes: [1, 2]))),
        ])
        let encoded = try form.multipart(boundary: "B")
        #expect(encoded.contentType == "multipart/form-data; boundary=B")
        #expect(
            try await encoded.body.text()
                == [
                    "--B", "Content-Disposition: form-data; name=\"a%22%0A\"", "", "ü", "--B",
                    "Content-Disposition: form-data; name=\"f\"; filename=\"x.bin\"",
                    "Content-Type: application/octet-stream", "", "\u{1}\u{2}", "--B--", "",
                ].joined(separator: "\r\n"))
        #expect(try await form.urlEncoded.body.text() == "a%22%0A=%C3%BC&f=x.bin")
    }

    @Test func `a boundary that is malformed or occurs inside is refused, a type that is none is replaced`() throws {
        let form = Form([.init("a", .text("x--B-"))])
        #expect(throws: WorkersError.self) { try form.multipart(boundary: "B") }
        #expect(throws: WorkersError.self) { try form.multipart(boundary: "") }
        #expect(throws: WorkersError.self) { try form.multipart(boundary: "a\r\nb") }
        let sly = Form([.init("f", .file(FormFile(filename: "x", contentType: "a/b; c=\"\r\nX: y\"", bytes: [])))])
        let text = String(decoding: try sly.multipart(boundary: "B").body.buffered ?? [], as: UTF8.self)
        #expect(!text.contains("X: y"))
    }

    /// Random forms, written and read again in random pieces.
    @Test(arguments: 0..<40) func `whatever is written is read again`(seed: UInt64) async throws {
        var random = SeededRandom(seed)
        let alphabet: [String] = ["a", "-", "\r\n", "\"", ";", "\\", " ", "ü", "--B", "\r", "\n", "=", ":"]
        func text(_ random: inout SeededRandom) -> String {
            var text = ""
            for _ in 0..<Int.random(in: 0...12, using: &random) { text += alphabet.randomElement(using: &random) ?? "" }
            return text
        }
        var form = Form()
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            if Bool.random(using: &random) {
                form.entries.append(.init(text(&random), .text(text(&random))))
            } else {
                let bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                    [0x0D, 0x0A, 0x2D, 0x42, 0x00, 0xFF].randomElement(using: &random) ?? UInt8(0)
                }
                let file = FormFile(filename: text(&random), contentType: "a/b", bytes: bytes)
                form.entries.append(.init(text(&random), .file(file)))
            }
        }
        let encoded = try form.multipart(boundary: "B-\(seed)-end")
        let bytes = try #require(encoded.body.buffered)
        let request = post(encoded.contentType, stream(bytes, by: Int.random(in: 1...90, using: &random)))
        #expect(try await request.form() == form)
    }

    /// Bytes changed, lost and doubled: the reader may refuse, and must neither trap nor hang.
    @Test(arguments: 0..<40) func `no damage makes the reader fail in another way than by a problem`(seed: UInt64)
        async throws
    {
        var random = SeededRandom(seed &+ 1000)
        let form = Form([
            .init("a", .text("hello")),
            .init("f", .file(FormFile(filename: "x", contentType: "a/b", bytes: [1, 13, 10, 45]))),
        ])
        var bytes = try #require(try form.multipart(boundary: "B").body.buffered)
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            default: bytes.insert(contentsOf: bytes[place...].prefix(9), at: place)
            }
        }
        do {
            let read = try await post("multipart/form-data; boundary=B", stream(bytes, by: 11)).form()
            #expect(read.entries.count < 10)
        } catch let problem as Problem {
            #expect(problem.code == "malformed_form")
        }
    }
}
