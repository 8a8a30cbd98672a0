import Foundation
import HTTPCaching
import HTTPTypes
import Testing

@testable import StaticAssets
@testable import Workers
@testable import WranglerConfig

/// Time that grows faster than the input is a way to stop a server with one request. Clocks lie on a busy machine, so this
/// runs with `FUZZ_GROWTH=1` only, as in `make fuzz`.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["FUZZ_GROWTH"] != nil))
struct GrowthTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        /// Stands once, before the repeated part.
        var head = ""
        var repeated: String
        var tail = ""
        var size = 16_384
        var run: @Sendable (String) -> Void

        var testDescription: String { name }

        func input(_ size: Int) -> String {
            head + String(repeating: repeated, count: max(1, size / repeated.utf8.count)) + tail
        }
    }

    @Test(arguments: cases) func `eight times the input takes about eight times as long`(of example: Case) {
        let small = time(example, example.size)
        let large = time(example, example.size * 8)
        // 64 would be the square. What is over within some milliseconds is nobody's weapon, whatever its curve.
        #expect(large < max(small, 0.0002) * 30 || large < 0.05, "\(small) s, then \(large) s")
    }

    private func time(_ example: Case, _ size: Int) -> Double {
        let input = example.input(size)
        let clock = ContinuousClock()
        var best = Duration.seconds(1000)
        for _ in 0..<3 {
            best = min(best, clock.measure { example.run(input) })
            if best > .seconds(5) { break }
        }
        return best / .seconds(1)
    }

    private static let cases: [Case] = fields + urls + bodies + files

    private static let fields: [Case] = [
        Case(name: "accept, ranges", repeated: "a/b;q=0.1,") { _ = Accept($0) },
        Case(name: "accept, quotes", repeated: "\"\\") { _ = Accept($0) },
        Case(name: "accept, parameters", head: "a/b", repeated: ";a=b") { _ = Accept($0).best(of: ["a/b", "c/d"]) },
        Case(name: "cookies", repeated: "a=b; ") { _ = Cookies(parsing: $0) },
        Case(name: "cookies, blanks", repeated: " \t;=") { _ = Cookies(parsing: $0) },
        Case(name: "etags of R2, commas", repeated: ",", tail: "\"a\"") { _ = try? R2ETagField.parse($0, name: "") },
        Case(name: "etags of R2", repeated: "\"a\",") { _ = try? R2ETagField.parse($0, name: "") },
        Case(name: "etags of the cache", repeated: "\"a\",") { _ = EntityTag.list([$0], weaklyHas: "\"b\"") },
        Case(name: "ranges of R2", head: "bytes=", repeated: " ,") { _ = R2Range([.range: $0]) },
        Case(name: "ranges of R2, blanks", head: "bytes=", repeated: " ", tail: "0-") { _ = R2Range([.range: $0]) },
        Case(name: "ranges of the cache", head: "bytes=", repeated: " ", tail: "0-") {
            _ = Workers.ByteRanges($0, size: 9)
        },
        Case(name: "blanks behind", head: "a", repeated: " ") { _ = $0.trimmedOfBlanks },
        Case(name: "blanks before", repeated: "\t", tail: "a") { _ = $0.trimmedOfBlanks },
        Case(name: "ranges of R2, blanks behind", head: "bytes=0-", repeated: " ") { _ = R2Range([.range: $0]) },
        Case(name: "lists", repeated: "a, \"b\" ,") { _ = QuotedList.items($0) },
        Case(name: "lists, blanks", head: "a", repeated: " ", tail: ",b") { _ = QuotedList.items($0) },
        Case(name: "lists, quotes", repeated: "\"\\") { _ = QuotedList.items($0) },
        Case(name: "dates", head: "Sun, ", repeated: " ") { _ = HTTPDate.lenient($0, now: 0) },
        Case(name: "cron", repeated: "1,", tail: "1 * * * *") { _ = try? CronExpression($0) },
    ]

    private static let urls: [Case] = [
        Case(name: "queries", repeated: "a=%20&") { _ = URLQuery(parsing: $0) },
        Case(name: "a query that is changed", repeated: "a=1&") { text in
            _ = RequestURL(authority: "a", path: "/", query: text).settingQuery("a", "2")
        },
        Case(name: "dot segments", head: "http://a", repeated: "/../a") { _ = AbsoluteURL($0) },
        Case(name: "references", repeated: "../a/./") { text in
            _ = RequestURL(resolving: text, at: RequestURL(authority: "a", path: "/"))
        },
        Case(name: "hosts", head: "http://", repeated: "a.") { _ = AbsoluteURL($0) },
        Case(name: "hosts outside ASCII", head: "http://", repeated: "\u{FC}\u{3B1}\u{5D0}") { _ = AbsoluteURL($0) },
        Case(name: "IPv6", head: "http://[", repeated: ":1", tail: "]") { _ = AbsoluteURL($0) },
        Case(name: "targets", repeated: "/%2e%2e/a%2f") { _ = AssetPath(raw: RawTarget($0).path) },
    ]

    private static let bodies: [Case] = [
        Case(name: "JSON, arrays", head: "[", repeated: "1,", tail: "1]") { _ = try? JSON(parsing: $0) },
        Case(name: "JSON, depth", repeated: "[") { _ = try? JSON(parsing: $0) },
        Case(name: "JSON, members", head: "{", repeated: "\"\\u0061\":{},", tail: "\"b\":0}") {
            _ = try? JSON(parsing: $0)
        },
        Case(name: "JSON, escapes", head: "\"", repeated: "\\ud83d", tail: "\"") { _ = try? JSON(parsing: $0).text },
        Case(name: "multipart, almost delimiters", head: "--b\r\n", repeated: "\r\n--", tail: "\r\n--b--") {
            form($0, 64)
        },
        Case(name: "multipart, byte by byte", head: "--b\r\n", repeated: "\r\n--", size: 4096) { form($0, 1) },
        Case(name: "multipart, header", head: "--b\r\n", repeated: "a: b\r\n", size: 4096) { form($0, 1) },
        Case(
            name: "multipart, parts", repeated: "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n",
            tail: "--b--"
        ) { form($0, 4096) },
    ]

    private static let files: [Case] = [
        Case(name: "redirects, lines", repeated: "/a* /b\n") { _ = RedirectRules($0) },
        Case(name: "redirects, wildcards", head: "/", repeated: "*a", tail: " /b", size: 120) { text in
            let rules = RedirectRules(text)
            let path = "/" + String(repeating: "a", count: 4096)
            _ = rules.action(path: path, query: "", origin: RequestOrigin(scheme: "https", host: "a"))
        },
        Case(name: "headers, lines", repeated: "/a\n  a: b\n") { _ = HeaderRules($0) },
        Case(name: "headers of one rule", head: "/a\n", repeated: "a: b\n") { _ = HeaderRules($0) },
        Case(name: "ignore rules, stars", repeated: "*a", tail: "b", size: 16) { text in
            _ = IgnoreRules(text).ignores(String(repeating: "a", count: 40), isFolder: false)
        },
        Case(name: "ignore rules, folders", repeated: "**/", tail: "b", size: 24) { text in
            _ = IgnoreRules(text).ignores(String(repeating: "a/", count: 20), isFolder: false)
        },
        Case(name: "TOML, lines", repeated: "[[a]]\n") { _ = try? TOMLDocument(parsing: $0) },
        Case(name: "TOML, dotted keys", repeated: "a.", tail: "a = 1") { _ = try? TOMLDocument(parsing: $0) },
        Case(name: "TOML, headers", head: "[", repeated: "a.", tail: "a]") { _ = try? TOMLDocument(parsing: $0) },
        Case(name: "TOML, depth", head: "a = ", repeated: "[") { _ = try? TOMLDocument(parsing: $0) },
        Case(name: "TOML, strings", head: "a = \"\"\"", repeated: "\\\n  ") { _ = try? TOMLDocument(parsing: $0) },
        Case(name: "variables, quotes", repeated: "A='\n") { _ = DotEnv(parsing: $0) },
    ]

    /// Reads a form that arrives in pieces of a size.
    @Sendable private static func form(_ text: String, _ size: Int) {
        var parser = MultipartParser(boundary: "b", limits: FormLimits())
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            parser.append(Array(bytes[start..<min(start + size, bytes.count)]))
            do {
                while try parser.next() != nil {}
            } catch {
                return
            }
        }
    }
}
