extension ConfigChecker {
    mutating func checkName(_ field: Field) {
        let text = field.node?.string
        if let text, Self.isValidName(text) { return }
        let lowered = text.map { $0.lowercased().map { Self.isNameCharacter($0) ? $0 : "-" } }
        var hint: String?
        if let lowered, !lowered.isEmpty {
            let better = String(lowered.drop { $0 == "-" })
            if Self.isValidName(better) && !better.isEmpty { hint = "\"\(better)\" would do." }
        }
        report(
            .invalidName, at: field.path, ["field": .text(field.name)],
            "\(field.name) may only have lower-case letters, digits, - and _, and must not start with -.", hint: hint)
    }

    private static func isValidName(_ text: String) -> Bool {
        !text.hasPrefix("-") && text.allSatisfy(isNameCharacter)
    }

    private static func isNameCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLowercase || character.isNumber || character == "-" || character == "_")
    }

    mutating func checkDate(_ field: Field) {
        guard expect("string", field), let text = field.node?.string else { return }
        let dashed = String(text.map { $0 == "\u{2013}" || $0 == "\u{2014}" ? "-" : $0 })
        if dashed != text {
            report(
                .dateHasWrongDash, at: field.path, ["field": .text(field.name)],
                "\(field.name) has a typographic dash; a date is written with hyphens.",
                hint: "Write \"\(dashed)\".")
        }
        if !CalendarDate.isDate(dashed) {
            report(
                .invalidDate, at: field.path, ["field": .text(field.name)],
                "\(field.name) must be a date like \"2025-06-01\", not \"\(text)\".")
        }
    }

    mutating func checkAccountID(_ field: Field) {
        if field.node?.string == "" { return reportIgnored(field) }
        expect("string", field)
    }

    private mutating func reportIgnored(_ field: Field) {
        report(
            .emptyStringIgnored, as: .warning, at: field.path, ["field": .text(field.name)],
            "\(field.name) is an empty string and is ignored.", hint: "Remove the line.")
    }

    // MARK: Routes

    mutating func checkRoute(_ field: Field) {
        if field.node?.string == "" { return reportIgnored(field) }
        guard let node = field.node, let fault = Self.fault(ofRoute: node) else { return }
        report(
            .invalidRoute, at: field.path, ["field": .text(field.name)], "\(field.name) is not a route: \(fault).",
            hint: Self.routeHint)
    }

    mutating func checkRoutes(_ field: Field, in level: Level) {
        if let environment = level.environment, field.node == nil, let top = level.top?["routes"] {
            warnOfInheritedDomains(top, environment)
        }
        guard field.node != nil else { return }
        expect("array", field)
        for element in field.elements {
            guard let node = element.node, let fault = Self.fault(ofRoute: node) else { continue }
            report(
                .invalidRoutes, at: element.path, ["field": .text(field.name)],
                "\(element.name) is not a route: \(fault).", hint: Self.routeHint)
        }
        let route = level.written("route").node
        if let route, route != .string("") {
            report(
                .mutuallyExclusive, at: field.path, ["fields": .list(["routes", "route"])],
                "Only one of routes and route may be set.", hint: "Move the route into routes.")
        }
    }

    private static let routeHint = "A route is \"host/path*\" or { pattern = \"…\", zone_name = \"…\" }."

    /// Why a value is no route; `nil` if it is one.
    private static func fault(ofRoute node: TOMLNode) -> String? {
        if let text = node.string { return text.isEmpty ? "it is empty" : nil }
        guard let table = node.table else { return "it is \(node.kind)" }
        guard table["pattern"]?.string != nil else { return "it has no pattern" }
        let types = [
            "zone_id": "string", "zone_name": "string", "custom_domain": "boolean", "enabled": "boolean",
            "previews_enabled": "boolean",
        ]
        for (key, value) in table.sorted(by: { $0.key < $1.key }) where key != "pattern" {
            guard let type = types[key] else { return "it has an unknown key \"\(key)\"" }
            if !matches(value, type) { return "its \(key) is \(value.kind)" }
        }
        let hasZone = table["zone_id"] != nil || table["zone_name"] != nil
        if table["zone_id"] != nil && table["zone_name"] != nil { return "it has both zone_id and zone_name" }
        let isDomain = table["custom_domain"] != nil
        if !isDomain && (table["enabled"] != nil || table["previews_enabled"] != nil) {
            return "enabled and previews_enabled need custom_domain"
        }
        return hasZone || isDomain ? nil : "it needs zone_id, zone_name or custom_domain"
    }

    private mutating func warnOfInheritedDomains(_ top: Field, _ environment: String) {
        let domains = top.elements.filter { $0.node?["custom_domain"]?.boolean == true }
            .compactMap { $0.node?["pattern"]?.string }
        guard !domains.isEmpty else { return }
        report(
            .customDomainInherited, as: .warning, at: top.path,
            ["env": .text(environment), "domains": .list(domains)],
            "env.\(environment) inherits \(domains.joined(separator: ", ")); deploying it would move the domain there.",
            hint: "Set routes = [] in [env.\(environment)] to keep the domain where it is.")
    }

    // MARK: Variables and triggers

    mutating func checkVars(_ field: Field) {
        guard expect("object", field) else { return }
        for key in field.keys.sorted() {
            guard case .date(let text)? = field.node?[key] else { continue }
            report(
                .tomlDateVar, at: field.path + [.key(key)],
                ["field": .text("\(field.name).\(key)"), "name": .text(key)],
                "\(field.name).\(key) is a TOML date, which a variable cannot be.", hint: "Write \"\(text)\".")
        }
    }

    mutating func checkSecrets(_ field: Field) {
        guard expect("object", field) else { return }
        reportUnknown(in: field, scope: field.name, allowed: ["required"])
        expectList(of: "string", field["required"])
    }

    /// Tables like `define` and `alias`, whose values are all strings.
    mutating func checkStringTable(_ field: Field) {
        guard expect("object", field) else { return }
        for key in field.keys.sorted() { expect("string", field[key]) }
    }

    mutating func checkTriggers(_ field: Field) {
        guard expect("object", field) else { return }
        expect("array", field["crons"])
        expect("array", field["events"])
        reportUnknown(in: field, scope: field.name, allowed: ["crons", "events"])
    }

    mutating func checkUnsafe(_ level: Level) {
        let field = level.qualified("unsafe")
        // One warning is enough if the top level already has it.
        if level.top?["unsafe"].node == nil {
            report(
                .experimentalField, as: .warning, at: field.path, ["field": .text("unsafe")],
                "unsafe is experimental and may change at any time.")
        }
        guard expect("object", field) else { return }
        expect("array", field["bindings"])
        expect("object", field["metadata"])
        expect("object", field["capnp"])
        reportUnknown(in: field, scope: "unsafe", allowed: ["bindings", "metadata", "capnp"])
    }
}
