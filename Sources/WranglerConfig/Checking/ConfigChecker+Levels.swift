extension ConfigChecker {
    /// Checks the top level.
    mutating func checkTopLevel(_ level: Level) {
        if level.root.node?["legacy_env"] != nil {
            report(
                .legacyEnvRemoved, at: ["legacy_env"], ["field": .text("legacy_env")],
                "legacy_env is no longer supported: every environment is deployed under its own name.",
                hint: "Remove the line; this has long been the default.")
        }
        checkKeys(of: level)
        reportUnknown(
            in: level.root, scope: "top-level", allowed: KeyTable.names + ["legacy_env", "node_compat"])
        adviseOnNames(level)
    }

    /// Checks the selected environment against the top level.
    mutating func checkEnvironment(_ level: Level) {
        guard let environment = level.environment else { return }
        checkKeys(of: level)
        reportUnknown(
            in: level.root, scope: "env.\(environment)", allowed: KeyTable.environmentNames + ["node_compat"])
        adviseOnNames(level)
    }

    private mutating func checkKeys(of level: Level) {
        if level.written("node_compat").node != nil {
            report(
                .nodeCompatRemoved, at: level.written("node_compat").path, ["field": .text("node_compat")],
                "node_compat is no longer supported.", hint: "Use the compatibility flag nodejs_compat instead.")
        }
        for rule in KeyTable.rules {
            if rule.inheritance == .topLevelOnly && level.environment != nil { continue }
            check(rule, in: level)
            if rule.inheritance == .notInherited { compareWithTop(rule, in: level) }
        }
        checkDurableObjectLifecycle(level)
        checkContainerLinks(level)
    }

    private mutating func check(_ rule: KeyRule, in level: Level) {
        let field = level.written(rule.name)
        guard field.node != nil || rule.name == "routes" else { return }
        switch rule.check {
        case .anything: break
        case .string: expect("string", field)
        case .boolean: expect("boolean", field)
        case .strings: expect("string array", field)
        case .oneOf(let allowed): expectOne(of: allowed, field)
        case .bindings(let shape): checkBindings(level.qualified(rule.name), shape)
        case .singleBinding(let allowed): checkSingleBinding(level.qualified(rule.name), allowed: allowed)
        case .special(let key): check(key, field, in: level)
        }
    }

    private mutating func check(_ key: SpecialKey, _ field: Field, in level: Level) {
        switch key {
        case .name: checkName(field)
        case .compatibilityDate: checkDate(field)
        case .accountID: checkAccountID(field)
        case .route: checkRoute(field)
        case .routes: checkRoutes(field, in: level)
        case .vars: checkVars(level.qualified("vars"))
        case .secrets: checkSecrets(level.qualified("secrets"))
        case .define: checkStringTable(level.qualified("define"))
        case .queues: checkQueues(level.qualified("queues"))
        case .triggers: checkTriggers(field)
        case .durableObjects: checkDurableObjects(level.qualified("durable_objects"))
        case .migrations: checkMigrations(field)
        case .exports: checkExports(field)
        case .assets: checkAssets(field)
        case .containers: checkContainers(field, in: level)
        case .observability: checkObservability(field)
        case .limits: checkLimits(field)
        case .placement: checkPlacement(field)
        case .build: checkBuild(field)
        case .dev: checkDev(field)
        case .site: checkSite(field, in: level)
        case .stringTable: checkStringTable(field)
        case .unsafe: checkUnsafe(level)
        case .cache: checkCache(field)
        }
    }

    // MARK: What environments forget

    /// Keys that environments do not inherit, and entries that only the top level has.
    private mutating func compareWithTop(_ rule: KeyRule, in level: Level) {
        guard let environment = level.environment, let top = level.top?[rule.name], top.node != nil else { return }
        let own = level.written(rule.name)
        guard own.node != nil else {
            report(
                .notInherited, as: .warning, at: level.root.path,
                ["field": .text(rule.name), "env": .text(environment)],
                "\(rule.name) is set at the top level but not in env.\(environment), which does not inherit it.",
                hint: "Repeat it in [env.\(environment)] if the environment needs it.")
            return
        }
        switch rule.check {
        case .special(.vars): reportMissing(own.keys, top: top.keys, .missingVarsInEnv, "vars", own, environment)
        case .special(.define): reportMissing(own.keys, top: top.keys, .missingDefineInEnv, "define", own, environment)
        case .special(.durableObjects):
            let names = Self.bindingNames(own["bindings"], key: "name")
            let topNames = Self.bindingNames(top["bindings"], key: "name")
            reportMissing(names, top: topNames, .missingBindingsInEnv, rule.name, own, environment)
        case .special(.queues):
            let names = Self.bindingNames(own["producers"], key: "binding")
            let topNames = Self.bindingNames(top["producers"], key: "binding")
            reportMissingBindings(names, top: topNames, "queues.producers", own, environment)
        case .bindings(let shape):
            let names = Self.bindingNames(own, key: shape.nameKey)
            let topNames = Self.bindingNames(top, key: shape.nameKey)
            reportMissingBindings(names, top: topNames, rule.name, own, environment)
        default: break
        }
    }

    private mutating func reportMissing(
        _ names: [String], top: [String], _ code: ConfigProblem.Code, _ key: String, _ own: Field,
        _ environment: String
    ) {
        let missing = top.filter { !names.contains($0) }.sorted()
        guard !missing.isEmpty else { return }
        report(
            code, as: .warning, at: own.path,
            ["env": .text(environment), "names": .list(missing), "field": .text(key)],
            "\(key) of env.\(environment) lacks what the top level has: \(missing.joined(separator: ", ")).",
            hint: "Environments do not inherit \(key); repeat the entries that the environment needs.")
    }

    private mutating func reportMissingBindings(
        _ names: [String], top: [String], _ key: String, _ own: Field, _ environment: String
    ) {
        for name in top where !names.contains(name) {
            report(
                .missingBindingInEnv, as: .warning, at: own.path,
                ["field": .text(key), "name": .text(name), "env": .text(environment)],
                "The binding \(name) of \(key) is set at the top level but not in env.\(environment).",
                hint: "Environments do not inherit \(key); repeat the entry if the environment needs it.")
        }
    }

    static func bindingNames(_ list: Field, key: String) -> [String] {
        list.elements.compactMap { $0.node?[key]?.string }
    }

    // MARK: Advice

    /// What is allowed but rarely meant.
    private mutating func adviseOnNames(_ level: Level) {
        let vars = level.written("vars")
        for name in document.keys(of: vars.path) where KeyTable.byName[name] != nil && vars.node?.table != nil {
            report(
                .varNamedLikeKey, as: .advice, at: vars.path + [.key(name)], ["name": .text(name)],
                "The variable \(name) has the name of a setting, which has no effect below [vars].",
                hint: "If you meant the setting, move the line above the first [table].")
        }
        let name = level.written("name")
        if let text = name.node?.string, text.count > 63 {
            report(
                .nameTooLong, as: .advice, at: name.path, ["field": .text("name")],
                "The name has \(text.count) characters; only 63 fit into a host name.")
        }
    }
}
