/// Checks of the tables that describe how the Worker runs.
extension ConfigChecker {
    static let htmlHandling = ["auto-trailing-slash", "force-trailing-slash", "drop-trailing-slash", "none"]
    static let notFoundHandling = ["single-page-application", "404-page", "none"]

    mutating func checkAssets(_ field: Field) {
        guard expect("object", field) else { return }
        expect("string", field["directory"])
        expect("string", field["binding"])
        expectOne(of: Self.htmlHandling, field["html_handling"])
        expectOne(of: Self.notFoundHandling, field["not_found_handling"])
        let first = field["run_worker_first"]
        if first.node?.array != nil {
            expectList(of: "string", first)
        } else if first.node != nil && first.node?.boolean == nil {
            wrongType(first, "boolean or string array")
        }
        let allowed = ["directory", "binding", "html_handling", "not_found_handling", "run_worker_first"]
        reportUnknown(in: field, scope: field.name, allowed: allowed)
    }

    mutating func checkObservability(_ field: Field) {
        guard expect("object", field) else { return }
        let logs = field["logs"]
        let traces = field["traces"]
        checkSwitches([field["enabled"], logs["enabled"], traces["enabled"]], of: field)
        expect("number", field["head_sampling_rate"])
        expect("object", logs)
        expect("object", traces)
        reportUnknown(in: field, scope: field.name, allowed: ["enabled", "head_sampling_rate", "logs", "traces"])
        for part in [logs, traces] where part.node?.table != nil {
            expect("boolean", part["enabled"])
            expect("number", part["head_sampling_rate"])
            expectList(of: "string", part["destinations"])
            expect("boolean", part["persist"])
            var allowed = ["enabled", "head_sampling_rate", "destinations", "persist"]
            if part.name == logs.name {
                expect("boolean", part["invocation_logs"])
                allowed.append("invocation_logs")
            }
            reportUnknown(in: part, scope: field.name, allowed: allowed)
        }
        for part in [field, logs, traces] {
            let rate = part["head_sampling_rate"]
            guard let number = rate.node?.number, number < 0 || number > 1 else { continue }
            report(
                .samplingRateRange, at: rate.path, ["field": .text(rate.name)],
                "\(rate.name) must lie between 0 and 1.", hint: "1 keeps everything, 0.1 every tenth request.")
        }
    }

    /// At least one of the three must be set, and one that is set must be a boolean; if none is, all three are named.
    private mutating func checkSwitches(_ switches: [Field], of field: Field) {
        if switches.allSatisfy({ $0.node == nil }) {
            report(
                .oneOfRequired, at: field.path, ["fields": .list(switches.map(\.name))],
                "\(field.name) needs one of \(switches.map(\.name).joined(separator: ", ")).",
                hint: "Add enabled = true.")
            return
        }
        if switches.contains(where: { $0.node?.boolean != nil }) { return }
        for field in switches { wrongType(field, "boolean") }
    }

    mutating func checkCache(_ field: Field) {
        guard expect("object", field) else { return }
        require("boolean", field["enabled"])
        expect("boolean", field["cross_version_cache"])
        reportUnknown(in: field, scope: field.name, allowed: ["enabled", "cross_version_cache"])
    }

    mutating func checkLimits(_ field: Field) {
        guard expect("object", field) else { return }
        expect("number", field["cpu_ms"])
        expect("number", field["subrequests"])
    }

    mutating func checkPlacement(_ field: Field) {
        guard expect("object", field) else { return }
        let targets = ["region", "host", "hostname"].filter { field.node?[$0] != nil }
        let mode = field["mode"]
        guard let hint = field.node?["hint"] else {
            guard !targets.isEmpty else {
                require("string", mode)
                if mode.node?.string != nil { expectOne(of: ["off", "smart", "targeted"], mode) }
                return
            }
            expectOne(of: ["off", "targeted"], mode)
            for key in targets { expect("string", field[key]) }
            if targets.count > 1 {
                report(
                    .placementTargetsExclusive, at: field.path + [.key(targets[1])], ["fields": .list(targets)],
                    "Only one of \(targets.joined(separator: ", ")) may be set in placement.")
            }
            return
        }
        if !targets.isEmpty {
            report(
                .placementStylesExclusive, at: field.path + [.key(targets[0])], ["fields": .list(["hint"] + targets)],
                "placement has both a hint and \(targets.joined(separator: ", ")).",
                hint: "Keep the hint with mode = \"smart\", or the target without a hint.")
            return
        }
        require("string", mode)
        if mode.node?.string != nil { expectOne(of: ["off", "smart"], mode) }
        expect("string", field["hint"])
        if mode.node?.string != "smart", hint != .string("") {
            report(
                .placementHintNeedsSmart, at: field.path + ["hint"], ["field": .text("placement.hint")],
                "placement.hint needs mode = \"smart\".")
        }
    }

    mutating func checkBuild(_ field: Field) {
        guard expect("object", field) else { return }
        reportUnknown(in: field, scope: "build", allowed: ["command", "cwd", "watch_dir"])
        expect("string", field["command"])
        expect("string", field["cwd"])
        let watch = field["watch_dir"]
        if watch.node?.array != nil { expectList(of: "string", watch) } else { expect("string", watch) }
    }

    mutating func checkDev(_ field: Field) {
        guard expect("object", field) else { return }
        let strings = ["ip", "inspector_ip", "host", "container_engine"]
        let numbers = ["port", "inspector_port"]
        let booleans = ["enable_containers", "generate_types"]
        let protocols = ["local_protocol", "upstream_protocol"]
        reportUnknown(in: field, scope: "dev", allowed: strings + numbers + booleans + protocols)
        for key in strings { expect("string", field[key]) }
        for key in numbers { expect("number", field[key]) }
        for key in booleans { expect("boolean", field[key]) }
        let local = field["local_protocol"]
        var upstream = field["upstream_protocol"]
        // The default is local_protocol, so that a mistake there is a mistake here too.
        if upstream.node == nil { upstream = Field(name: upstream.name, path: local.path, node: local.node) }
        expectOne(of: ["http", "https"], local)
        expectOne(of: ["http", "https"], upstream)
    }

    /// The predecessor of `assets`.
    mutating func checkSite(_ field: Field, in level: Level) {
        guard expect("object", field) else { return }
        reportUnknown(in: field, scope: "site", allowed: ["bucket", "include", "exclude", "entry-point"])
        require("string", field["bucket"])
        expectList(of: "string", field["include"])
        expectList(of: "string", field["exclude"])
        let entry = field["entry-point"]
        expect("string", entry)
        let main = level.written("main").node
        if entry.node != nil || main == nil {
            report(
                .deprecatedField, as: .warning, at: entry.path, ["field": .text("site.entry-point")],
                "site.entry-point is deprecated.", hint: "Set main at the top level instead.")
        }
        if entry.node != nil && main != nil {
            report(
                .mutuallyExclusive, at: entry.path, ["fields": .list(["main", "site.entry-point"])],
                "Only one of main and site.entry-point may be set.", hint: "Delete site.entry-point.")
        }
    }
}
