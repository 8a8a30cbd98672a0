import Foundation
import Testing

@testable import WranglerConfig

/// `wrangler.toml` and `.dev.vars`.
@Suite struct ConfigFuzzTests {
    static let examples = [
        """
        name = "x" # comment
        a.b.c = [1, 2.5, 0xFF, true, {d = 'e', "f" = 1979-05-27T07:32:00Z}]
        [t]
        x = \"\"\"
        two \\
          lines\"\"\"
        [[q]]
        y = '''raw'''
        [[q]]
        [q.z]
        w = 07:32:00.5
        """,
        "a = -nan\nb = +1_000e-2\n\"\" = \"\\u00e9\\n\"\n", "\u{FEFF}a=1",
    ]
    static let tokens = [
        "[", "]", "[[", "]]", "{", "}", " = ", "=", ".", ",", "\"", "\"\"\"", "'''", "'", "\\u00E9", "\\U0001F600",
        "\\\n", "\n",
        "\r\n", "#", "a", "b", "a.b", "[a]", "[[a]]\n", "[a.b]\n", "a = 1\n", "1_0", "0x", "0o7", "0b1", "1e5", "inf",
        "nan", "+",
        "-", "1979-05-27", "T07:32:00", "Z", "+01:00", "true", "\u{E9}", "\"e\u{301}\" = 1\n", "\"\u{E9}\" = 1\n",
        "\\e", "24:00:00",
    ]

    @Test func `a document is read or refused at a place in it, and its keys have places`() {
        var fuzzer = Fuzzer()
        let failure = fuzzer.run(Self.examples, tokens: Self.tokens) { input in
            do {
                let document = try TOMLDocument(parsing: input)
                guard case .table(let table) = document.root else { return false }
                let keys = document.keys()
                return Set(keys) == Set(table.keys) && keys.allSatisfy { document.position(of: [.key($0)]) != nil }
            } catch let error as TOMLSyntaxError {
                let lines = input.count { $0 == 0x0A } + 1
                return (1...lines).contains(error.line) && error.column >= 1 && !error.message.isEmpty
            } catch {
                return false
            }
        }
        #expect(failure == nil)
    }

    /// With `FUZZ_TOML` naming a file, inputs and what was read of them, one JSON object a line, for `Tests/Fuzz/toml.py`.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["FUZZ_TOML"] != nil))
    func `documents for another parser to read`() throws {
        var lines = Data()
        var fuzzer = Fuzzer(longest: 400)
        // Single lines, too: most of what is cut out of a long document is none.
        let short = Self.examples[0].split(separator: "\n").map { String($0) + "\n" }
        let failure = fuzzer.run(Self.examples + short, tokens: Self.tokens) { input in
            guard lines.count < 64 << 20 else { return true }
            let value = (try? TOMLDocument(parsing: input)).map { Self.typed($0.root) } ?? "null"
            let hex = input.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            lines += Data("{\"input\":\"\(hex)\",\"value\":\(value)}\n".utf8)
            return true
        }
        #expect(failure == nil)
        let file = try #require(ProcessInfo.processInfo.environment["FUZZ_TOML"])
        try lines.write(to: URL(fileURLWithPath: file))
    }

    /// A value as JSON that keeps its type: `["integer", "1"]`.
    private static func typed(_ node: TOMLNode) -> String {
        switch node {
        case .string(let text): "[\"string\",\(JSONText.string(text))]"
        case .integer(let number): "[\"integer\",\"\(number)\"]"
        case .float(let number): "[\"float\",\"\(number)\"]"
        case .boolean(let value): "[\"boolean\",\"\(value)\"]"
        case .date(let text): "[\"date\",\(JSONText.string(text))]"
        case .array(let nodes): "[\"array\",[" + nodes.map(typed).joined(separator: ",") + "]]"
        case .table(let table):
            "[\"table\",{"
                + table.map { "\(JSONText.string($0.key)):\(typed($0.value))" }.joined(separator: ",") + "}]"
        }
    }

    @Test func `variables are expanded to something bounded, and names are names`() {
        var fuzzer = Fuzzer(longest: 200)
        let tokens = [
            "A=", "B=", "$A", "${B}", "${C:-x}", "${A:+$B}", "\\$", "\n", "'", "\"", "`", "export ", "#", ":", " ",
        ]
        let failure = fuzzer.run(["A=1\nexport B: \"$A\\n\" # c\nC='x\ny'", "A=${B:-$C}"], tokens: tokens) { input in
            let file = DotEnv(parsing: String(decoding: input, as: UTF8.self))
            guard Set(file.names) == Set(file.values.keys), file.names.allSatisfy({ !$0.isEmpty }) else { return false }
            let expanded = VariableExpansion.expand(file, process: ["P": "p$A"])
            return expanded.names == file.names
        }
        #expect(failure == nil)
    }
}
