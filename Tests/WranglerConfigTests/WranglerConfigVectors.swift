import Testing
import WranglerConfig

private let file = "wrangler-config.json"

@Suite(.enabled(if: VectorFile.exists(file), "wrangler-config.json is missing"))
struct WranglerConfigVectors {
    private static let root = "/project"

    @Test(arguments: VectorFile.cases(file, kind: "config"))
    func config(_ vector: VectorCase) {
        let report = Self.report(vector)
        let then = vector.then
        if let place = then["toml_error"] {
            let error = report.problems.first
            #expect(error?.code == .tomlSyntax)
            // Where a string is not closed, others name the line after it.
            let line = Int(place["line"]?.number ?? 0)
            #expect(((line - 1)...(line + 1)).contains(error?.line ?? -1))
            return
        }
        if let errors = then["errors"]?.array { Self.compare(report.errors, errors, "error") }
        if let warnings = then["warnings"]?.array { Self.compare(report.warnings, warnings, "warning") }
        for (key, expected) in then["config"]?.object ?? [:] {
            let found = Self.value(key, in: report)
            #expect(found == Self.rooted(expected), "\(key)")
        }
    }

    @Test(arguments: VectorFile.cases(file, kind: "dev-vars"))
    func developmentVariables(_ vector: VectorCase) throws {
        let given = vector.given
        let config = try Self.report(vector).get()
        let texts = (given["files"]?.texts ?? [:]).map { ("\(Self.root)/\($0.key)", $0.value) }
        let process = given["process_env"]?.texts ?? [:]
        var options = DevelopmentVariables.Options(process: process)
        let flags = given["flags"] ?? .null
        if let loads = flags["load_dotenv"]?.boolean { options.loadsDotEnv = loads }
        if let includes = flags["include_process_env"]?.boolean { options.includesProcess = includes }
        options.environmentFiles = flags["env_files"]?.strings ?? []
        let found = DevelopmentVariables.load(
            for: config, options: options, files: .memory(Dictionary(uniqueKeysWithValues: texts)))

        let then = vector.then
        if let vars = then["vars"] { #expect(JSON.object(found.variables.mapValues(Self.json)) == vars) }
        if let used = then["files_used"]?.strings { #expect(found.filesUsed == used) }
        if let missing = then["missing_required_secrets"]?.strings {
            #expect(found.missingRequiredSecrets == missing.sorted())
        }
    }
}

extension WranglerConfigVectors {
    fileprivate static func report(_ vector: VectorCase) -> ConfigReport {
        let text = vector.given["toml"]?.string ?? ""
        return WranglerConfig.check(
            Array(text.utf8), file: "\(root)/wrangler.toml", environment: vector.given["env"]?.string,
            files: .memory(["\(root)/wrangler.toml": text]))
    }

    /// Sets are compared: each expected problem is there with the details the vectors name, and there is no other.
    fileprivate static func compare(_ found: [ConfigProblem], _ expected: [JSON], _ what: String) {
        for problem in expected {
            let isThere = found.contains { matches($0, problem) }
            #expect(isThere, "missing \(what): \(problem); found \(found.map { ($0.code, $0.details) })")
        }
        for problem in found {
            let isExpected = expected.contains { matches(problem, $0) }
            #expect(isExpected, "unexpected \(what): \(problem.rendered())")
        }
    }

    private static func matches(_ problem: ConfigProblem, _ expected: JSON) -> Bool {
        guard var details = expected.object, details.removeValue(forKey: "code")?.string == problem.code.rawValue else {
            return false
        }
        return details.allSatisfy { key, value in
            switch problem.details[key] {
            case .text(let text)?: value == .string(text)
            case .list(let list)?: value == .array(list.map { .string($0) })
            case nil: false
            }
        }
    }

    /// A dotted name (`dev.port`) in the effective settings; unset is null.
    fileprivate static func value(_ key: String, in report: ConfigReport) -> JSON {
        if key == "definedEnvironments" { return .array(report.definedEnvironments.map { .string($0) }) }
        var node: TOMLNode? = .table(report.settings)
        for part in key.split(separator: ".") { node = node?[String(part)] }
        return node.map(json) ?? .null
    }

    fileprivate static func rooted(_ json: JSON) -> JSON {
        guard let text = json.string, text.hasPrefix("<root>") else { return json }
        return .string(root + text.dropFirst(6))
    }

    fileprivate static func json(_ node: TOMLNode) -> JSON {
        switch node {
        case .string(let value): .string(value)
        case .integer(let value): .number(Double(value))
        case .float(let value): .number(value)
        case .boolean(let value): .boolean(value)
        case .date(let value): .string(value)
        case .array(let value): .array(value.map(json))
        case .table(let value): .object(value.mapValues(json))
        }
    }

    fileprivate static func json(_ variable: DevelopmentVariables.Variable) -> JSON {
        switch variable {
        case .plain(let text): .object(["type": .string("plain"), "value": .string(text)])
        case .json(let node): .object(["type": .string("json"), "value": json(node)])
        case .secret(let secret): .object(["type": .string("secret"), "value": .string(secret.reveal())])
        }
    }
}
