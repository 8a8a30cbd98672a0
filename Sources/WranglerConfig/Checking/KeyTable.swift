/// What an environment does with a key of the top level.
enum Inheritance: Sendable {
    /// The environment's value, else the top level's.
    case inherited
    /// The environment's value or nothing.
    case notInherited
    /// Has no meaning inside an environment.
    case topLevelOnly
}

/// How the value of a key is checked.
enum KeyCheck: Sendable {
    case string, boolean, strings
    /// Accepted without a look: keys of features that a native Worker does not have.
    case anything
    case oneOf([String])
    /// A list of tables that bind names.
    case bindings(BindingShape)
    /// A single table with a `binding`.
    case singleBinding(allowed: [String]?)
    /// Whatever needs more than a type; `ConfigChecker` has a function for each.
    case special(SpecialKey)
}

/// Keys with a check of their own.
enum SpecialKey: Sendable {
    case name, compatibilityDate, accountID, route, routes, vars, secrets, define, queues, triggers, durableObjects
    case migrations, exports, assets, containers, observability, limits, placement, build, dev, site, stringTable
    case unsafe, cache
}

/// A key that may stand at the top level of `wrangler.toml`.
struct KeyRule: Sendable {
    let name: String
    let inheritance: Inheritance
    let check: KeyCheck

    init(_ name: String, _ inheritance: Inheritance, _ check: KeyCheck) {
        self.name = name
        self.inheritance = inheritance
        self.check = check
    }
}

/// All keys, in the order in which they are checked.
enum KeyTable {
    static let rules: [KeyRule] = settings + bindings + topLevel
    static let byName: [String: KeyRule] = Dictionary(uniqueKeysWithValues: rules.map { ($0.name, $0) })

    /// What may stand inside `[env.NAME]`.
    static let environmentNames: [String] = rules.filter { $0.inheritance != .topLevelOnly }.map(\.name)
    static let names: [String] = rules.map(\.name)

    private static func plain(_ names: [String], _ check: KeyCheck) -> [KeyRule] {
        names.map { KeyRule($0, .inherited, check) }
    }

    private static let settings: [KeyRule] = {
        var rules: [KeyRule] = []
        rules.append(KeyRule("route", .inherited, .special(.route)))
        rules.append(KeyRule("account_id", .inherited, .special(.accountID)))
        rules.append(KeyRule("routes", .inherited, .special(.routes)))
        rules.append(KeyRule("name", .inherited, .special(.name)))
        rules.append(KeyRule("compatibility_date", .inherited, .special(.compatibilityDate)))
        rules += plain(["compatibility_flags"], .strings)
        rules += plain(["main", "base_dir", "tsconfig", "jsx_factory", "jsx_fragment"], .string)
        rules += plain(["workers_dev", "preview_urls", "logpush", "minify", "no_bundle", "keep_names"], .boolean)
        rules += plain(["upload_source_maps", "find_additional_modules", "preserve_file_names"], .boolean)
        rules += plain(["first_party_worker"], .boolean)
        rules += plain(["compliance_region"], .oneOf(["public", "fedramp_high"]))
        rules += plain(["rules", "python_modules", "previews", "logfwdr", "access"], .anything)
        rules.append(KeyRule("build", .inherited, .special(.build)))
        rules.append(KeyRule("triggers", .inherited, .special(.triggers)))
        rules.append(KeyRule("assets", .inherited, .special(.assets)))
        rules.append(KeyRule("limits", .inherited, .special(.limits)))
        rules.append(KeyRule("placement", .inherited, .special(.placement)))
        rules.append(KeyRule("migrations", .inherited, .special(.migrations)))
        rules.append(KeyRule("exports", .inherited, .special(.exports)))
        rules.append(KeyRule("observability", .inherited, .special(.observability)))
        rules.append(KeyRule("cache", .inherited, .special(.cache)))
        return rules
    }()

    private static let bindings: [KeyRule] = {
        var rules: [KeyRule] = []
        rules.append(KeyRule("vars", .notInherited, .special(.vars)))
        rules.append(KeyRule("secrets", .notInherited, .special(.secrets)))
        rules.append(KeyRule("define", .notInherited, .special(.define)))
        rules.append(KeyRule("durable_objects", .notInherited, .special(.durableObjects)))
        rules.append(KeyRule("queues", .notInherited, .special(.queues)))
        rules.append(KeyRule("containers", .notInherited, .special(.containers)))
        rules.append(KeyRule("unsafe", .notInherited, .special(.unsafe)))
        for shape in BindingShape.all {
            rules.append(KeyRule(shape.key, .notInherited, .bindings(shape)))
        }
        for name in ["browser", "images", "stream", "media", "websearch"] {
            rules.append(KeyRule(name, .notInherited, .singleBinding(allowed: ["binding", "remote"])))
        }
        for name in ["ai", "version_metadata"] {
            rules.append(KeyRule(name, .notInherited, .singleBinding(allowed: nil)))
        }
        for name in ["tail_consumers", "streaming_tail_consumers", "connect", "cloudchamber"] {
            rules.append(KeyRule(name, .notInherited, .anything))
        }
        return rules
    }()

    private static let topLevel: [KeyRule] = {
        var rules: [KeyRule] = []
        rules.append(KeyRule("dev", .topLevelOnly, .special(.dev)))
        rules.append(KeyRule("site", .topLevelOnly, .special(.site)))
        for name in ["alias", "wasm_modules", "text_blobs", "data_blobs"] {
            rules.append(KeyRule(name, .topLevelOnly, .special(.stringTable)))
        }
        rules.append(KeyRule("keep_vars", .topLevelOnly, .boolean))
        rules.append(KeyRule("send_metrics", .topLevelOnly, .boolean))
        rules.append(KeyRule("addresses", .topLevelOnly, .strings))
        rules.append(KeyRule("pages_build_output_dir", .topLevelOnly, .string))
        rules.append(KeyRule("dependencies_instrumentation", .topLevelOnly, .anything))
        rules.append(KeyRule("$schema", .topLevelOnly, .string))
        rules.append(KeyRule("env", .topLevelOnly, .anything))
        return rules
    }()
}
