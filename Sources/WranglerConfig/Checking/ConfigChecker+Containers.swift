extension ConfigChecker {
    static let instanceTypes = [
        "lite", "basic", "standard-1", "standard-2", "standard-3", "standard-4", "dev", "standard",
    ]
    private static let regions = ["ENAM", "WNAM", "EEUR", "WEUR", "APAC", "SAM", "ME", "OC", "AFR"]
    private static let containerKeys = [
        "name", "instances", "max_instances", "image", "image_build_context", "image_vars", "class_name",
        "scheduling_policy", "instance_type", "ssh", "wrangler_ssh", "authorized_keys", "trusted_user_ca_keys",
        "configuration", "constraints", "affinities", "rollout_step_percentage", "rollout_kind", "durable_objects",
        "rollout_active_grace_period", "unsafe",
    ]

    /// The application name of a container that does not choose one: `<worker>-<class>[-<env>]`.
    static func defaultContainerName(worker: String, className: String, environment: String?) -> String {
        var name = "\(worker)-\(className)"
        if let environment { name += "-\(environment)" }
        return String(name.lowercased().map { $0 == " " ? "-" : $0 })
    }

    mutating func checkContainers(_ field: Field, in level: Level) {
        guard expect("array", field) else { return }
        for entry in field.elements {
            // Cloudflare names containers without their number; the place tells which is meant.
            let container = entry.named("containers")
            guard expect("object", container) else { continue }
            checkContainerName(container, in: level)
            checkImage(container)
            checkRollout(container)
            checkInstances(container)
            checkConstraints(container["constraints"])
            reportDeprecated(container)
            reportUnknown(in: container, scope: "containers", allowed: Self.containerKeys)
        }
    }

    private mutating func checkContainerName(_ container: Field, in level: Level) {
        expect("string", container["class_name"])
        expect("string", container["name"])
        if let name = container.node?["name"], name != .string("") { return }
        if container.node?["class_name"] == nil {
            report(
                .containerNameRequired, at: container.path, [:],
                "A container needs a class_name, or a name that exports can refer to.")
        } else if (level.effective("name").node?.string ?? "").isEmpty {
            report(
                .containerNameRequired, at: container.path, [:],
                "A container needs a name, because the Worker has none to derive it from.",
                hint: "Set name at the top level.")
        }
    }

    // MARK: Images

    /// Whether the image is a file beside the configuration, to be built, or a reference to be pulled.
    private mutating func checkImage(_ container: Field) {
        expect("string", container["image_build_context"])
        expect("object", container["image_vars"])
        let image = container.node?["image"] == nil ? container["configuration"]["image"] : container["image"]
        guard let text = image.node?.string, !text.isEmpty else {
            if image.node == nil || image.node == .string("") {
                report(
                    .containerImageRequired, at: container.path, [:], "A container needs an image.",
                    hint: "Name a Dockerfile beside this file, or an image with its tag.")
            } else {
                wrongType(image, "string")
            }
            return
        }
        switch files.kind(FilePath.resolve(text, from: folder)) {
        case .file: return
        case .folder: invalidImage(image, "is a folder", hint: "Name the Dockerfile in it.")
        case nil:
            guard let fault = Self.fault(ofImage: text) else { return }
            invalidImage(image, fault.text, hint: fault.hint)
        }
    }

    private mutating func invalidImage(_ image: Field, _ fault: String, hint: String?) {
        let text = image.node?.string ?? ""
        report(.containerImageInvalid, at: image.path, [:], "The image \"\(text)\" \(fault).", hint: hint)
    }

    private static func fault(ofImage text: String) -> (text: String, hint: String?)? {
        if text.contains("://") {
            let scheme = text.split(separator: "/", maxSplits: 1).first.map { "\($0)//" } ?? ""
            return ("has a scheme, which image references do not have", "Leave out \(scheme).")
        }
        let isPlain = text.allSatisfy { $0.isASCII && !$0.isWhitespace && !"<>\"{}|\\^`".contains($0) }
        let last = text.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        if !isPlain { return ("is neither a file beside this one nor an image reference", nil) }
        if !last.contains(":") {
            let hint = "If it is an image, add its tag, as in docker.io/httpd:2.4."
            return ("is no file beside this one, and has no tag", hint)
        }
        return nil
    }

    // MARK: Rollout and size

    private mutating func checkRollout(_ container: Field) {
        expectOne(of: ["full_auto", "full_manual", "none"], container["rollout_kind"])
        let grace = container["rollout_active_grace_period"]
        if let node = grace.node, node.number.map({ $0 < 0 }) ?? true {
            report(
                .containerGracePeriodNegative, at: grace.path, ["field": .text(grace.name)],
                "\(grace.name) must be a number of seconds from 0.")
        }
        let steps = container["rollout_step_percentage"]
        guard let node = steps.node else { return }
        if let fault = Self.fault(ofSteps: node, instances: container.node?["max_instances"]?.number) {
            report(
                .containerRolloutSteps, at: steps.path, ["field": .text(steps.name)], "\(steps.name) \(fault).",
                hint: "For example [10, 100].")
        }
    }

    private static func fault(ofSteps node: TOMLNode, instances: Double?) -> String? {
        if let step = node.number {
            return [5, 10, 20, 25, 50, 100].contains(step) ? nil : "must be 5, 10, 20, 25, 50 or 100"
        }
        guard let array = node.array else { return "must be a number or a list of numbers" }
        let steps = array.compactMap(\.number)
        if steps.count != array.count { return "may only have numbers" }
        if steps.contains(where: { $0 < 10 || $0 > 100 }) { return "may only have numbers from 10 to 100" }
        if steps != steps.sorted() { return "must ascend" }
        if let last = steps.last, last != 100 { return "must end with 100" }
        if let instances, Double(steps.count) > instances { return "has more steps than max_instances" }
        return nil
    }

    private mutating func checkInstances(_ container: Field) {
        expectOne(of: ["regional", "moon", "default"], container["scheduling_policy"])
        let maximum = container["max_instances"]
        if expect("number", maximum), let number = maximum.node?.number, number < 0 {
            report(
                .containerMaxInstancesNegative, at: maximum.path, ["field": .text(maximum.name)],
                "\(maximum.name) must not be negative.")
        }
        let type = container["instance_type"]
        guard let node = type.node else { return }
        guard let name = node.string else {
            guard expect("object", type) else { return }
            let keys = ["vcpu", "memory_mib", "disk_mb"]
            for key in keys { expect("number", type[key]) }
            reportUnknown(in: type, scope: type.name, allowed: keys)
            return
        }
        expectOne(of: Self.instanceTypes, type)
        let renamed = ["dev": "lite", "standard": "standard-1"]
        if let new = renamed[name] {
            report(
                .containerInstanceTypeRenamed, as: .warning, at: type.path, ["from": .text(name), "to": .text(new)],
                "The instance type \"\(name)\" is now called \"\(new)\".", hint: "Write \"\(new)\".")
        }
    }

    private mutating func checkConstraints(_ field: Field) {
        guard field.node != nil, expect("object", field) else { return }
        expectList(of: "number", field["tiers"])
        expect("string", field["jurisdiction"])
        expectList(of: "string", field["regions"])
        if field.node?["tier"] != nil {
            report(
                .deprecatedField, as: .warning, at: field["tier"].path, ["field": .text("constraints.tier")],
                "\(field.name).tier is deprecated.", hint: "Write tiers, a list.")
            if field.node?["tiers"] != nil { invalidConstraint(field["tier"], "cannot stand beside tiers") }
        }
        if let text = field.node?["jurisdiction"]?.string, !["eu", "fedramp", ""].contains(text) {
            invalidConstraint(field["jurisdiction"], "must be \"eu\" or \"fedramp\"")
        }
        for region in field["regions"].elements {
            guard let text = region.node?.string, !Self.regions.contains(text.uppercased()) else { continue }
            invalidConstraint(region, "must be one of \(Self.regions.joined(separator: ", "))")
        }
    }

    private mutating func invalidConstraint(_ field: Field, _ fault: String) {
        report(.containerConstraints, at: field.path, ["field": .text(field.name)], "\(field.name) \(fault).")
    }

    private mutating func reportDeprecated(_ container: Field) {
        let successors = [
            ("configuration", "image and instance_type"), ("instances", "max_instances"),
            ("durable_objects", "class_name"), ("wrangler_ssh", "ssh"),
        ]
        for (key, successor) in successors where container.node?[key] != nil {
            let field = container[key]
            report(
                .deprecatedField, as: .warning, at: field.path, ["field": .text(field.name)],
                "\(field.name) is deprecated.", hint: "Use \(successor).")
        }
        let old = container["configuration"]
        guard old.node != nil, expect("object", old) else { return }
        let limits = ["disk", "vcpu", "memory_mib"]
        if container.node?["instance_type"] != nil && limits.contains(where: { old.node?[$0] != nil }) {
            report(
                .containerLimitsTwice, at: old.path, [:],
                "A container has its size in configuration and in instance_type.", hint: "Keep instance_type.")
        }
        reportUnknown(in: old, scope: old.name, allowed: ["image", "secrets", "labels"] + limits)
    }

    // MARK: Links to Durable Objects

    /// Each container backs one Durable Object class, which either of the two names.
    mutating func checkContainerLinks(_ level: Level) {
        let containers = level.effective("containers").elements
        reportRepeated(containers, key: "name", "Two containers are named")
        reportRepeated(containers, key: "class_name", "Two containers are attached to the class")
        let exports = level.effective("exports")
        let linked = Set(exports.keys.compactMap { exports.node?[$0]?["container"]?.string })
        for container in containers where container.node?["class_name"] == nil {
            guard let name = container.node?["name"]?.string, !linked.contains(name) else { continue }
            report(
                .containerNotLinked, at: container.path, ["name": .text(name)],
                "No Durable Object uses the container \(name).",
                hint: "Set its class_name, or container in the class's entry of exports.")
        }
        // Environments inherit exports but not containers, so a link may only resolve at the other level.
        guard !containers.isEmpty else { return }
        let names = Set(containers.compactMap { $0.node?["name"]?.string })
        for className in exports.keys.sorted() {
            guard let name = exports.node?[className]?["container"]?.string, !name.isEmpty else { continue }
            let ownName = containers.contains { container in
                guard container.node?["name"] == nil, let worker = level.effective("name").node?.string else {
                    return false
                }
                let own = container.node?["class_name"]?.string ?? ""
                let made = Self.defaultContainerName(worker: worker, className: own, environment: level.environment)
                return made == name
            }
            if !names.contains(name) && !ownName {
                invalidExport(exports[className]["container"], "names a container that does not exist")
            }
        }
    }

    private mutating func reportRepeated(_ containers: [Field], key: String, _ sentence: String) {
        var seen: Set<String> = []
        for container in containers {
            guard let text = container.node?[key]?.string, !seen.insert(text).inserted else { continue }
            report(
                .containerNotUnique, at: container[key].path, ["key": .text(key), "name": .text(text)],
                "\(sentence) \(text).")
        }
    }
}
