import Testing
import WranglerConfig

@Suite struct DevelopmentVariablesTests {
    private func load(
        _ files: [String: String], toml: String = "name = \"app\"\n", environment: String? = nil,
        _ change: (inout DevelopmentVariables.Options) -> Void = { _ in }
    ) throws -> DevelopmentVariables {
        let config = try check(toml, environment: environment).get()
        var options = DevelopmentVariables.Options()
        change(&options)
        let paths = files.map { ("/project/\($0.key)", $0.value) }
        return DevelopmentVariables.load(
            for: config, options: options, files: .memory(Dictionary(uniqueKeysWithValues: paths)))
    }

    private func secrets(_ file: String, _ text: String) throws -> [String: String] {
        try load([file: text]).variables.mapValues { variable in
            if case .secret(let secret) = variable { secret.reveal() } else { "not a secret" }
        }
    }

    @Test(arguments: [
        ("A=1", "1"), ("A = 1 ", "1"), ("export A=1", "1"), ("A: 1", "1"), ("A=", ""), ("A=a b  # c", "a b"),
        ("A=a#b", "a"), ("A='a # \\n b'", "a # \\n b"), ("A=\"x\\ny\\rz\\t\"", "x\ny\rz\\t"), ("A=`'\"`", "'\""),
        ("A=\"l1\nl2\" # c", "l1\nl2"), ("A='l1\r\nl2'", "l1\nl2"), ("A=\"x\\\"y\"", "x\\\"y"), ("A='open", "'open"),
        ("A=\"x\" y", "\"x\" y"), ("\u{FEFF}A=1", "1"), ("x\n A=1\n=2\n", "1"), ("A=1\nA=2", "2"), ("A=é", "é"),
    ])
    func `the format is that of dotenv`(text: String, value: String) throws {
        #expect(try secrets(".dev.vars", text) == ["A": value])
    }

    @Test(arguments: [
        ("H=h\nA=${H}:$H", "h:h"), ("A=${NONE}x", "x"), ("A=${NONE:-d}", "d"), ("A=${NONE-d}", "d"),
        ("H=h\nA=${H:+set}", "set"), ("A=\\$H", "$H"), ("A=a$", "a$"), ("A=$1", "$1"), ("H=1\nA=${N:-$H}", "1"),
        ("A=${B}\nB=1", ""), ("A=${A}x", "x"),
    ])
    func `env files refer to names above`(text: String, value: String) throws {
        #expect(try secrets(".env", text)["A"] == value)
    }

    @Test func `the file of an environment replaces the general one`() throws {
        let files = [".dev.vars": "A=1\nB=1", ".dev.vars.stage": "A=2"]
        let found = try load(files, toml: "[env.stage]\n", environment: "stage")
        #expect(found.filesUsed == [".dev.vars.stage"])
        #expect(found.variables == ["A": .secret(Secret("2"))])
    }

    @Test func `env files of an environment come last`() throws {
        let files = [".env": "A=1", ".env.local": "A=2", ".env.stage": "A=3", ".env.stage.local": "A=4"]
        let found = try load(files, toml: "[env.stage]\n", environment: "stage")
        #expect(found.filesUsed == [".env", ".env.local", ".env.stage", ".env.stage.local"])
        #expect(found.variables == ["A": .secret(Secret("4"))])
    }

    @Test func `only required secrets and known variables are taken`() throws {
        let toml = "[vars]\nV = \"1\"\n[secrets]\nrequired = [\"TOKEN\", \"KEY\"]\n"
        let found = try load([".dev.vars": "TOKEN=t\nV=2\nOTHER=3"], toml: toml) { $0.process = ["KEY": "k"] }
        #expect(Set(found.variables.keys) == ["TOKEN", "V"])
        #expect(found.missingRequiredSecrets == ["KEY"])
        #expect(found.warnings.count == 1)
    }

    @Test func `the command line wins, and a file that it names must exist`() throws {
        let found = try load([".dev.vars": "A=1"], toml: "[vars]\nB = \"1\"\n") {
            $0.overrides = ["A": "x", "B": "y"]
        }
        #expect(found.variables == ["A": .plain("x"), "B": .plain("y")])
        #expect(try load([:]) { $0.environmentFiles = ["none"] }.unreadableFiles == ["none"])
        #expect(DevelopmentVariables.override("URL:http://x:1").map { [$0.key, $0.value] } == ["URL", "http://x:1"])
        #expect(DevelopmentVariables.override("novalue") == nil)
        #expect(DevelopmentVariables.override(":x") == nil)
    }

    @Test func `the environment steers what is read`() {
        let options = DevelopmentVariables.Options(process: [
            "CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV": "false", "CLOUDFLARE_INCLUDE_PROCESS_ENV": "true",
        ])
        #expect(!options.loadsDotEnv)
        #expect(options.includesProcess)
    }

    @Test func `no way of printing shows a secret`() throws {
        let found = try load([".dev.vars": "TOKEN=hunter2"])
        var dumped = ""
        dump(found, to: &dumped)
        #expect(!"\(found) \(String(reflecting: found)) \(dumped)".contains("hunter2"))
        #expect(found.warnings.isEmpty)
    }
}
