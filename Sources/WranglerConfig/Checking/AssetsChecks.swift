extension ConfigReport {
    /// What is wrong with `[assets]` for a command that serves or deploys them.
    ///
    /// These checks come after reading, since `--assets` may fill in for the file, and a build may have to run first.
    /// The rules in a `run_worker_first` list are checked where they are compiled.
    ///
    /// - Parameters:
    ///   - directory: the absolute folder behind `--assets`, which wins over the file.
    ///   - files: where the folder is looked up.
    public func assetProblems(directory: String? = nil, files: ConfigFiles = .disk) -> [ConfigProblem] {
        guard let config, let document, config.assets != nil || directory != nil else { return [] }
        var checker = ConfigChecker(document: document, file: shownFile, folder: config.folder, files: files)
        checker.checkAssetsInUse(config, at: assetsPath, directory: directory)
        return checker.sortedProblems()
    }

    /// The table that counts: the environment's own or the top level's.
    private var assetsPath: [TOMLKey] {
        guard let environment = config?.environment, document?.root["env"]?[environment]?["assets"] != nil else {
            return ["assets"]
        }
        return ["env", .key(environment), "assets"]
    }
}

extension ConfigChecker {
    mutating func checkAssetsInUse(_ config: WranglerConfig, at path: [TOMLKey], directory: String?) {
        checkDirectory(config, at: path, override: directory)
        guard let assets = config.assets else { return }
        var isAlways = false
        var isList = false
        switch assets.runWorkerFirst {
        case .always(let value)?: isAlways = value
        case .routes?: isList = true
        case nil: break
        }
        let first = path + ["run_worker_first"]
        if config.main == nil {
            if isAlways || isList {
                report(
                    .runWorkerFirstNeedsMain, at: first, [:], "run_worker_first needs a Worker, and main is not set.")
            }
            if assets.binding != nil {
                report(
                    .assetsBindingNeedsMain, at: path + ["binding"], [:],
                    "assets.binding needs a Worker to bind to, and main is not set.")
            }
        }
        if isAlways && assets.binding == nil {
            report(
                .runWorkerFirstWithoutBinding, as: .warning, at: first, [:],
                "Every request goes to the Worker, which cannot reach the assets.",
                hint: "Set assets.binding, or list the paths that the Worker should have.")
        }
        if isAlways && config.placement?.mode == "smart" {
            report(
                .smartPlacementWithWorkerFirst, as: .warning, at: first, [:],
                "With smart placement the Worker may run far from the visitor, and every asset with it.")
        }
    }

    private mutating func checkDirectory(_ config: WranglerConfig, at path: [TOMLKey], override: String?) {
        let place = path + ["directory"]
        guard let directory = override ?? config.assets?.directoryPath else {
            report(
                .assetsDirectoryMissing, at: place, ["field": .text("assets.directory")],
                "assets has no directory.", hint: "Set directory = \"./dist/public\", or use --assets.")
            return
        }
        let source = override == nil ? "assets.directory" : "--assets"
        switch files.kind(directory) {
        case .folder: break
        case .file:
            report(
                .assetsDirectoryIsFile, at: override == nil ? place : [], ["field": .text(source)],
                "\(source) names a file: \(directory).")
        case nil:
            report(
                .assetsDirectoryNotFound, at: override == nil ? place : [], ["field": .text(source)],
                "\(source) names a folder that does not exist: \(directory).",
                hint: "Run `lilypad build`, which makes it, or name another folder with --assets.")
        }
    }
}
