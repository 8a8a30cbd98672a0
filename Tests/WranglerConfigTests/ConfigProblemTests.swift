import Testing
import WranglerConfig

/// Checks a text as `/project/wrangler.toml`.
func check(_ text: String, environment: String? = nil, files: [String: String] = [:]) -> ConfigReport {
    WranglerConfig.check(
        Array(text.utf8), file: "/project/wrangler.toml", environment: environment, files: .memory(files))
}

@Suite struct ConfigProblemTests {
    @Test func `a misspelt key is shown with its place and the likely name`() {
        let report = check("name = \"app\"\n  compatability_date = \"2025-06-01\"\n")
        #expect(
            report.warnings.map { $0.rendered() } == [
                """
                wrangler.toml:2:3: warning: top-level has an unknown key: "compatability_date".
                  2 |   compatability_date = "2025-06-01"
                    |   ^
                  hint: Did you mean "compatibility_date" instead of "compatability_date"?
                """
            ])
        #expect(report.config?.compatibilityDate == nil)
    }

    @Test(arguments: [
        ("kv-namespaces", "kv_namespaces"), ("workersDev", "workers_dev"), ("nmae", "name"), ("asset", "assets"),
        ("d1_database", "d1_databases"),
    ])
    func `names that differ by a slip are suggested`(word: String, meant: String) {
        let hint = check("\"\(word)\" = 1\n").warnings.first?.hint
        #expect(hint == "Did you mean \"\(meant)\" instead of \"\(word)\"?")
    }

    @Test func `a word that resembles nothing gets no suggestion`() {
        #expect(check("banana = 1\n").warnings.first?.hint == nil)
    }

    @Test func `a top-level key below a table header is explained`() {
        let report = check("[build]\ncommand = \"make\"\nmain = \"x.js\"\n")
        #expect(report.warnings.first?.hint == "\"main\" is a key of the top level: move it above the first [table].")
        #expect(report.warnings.first?.line == 3)
    }

    @Test func `a variable with the name of a setting is advised against, not warned of`() {
        let report = check("name = \"app\"\n[vars]\nA = \"1\"\nmain = \"x.js\"\n")
        #expect(report.warnings.isEmpty)
        #expect(report.advice.map(\.code) == [.varNamedLikeKey])
        #expect(report.advice.first?.line == 4)
        #expect(report.config?.vars["main"] == .string("x.js"))
    }

    @Test func `places reach into environments, lists and inline tables`() {
        let report = check(
            """
            [env.stage]
            kv_namespaces = [
              { binding = "A", id = "1" },
              { id = 2, binding = "B" },
            ]
            [[env.stage.queues.consumers]]
            queue = "jobs"
            type = "http_pull"
            """, environment: "stage")
        #expect(
            report.errors.map { "\($0.code.rawValue) \($0.line ?? 0):\($0.column ?? 0)" } == [
                "bad_binding_field 4:5", "queue_consumer_type 8:1",
            ])
        #expect(report.errors.first?.details["field"] == .text("env.stage.kv_namespaces[1]"))
        #expect(report.config == nil)
        #expect(throws: ConfigFailure.self) { try report.get() }
    }

    @Test func `what is missing points at the table that lacks it`() {
        let report = check("name = \"app\"\n[[kv_namespaces]]\nid = \"1\"\n")
        #expect(report.errors.first?.place == "wrangler.toml:2:3")
    }

    @Test func `a syntax error is a problem like any other`() {
        let report = check("name = \"app\"\nmain = = 1\n")
        #expect(report.errors.map(\.code) == [.tomlSyntax])
        #expect(report.errors.first?.rendered().hasPrefix("wrangler.toml:2:8: error: ") == true)
        #expect(report.settings.isEmpty)
    }

    @Test func `all problems are collected, errors first`() {
        let report = check("colour = 1\nname = \"App\"\nworkers_dev = \"true\"\n")
        #expect(report.problems.map(\.code) == [.invalidName, .wrongType, .unexpectedFields])
        #expect(report.errors.map(\.hint) == ["\"app\" would do.", "Write true without quotes."])
    }

    @Test(arguments: [
        ("2025-06-01", []), ("2025-06-01T10:00:00Z", []), ("2025-02-30", [ConfigProblem.Code.invalidDate]),
        ("soon", [.invalidDate]), ("2025\u{2013}06\u{2013}01", [.dateHasWrongDash]),
        ("2025\u{2014}13\u{2014}01", [.dateHasWrongDash, .invalidDate]), ("", [.invalidDate]),
    ])
    func `a compatibility date is a day of the calendar`(text: String, codes: [ConfigProblem.Code]) {
        #expect(check("compatibility_date = \"\(text)\"\n").errors.map(\.code) == codes)
    }

    @Test(arguments: [
        "account_id = \"\"|empty_string_ignored", "env = {}\nlegacy_env = true|legacy_env_removed",
        "node_compat = true|node_compat_removed", "vars = { D = 2025-01-01 }|toml_date_var",
        "route = { pattern = \"a\" }|invalid_route", "kv_namespaces = [\"A\"]|binding_not_object",
        "kv_namespaces = [{ binding = \"A\", id = \"\" }]|bad_binding_field", "kv_namespaces = {}|wrong_type",
        "triggers = { crons = \"0 * * * *\" }|wrong_type", "unsafe = {}|experimental_field",
        "ratelimits = [{ name = \"R\", namespace_id = \"1\", simple = { limit = 1, period = 30 } }]|bad_binding_field",
        "durable_objects = { bindings = [{ name = \"R\", class_name = \"R\" }] }|durable_objects_without_migrations",
        "observability = { enabled = true, head_sampling_rate = 2 }|sampling_rate_range",
        "placement = { mode = \"smart\", hint = \"weur\", host = \"x\" }|placement_styles_exclusive",
        "hyperdrive = [{ binding = \"H\" }]|bad_binding_field", "site = {}\nmain = \"a\"|required",
        "migrations = [{ tag = \"1\" }]\nexports = { A = { type = \"durable-object\", storage = \"sqlite\" } }"
            + "|migrations_and_exports",
    ])
    func `each kind of mistake has its code`(text: String) {
        let parts = text.split(separator: "|")
        let report = check(String(parts[0]))
        let found = (report.errors + report.warnings).map(\.code.rawValue)
        #expect(found == [String(parts[1])])
        #expect(report.problems.allSatisfy { $0.message.hasSuffix(".") && $0.line != nil })
    }

    @Test func `a password in a line that is shown becomes dots`() {
        let text = "[[hyperdrive]]\nbinding = \"A\"\nid = \"1\"\nlocal = \"postgres://u:hunter2@h/db\" # http://x\n"
        let warning = check(text).warnings.first
        #expect(warning?.sourceLine == "local = \"postgres://••••@h/db\" # http://x")
    }

    @Test func `names clash across kinds, secrets and rate limits included`() {
        let report = check(
            """
            [vars]
            A = "1"
            [secrets]
            required = ["A"]
            [[kv_namespaces]]
            binding = "B"
            [[ratelimits]]
            name = "B"
            namespace_id = "1"
            simple = { limit = 1, period = 10 }
            """)
        #expect(Set(report.errors.map(\.code)) == [.bindingNameClash, .bindingsNotUnique])
        #expect(report.errors.first?.details["types"] == .list(["Environment Variable", "Secret"]))
    }
}
