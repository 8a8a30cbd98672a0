extension ConfigChecker {
    /// A list of bindings; `field` is qualified with its environment.
    mutating func checkBindings(_ field: Field, _ shape: BindingShape) {
        guard expect("array", field) else { return }
        for entry in field.elements {
            guard expectBindingTable(entry, list: shape.key) else { continue }
            for part in shape.fields { checkBindingField(entry, part) }
            if shape.reportsUnknownKeys {
                reportUnknown(in: entry, scope: entry.name, allowed: shape.fields.map(\.key))
            }
            switch shape.key {
            case BindingShape.r2Buckets.key: checkBucketNames(entry)
            case BindingShape.rateLimits.key: checkRateLimit(entry)
            case "pipelines": checkPipeline(entry)
            case "vpc_networks": checkNetwork(entry)
            default: break
            }
        }
    }

    private mutating func expectBindingTable(_ entry: Field, list: String) -> Bool {
        if entry.node?.table != nil { return true }
        report(
            .bindingNotObject, at: entry.path, ["field": .text(list)],
            "\(entry.name) must be a table, but is \(entry.node?.kind ?? "nothing").")
        return false
    }

    private mutating func checkBindingField(_ entry: Field, _ part: BindingShape.Field) {
        let field = entry[part.key]
        guard let node = field.node else {
            if part.isRequired {
                badBindingField(entry, part.key, "needs a \(part.type.rawValue) \(part.key)")
            }
            return
        }
        let isRight =
            switch part.type {
            case .anything: true
            case .object: node.table != nil || node.array != nil
            default: Self.matches(node, part.type.rawValue)
            }
        if !isRight {
            badBindingField(entry, part.key, "needs \(part.key) as a \(part.type.rawValue), not \(node.kind)")
        } else if !part.mayBeEmpty && node.string == "" {
            badBindingField(entry, part.key, "has an empty \(part.key); leave it out to have one made")
        }
    }

    mutating func badBindingField(_ entry: Field, _ key: String, _ fault: String) {
        var hint: String?
        let written = document.keys(of: entry.path)
        if entry.node?[key] == nil, let near = Suggestion.nearest(to: key, among: written) {
            hint = "Did you mean \"\(key)\" instead of \"\(near)\"?"
        }
        report(
            .badBindingField, at: entry.path + [.key(key)], ["field": .text(entry.name), "key": .text(key)],
            "\(entry.name) \(fault).", hint: hint)
    }

    private mutating func checkBucketNames(_ entry: Field) {
        for key in ["bucket_name", "preview_bucket_name"] {
            guard let name = entry.node?[key]?.string, !name.isEmpty, !Self.isBucketName(name) else { continue }
            let field = entry[key]
            report(
                .invalidBucketName, at: field.path, ["field": .text(field.name)],
                "\(field.name) must have 3 to 63 lower-case letters, digits and -, with no - at either end.")
        }
    }

    private static func isBucketName(_ name: String) -> Bool {
        let isPlain = name.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }
        return isPlain && (3...63).contains(name.count) && name.first != "-" && name.last != "-"
    }

    private mutating func checkRateLimit(_ entry: Field) {
        let simple = entry["simple"]
        guard simple.node?.table != nil else { return }
        for key in ["limit", "period"] where simple.node?[key]?.number == nil {
            badBindingField(entry, "simple.\(key)", "needs a number simple.\(key)")
        }
        if let period = simple.node?["period"]?.number, period != 10, period != 60 {
            badBindingField(entry, "simple.period", "has a simple.period other than 10 or 60 seconds")
        }
        reportUnknown(in: simple, scope: simple.name, allowed: ["limit", "period"])
    }

    private mutating func checkPipeline(_ entry: Field) {
        if let stream = entry.node?["stream"]?.string, !stream.isEmpty { return }
        guard let pipeline = entry.node?["pipeline"]?.string, !pipeline.isEmpty else {
            return badBindingField(entry, "stream", "needs a string stream")
        }
        report(
            .deprecatedField, as: .warning, at: entry["pipeline"].path, ["field": .text("\(entry.name).pipeline")],
            "\(entry.name).pipeline is deprecated.", hint: "Call it stream.")
    }

    private mutating func checkNetwork(_ entry: Field) {
        let count = ["tunnel_id", "network_id"].filter { entry.node?[$0] != nil }.count
        if count != 1 { badBindingField(entry, "tunnel_id", "needs exactly one of tunnel_id and network_id") }
    }

    /// `[browser]`, `[ai]` and the like: one table with a `binding`.
    mutating func checkSingleBinding(_ field: Field, allowed: [String]?) {
        guard expect("object", field) else { return }
        checkBindingField(field, BindingShape.Field(key: "binding", type: .string, isRequired: true))
        checkBindingField(field, BindingShape.Field(key: "remote", type: .boolean))
        if let allowed { reportUnknown(in: field, scope: field.name, allowed: allowed) }
    }

    // MARK: Queues

    mutating func checkQueues(_ field: Field) {
        guard expect("object", field) else { return }
        reportUnknown(in: field, scope: field.name, allowed: ["consumers", "producers"])
        let consumers = field["consumers"]
        expect("array", consumers)
        for consumer in consumers.elements { checkConsumer(consumer) }
        let producers = field["producers"]
        guard expect("array", producers) else { return }
        for producer in producers.elements {
            guard expectBindingTable(producer, list: "queue") else { continue }
            let shape = BindingShape.producers
            for part in shape.fields { checkBindingField(producer, part) }
            reportUnknown(in: producer, scope: producer.name, allowed: shape.fields.map(\.key))
            if producer.node?["delivery_delay"] != nil {
                let delay = producer["delivery_delay"]
                report(
                    .deprecatedField, as: .warning, at: delay.path, ["field": .text(delay.name)],
                    "\(delay.name) is deprecated and has no effect at Cloudflare.")
            }
        }
    }

    private mutating func checkConsumer(_ consumer: Field) {
        guard consumer.node?.table != nil else { return wrongType(consumer, "object") }
        let strings = ["type", "dead_letter_queue"]
        let numbers = [
            "max_batch_size", "max_batch_timeout", "max_retries", "max_concurrency", "visibility_timeout_ms",
            "retry_delay",
        ]
        reportUnknown(in: consumer, scope: consumer.name, allowed: ["queue"] + strings + numbers)
        checkBindingField(consumer, BindingShape.Field(key: "queue", type: .string, isRequired: true))
        for key in strings { checkBindingField(consumer, BindingShape.Field(key: key, type: .string)) }
        for key in numbers { checkBindingField(consumer, BindingShape.Field(key: key, type: .number)) }
        if let type = consumer.node?["type"], type != .string("worker") {
            report(
                .queueConsumerType, at: consumer["type"].path, ["field": .text(consumer.name)],
                "\(consumer.name).type can only be \"worker\" in this file.",
                hint: "Pull consumers are made over the REST API or in the dashboard.")
        }
    }

    // MARK: Durable Objects

    mutating func checkDurableObjects(_ field: Field) {
        guard expect("object", field) else { return }
        let bindings = field["bindings"]
        guard require("array", bindings) else { return }
        for entry in bindings.elements {
            guard expect("object", entry) else { continue }
            for key in ["name", "class_name"] where entry.node?[key]?.string == nil {
                report(
                    .doBindingMissing, at: entry[key].path, ["key": .text(key), "field": .text(entry.name)],
                    "\(entry.name) needs a string \(key).")
            }
            for key in ["script_name", "environment"] {
                checkBindingField(entry, BindingShape.Field(key: key, type: .string))
            }
            if entry.node?["environment"] != nil && entry.node?["script_name"] == nil {
                report(
                    .doEnvironmentNeedsScriptName, at: entry["environment"].path, ["field": .text(entry.name)],
                    "\(entry.name).environment needs a script_name beside it.")
            }
            let allowed = ["name", "class_name", "script_name", "environment"]
            reportUnknown(in: entry, scope: entry.name, allowed: allowed)
        }
    }

    mutating func checkMigrations(_ field: Field) {
        guard expect("array", field) else { return }
        for migration in field.elements {
            guard expect("object", migration) else { continue }
            let lists = ["new_classes", "new_sqlite_classes", "deleted_classes"]
            let moves = ["renamed_classes": ["from", "to"], "transferred_classes": ["from", "from_script", "to"]]
            // All entries share one scope; the place tells which is meant.
            reportUnknown(in: migration, scope: "migrations", allowed: ["tag"] + lists + moves.keys)
            require("string", migration["tag"])
            for key in lists { expectList(of: "string", migration[key]) }
            for (key, parts) in moves.sorted(by: { $0.key < $1.key }) {
                let move = migration[key]
                guard let node = move.node else { continue }
                let isFine = node.array?.allSatisfy { entry in parts.allSatisfy { entry[$0]?.string != nil } }
                if isFine != true { wrongType(move, "array of { \(parts.joined(separator: ", ")) }") }
            }
        }
    }

    private static let exportStates = ["created", "deleted", "renamed", "transferred", "expecting-transfer"]

    mutating func checkExports(_ field: Field) {
        guard expect("object", field) else { return }
        for name in field.keys.sorted() {
            let entry = field[name]
            guard expect("object", entry) else { continue }
            let type = entry["type"]
            guard type.node == .string("durable-object") || type.node == .string("worker") else {
                report(
                    .notOneOf, at: type.path,
                    ["field": .text(type.name), "allowed": .list(["durable-object", "worker"])],
                    "\(type.name) must be \"durable-object\" or \"worker\".")
                continue
            }
            if type.node == .string("worker") {
                reportUnknown(in: entry, scope: entry.name, allowed: ["type", "cache"])
                if entry.node?["cache"] != nil { checkCache(entry["cache"]) }
            } else {
                checkDurableObjectExport(entry)
            }
        }
    }

    private mutating func checkDurableObjectExport(_ entry: Field) {
        expectOne(of: Self.exportStates, entry["state"])
        let state = entry.node?["state"]?.string ?? "created"
        var needed: [String] = []
        switch state {
        case "created": needed = ["storage"]
        case "renamed": needed = ["renamed_to"]
        case "transferred": needed = ["transferred_to"]
        case "expecting-transfer": needed = ["storage", "transfer_from"]
        default: break
        }
        for key in needed {
            let part = entry[key]
            if require("string", part), part.node == .string("") { invalidExport(part, "must not be empty") }
        }
        if needed.contains("storage"), entry.node?["storage"]?.string != nil {
            expectOne(of: ["sqlite", "legacy-kv"], entry["storage"])
        }
        var allowed = ["type", "state"] + needed
        if needed.contains("storage") {
            allowed.append("container")
            expect("string", entry["container"])
            if entry.node?["container"] != nil && entry.node?["storage"] == .string("legacy-kv") {
                invalidExport(entry["container"], "needs storage = \"sqlite\"")
            }
        }
        for key in document.keys(of: entry.path) where !allowed.contains(key) && Self.exportStates.contains(state) {
            invalidExport(entry[key], "is not allowed in the state \"\(state)\"")
        }
    }

    mutating func invalidExport(_ field: Field, _ fault: String) {
        report(.invalidExport, at: field.path, ["field": .text(field.name)], "\(field.name) \(fault).")
    }

    /// Classes of this Worker need to be announced to Cloudflare, by migrations or by exports but not by both.
    mutating func checkDurableObjectLifecycle(_ level: Level) {
        let migrations = level.effective("migrations").elements
        let exports = level.effective("exports")
        let hasExports = exports.keys.contains { exports.node?[$0]?["type"] == .string("durable-object") }
        if !migrations.isEmpty && hasExports {
            report(
                .migrationsAndExports, at: exports.path, ["fields": .list(["migrations", "exports"])],
                "Durable Objects are declared by migrations or by exports, not by both.")
        }
        let own = level.effective("durable_objects")["bindings"].elements.filter { $0.node?["script_name"] == nil }
        let classes = own.compactMap { $0.node?["class_name"]?.string }
        guard migrations.isEmpty, classes.count == own.count else { return }
        let uncovered = classes.filter { name in
            let entry = exports.node?[name]
            let state = entry?["state"]?.string ?? "created"
            return entry?["type"] != .string("durable-object") || !["created", "expecting-transfer"].contains(state)
        }
        guard let first = uncovered.first else { return }
        report(
            .durableObjectsWithoutMigrations, as: .warning, at: level.effective("durable_objects").path,
            ["classes": .list(uncovered)],
            "Nothing announces the Durable Object class \(uncovered.joined(separator: ", ")) to Cloudflare.",
            hint: "Add [[migrations]] with tag = \"v1\" and new_sqlite_classes = [\"\(first)\"].")
    }
}
