/// Makes the tree of effective settings: what counts for the selected environment, with defaults filled in and paths
/// resolved.
struct Settings {
    let level: Level
    /// The folder of the configuration file.
    let folder: String
    /// The folder in which the command runs.
    let currentFolder: String
    let files: ConfigFiles
    /// The environment that was asked for, even if the file does not have it.
    let environment: String?

    func tree() -> [String: TOMLNode] {
        var tree: [String: TOMLNode] = [:]
        for rule in KeyTable.rules where rule.name != "env" {
            tree[rule.name] = value(of: rule)
        }
        tree["topLevelName"] = (level.top ?? level.root).node?["name"]
        tree["targetEnvironment"] = environment.map { .string($0) }
        return tree
    }

    private func value(of rule: KeyRule) -> TOMLNode? {
        let node = level.effective(rule.name).node
        switch rule.name {
        case "name": return name()
        case "main", "base_dir", "pages_build_output_dir":
            return node?.string.map { .string(FilePath.resolve($0, from: folder)) } ?? node
        case "account_id", "route": return node == .string("") ? nil : node
        case "triggers", "vars", "define", "exports", "unsafe", "cloudchamber": return node ?? .table([:])
        case "compatibility_flags", "migrations", "connect", "rules": return node ?? .array([])
        case "durable_objects": return node ?? .table(["bindings": .array([])])
        case "queues": return node ?? .table(["producers": .array([]), "consumers": .array([])])
        case "jsx_factory": return node ?? .string("React.createElement")
        case "jsx_fragment": return node ?? .string("React.Fragment")
        case "containers": return containers()
        case "build": return build()
        case "dev": return dev()
        default:
            if case .bindings = rule.check { return node ?? .array([]) }
            return node
        }
    }

    /// Environments are Workers of their own: without a name of theirs they get the top level's with a suffix.
    private func name() -> TOMLNode? {
        let own = level.written("name").node
        guard let environment, level.environment == nil || own == nil else { return own }
        let top = (level.top ?? level.root).node?["name"]
        guard let text = top?.string, !text.isEmpty else { return nil }
        return .string("\(text)-\(environment)")
    }

    private func containers() -> TOMLNode? {
        let field = level.effective("containers")
        guard let array = field.node?.array else { return nil }
        return .array(array.map { container in .table(self.container(container.table ?? [:])) })
    }

    private func container(_ written: [String: TOMLNode]) -> [String: TOMLNode] {
        var container = written
        if (written["name"]?.string ?? "").isEmpty, let className = written["class_name"]?.string,
            let worker = level.effective("name").node?.string
        {
            let name = ConfigChecker.defaultContainerName(
                worker: worker, className: className, environment: level.environment)
            container["name"] = .string(name)
        }
        let image = written["image"] ?? written["configuration"]?["image"]
        container["image"] = image
        let context = container.removeValue(forKey: "image_build_context")
        if let path = image?.string, !path.isEmpty {
            let file = FilePath.resolve(path, from: folder)
            guard files.kind(file) == .file else { return container }
            container["image"] = .string(file)
            let contextPath = context?.string.map { FilePath.resolve($0, from: folder) }
            container["image_build_context"] = .string(contextPath ?? FilePath.parent(file))
        }
        return container
    }

    /// Watched folders are relative to the file; commands want them relative to where they run. Without a command there
    /// is nothing to watch for, and the value stays as it is.
    private func build() -> TOMLNode {
        var build = level.effective("build").node?.table ?? [:]
        let watched = build["watch_dir"] ?? .string("./src")
        build["watch_dir"] = watched
        guard let command = build["command"]?.string, !command.isEmpty else { return .table(build) }
        func relative(_ node: TOMLNode) -> TOMLNode {
            guard let path = node.string else { return node }
            return .string(FilePath.relative(FilePath.resolve(path, from: folder), to: currentFolder))
        }
        build["watch_dir"] = watched.array.map { .array($0.map(relative)) } ?? relative(watched)
        return .table(build)
    }

    private func dev() -> TOMLNode {
        var dev = level.effective("dev").node?.table ?? [:]
        dev["ip"] = dev["ip"] ?? .string("localhost")
        dev["local_protocol"] = dev["local_protocol"] ?? .string("http")
        dev["upstream_protocol"] = dev["upstream_protocol"] ?? dev["local_protocol"]
        dev["enable_containers"] = dev["enable_containers"] ?? .boolean(true)
        dev["generate_types"] = dev["generate_types"] ?? .boolean(false)
        return .table(dev)
    }
}
