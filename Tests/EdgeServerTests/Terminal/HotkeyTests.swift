import Testing

@testable import EdgeServer

@Suite struct RequestFilterTests {
    @Test(
        "words that all have to fit",
        arguments: [
            ("", "GET", "/", 200, "assets", true), ("/api", "GET", "/API/users", 200, "worker", true),
            ("/api", "GET", "/", 200, "worker", false), ("404", "GET", "/", 404, "worker", true),
            ("404", "GET", "/", 400, "worker", false), ("5xx", "GET", "/", 503, "worker", true),
            ("5XX", "GET", "/", 200, "worker", false), ("worker", "GET", "/", 200, "worker", true),
            ("worker", "GET", "/", 200, "assets", false), ("-assets", "GET", "/", 200, "assets", false),
            ("-assets /a", "GET", "/a", 200, "worker", true), ("POST", "POST", "/", 200, "worker", true),
            ("POST", "GET", "/post", 200, "worker", false), ("-4xx -5xx", "GET", "/", 301, "worker", true),
            ("-", "GET", "/", 200, "worker", true), ("999", "GET", "/999", 200, "worker", true),
        ])
    func words(
        text: String, method: String, target: String, status: Int, source: String, fits: Bool
    ) {
        let filter = RequestFilter(text)
        #expect(filter.matches(method: method, target: target, status: status, source: source) == fits)
    }

    @Test func `blanks around and between the words mean nothing`() {
        #expect(RequestFilter("  a   b ").text == "a b")
        #expect(RequestFilter("  ").isEmpty)
    }
}

@Suite struct KeyTests {
    @Test(
        "bytes of a terminal",
        arguments: [
            ("q", [Key.character("q")]), ("\r", [.enter]), ("\n", [.enter]), ("\u{7F}\u{8}", [.backspace, .backspace]),
            ("\u{1B}", [.escape]), ("\u{1B}[A", [.other]), ("\u{1B}OPx", [.other, .character("x")]),
            ("é日", [.character("é"), .character("日")]), ("\u{1B}[1;5Cq", [.other, .character("q")]), ("\t", [.other]),
        ])
    func keys(text: String, expected: [Key]) {
        var parser = KeyParser()
        #expect(parser.take(Array(text.utf8)) == expected)
    }

    @Test func `a key may come in pieces`() {
        var parser = KeyParser()
        #expect(parser.take([0xC3]) == [])
        #expect(parser.take([0xA9]) == [.character("é")])
        #expect(parser.take([0x1B, 0x5B]) == [])
        #expect(parser.take([0x42]) == [.other])
    }

    @Test func `what is no text is one key each, and nothing waits for ever`() {
        var parser = KeyParser()
        #expect(parser.take([0x80, 0xFF, 0x20, 0x20, 0x20]).count == 2)
        #expect(parser.take([0x1B, 0x5B] + [UInt8](repeating: 0x30, count: 40)) == [.other])
        #expect(parser.take([0x71]) == [.character("q")])
    }
}

@Suite struct HotkeyMachineTests {
    private static func commands(_ text: String, crons: Int = 0) -> [HotkeyMachine.Command] {
        var machine = HotkeyMachine(crons: crons)
        var parser = KeyParser()
        return parser.take(Array(text.utf8)).flatMap { machine.press($0) }
    }

    @Test func `letters are commands, in either case, and others nothing`() {
        #expect(Self.commands("odcrq?x") == [.open, .dashboard, .clear, .restart, .quit, .help])
        #expect(Self.commands("OQ") == [.open, .quit])
    }

    @Test func `a filter is typed, corrected and taken`() {
        #expect(
            Self.commands("fqx\u{7F}\r") == [
                .beginFilter, .echo("q"), .echo("x"), .echo("\u{8} \u{8}"), .setFilter("q"),
            ])
        #expect(Self.commands("f\u{7F}\r") == [.beginFilter, .setFilter("")])
        #expect(Self.commands("fabc").count == 4)
    }

    @Test func `escape leaves the filter as it was`() {
        var machine = HotkeyMachine(crons: 0)
        #expect(machine.press(.character("f")) == [.beginFilter])
        #expect(machine.press(.character("q")) == [.echo("q")])
        #expect(machine.press(.escape) == [.cancel])
        #expect(machine.press(.character("q")) == [.quit])
    }

    @Test func `a trigger is chosen by its number`() {
        #expect(Self.commands("t2", crons: 2) == [.listCrons, .runCron(1)])
        #expect(Self.commands("t3q", crons: 2) == [.listCrons, .cancel, .quit])
        #expect(Self.commands("tq", crons: 0) == [.listCrons, .quit])
    }

    @Test func `a filter has an end`() {
        let commands = Self.commands("f" + String(repeating: "x", count: 500) + "\r")
        #expect(commands.last == .setFilter(String(repeating: "x", count: 200)))
    }
}
