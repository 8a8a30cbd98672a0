import Testing

@testable import SiteBuilder

@Suite struct SizeReportTests {
    @Test(
        "names keep their meaning without the hash",
        arguments: [
            ("assets/home-1f9a03bc.js", "assets/home-*.js"), ("assets/a-b-1f9a03bcdd.css", "assets/a-b-*.css"),
            ("assets/font-Inter.woff2", "assets/font-Inter.woff2"),
            ("docs/guide-1f9a03bc.html", "docs/guide-1f9a03bc.html"),
            ("assets/plain.js", "assets/plain.js"), ("assets/x-1f9a03bc.js.map", "assets/x-*.js.map"),
        ])
    func stable(path: String, name: String) {
        #expect(SizeReport.stableName(path) == name)
    }

    @Test("numbers are grouped", arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")])
    func grouped(number: Int, text: String) {
        #expect(SizeReport.grouped(number) == text)
    }

    private func bench(_ word: String, pages: Int) throws -> BuildBench {
        var bench = try BuildBench()
        bench.stages = [
            BuildBench.client(word),
            BuildBench.docs(Dictionary(uniqueKeysWithValues: (0..<pages).map { ("docs/\($0).html", "page \($0)") })),
        ]
        return bench
    }

    @Test func `the next build is compared with the last`() async throws {
        var bench = try bench("hello", pages: 3)
        let first = try await bench.write()
        #expect(!first.sizes.isCompared)
        #expect(first.sizes.rows.map(\.role) == [.page, .entry, .docs])
        #expect(first.sizes.rows[2].name == "docs, 3 pages")
        #expect(first.sizes.rows[2].count == 3)
        bench.stages = try self.bench("hello, whole world", pages: 4).stages
        let second = try await bench.write().sizes
        #expect(second.isCompared)
        #expect(second.rows[1].name == "assets/entry-*.js")
        #expect(try #require(second.rows[1].change) > 0)
        #expect(second.rows[2].change == 6)
        #expect(second.total.change == second.total.brotli - first.sizes.total.brotli)
    }

    @Test func `the table is aligned and has no escape codes unless asked`() {
        var report = SizeReport([], manifest: Manifest(files: []), previous: Manifest(files: []))
        report.rows = [
            .init(name: "index.html", role: .page, raw: 2100, gzip: 1100, brotli: 900, change: 0),
            .init(name: "assets/entry-*.js", role: .entry, raw: 187_000, gzip: 61_200, brotli: 54_000, change: 1200),
            .init(name: "assets/home-*.js", role: .route, raw: 900, gzip: 500, brotli: 420, change: -80),
            .init(
                name: "docs, 12 pages", role: .docs, raw: 90_000, gzip: 30_000, brotli: 25_000, change: nil, count: 12),
        ]
        report.total = .init(
            name: "total", role: .other, raw: 280_000, gzip: 92_800, brotli: 80_320, change: 26_120, count: 15)
        #expect(!report.table(colour: false).contains("\u{1B}"))
        let lines = report.table(colour: false).split(separator: "\n")
        #expect(lines[2] == "  assets/entry-*.js   187 kB  61.2 kB  54.0 kB   +1.2 kB")
        #expect(lines[3] == "  assets/home-*.js     900 B    500 B    420 B     −80 B")
        #expect(lines[4] == "  docs, 12 pages     90.0 kB  30.0 kB  25.0 kB       new")
        #expect(lines[6] == "  total, 15 files     280 kB  92.8 kB  80.3 kB  +26.1 kB")
        #expect(Set(lines.dropFirst().map(\.count)) == [lines[2].count])
        #expect(report.table(colour: true).contains("\u{1B}[33m"))
    }

    @Test func `long groups are summed up beyond a limit`() {
        var report = SizeReport([], manifest: Manifest(files: []), previous: nil)
        report.rows = (0..<20).map {
            .init(name: "assets/\($0).js", role: .route, raw: 10, gzip: 10, brotli: 10, change: nil)
        }
        let table = report.table(colour: false, limit: 5)
        #expect(table.contains("lazy scripts, 15 more  150 B"))
        #expect(!table.contains("assets/5.js"))
    }
}

@Suite struct ProgressDisplayTests {
    private let events: [BuildEvent] = [
        .started("client"), .started("docs"), .progress("docs", done: 3, total: 10),
        .finished("docs", .milliseconds(340), note: "10 pages"), .failed("client", .milliseconds(2410)),
    ]

    private func shown(_ style: ProgressDisplay.Style) -> String {
        let log = Log<String>()
        let display = ProgressDisplay(style: style) { log.add($0) }
        for event in events { display.handle(event) }
        return log.values.joined()
    }

    @Test func `a log gets one plain line a stage`() {
        #expect(
            shown(.init(isLive: false, colour: false)) == """
                  ✓ docs     340 ms  10 pages
                  ✗ client   2.41 s

                """)
    }

    @Test func `a terminal's lines are rewritten in place`() {
        let text = shown(.init(isLive: true, colour: false, width: 40))
        #expect(
            text.hasPrefix(
                "\r\u{1B}[2K    client   …\n\u{1B}[1A\r\u{1B}[2K    client   …\n\r\u{1B}[2K    docs     …\n\u{1B}[2A"))
        #expect(text.contains("docs     3 of 10"))
        #expect(text.hasSuffix("\u{1B}[2A\r\u{1B}[2K  ✗ client   2.41 s\n\r\u{1B}[2K  ✓ docs     340 ms  10 pages\n"))
    }

    @Test func `lines never wrap`() {
        for line in shown(.init(isLive: true, colour: false, width: 12)).split(separator: "\n") {
            let plain = line.replacing("\u{1B}[2K", with: "").replacing("\r", with: "").replacing("\u{1B}[1A", with: "")
                .replacing("\u{1B}[2A", with: "")
            #expect(plain.count <= 11)
        }
    }

    @Test(
        "durations are short", arguments: [(12, "12 ms"), (2410, "2.41 s"), (3005, "3.00 s"), (72_000, "1 min 12 s")])
    func duration(milliseconds: Int, text: String) {
        #expect(Duration.milliseconds(milliseconds).short == text)
    }
}
