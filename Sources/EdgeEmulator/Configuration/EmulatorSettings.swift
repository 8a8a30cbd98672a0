import EdgeServer
import Foundation
import StaticAssets
import WranglerConfig

/// What a start needs to know, from the configuration and the command line, checked.
struct EmulatorSettings {
    var config: WranglerConfig
    /// Absolute; nil when the configuration has no assets.
    var assetsFolder: String?
    var assets: AssetSettings
    var variables: DevelopmentVariables
    /// Where the bindings keep what they store, absolute.
    var stateFolder: String
    /// What the person at the terminal should hear, each rendered.
    var warnings: [String]

    /// - Throws: `StartFailure` with every problem of the configuration.
    init(_ options: EmulatorOptions) throws {
        let flag = options.assets.map { $0.hasPrefix("/") ? $0 : options.currentFolder + "/" + $0 }
        let report: ConfigReport
        do {
            report = try WranglerConfig.load(
                config: options.config, environment: options.environment, from: options.currentFolder,
                process: options.process)
            config = try report.get()
        } catch {
            throw StartFailure(error.description)
        }
        let assetProblems = report.assetProblems(directory: flag)
        let errors = assetProblems.filter { $0.severity == .error }
        if !errors.isEmpty { throw StartFailure(errors.map { $0.rendered() }.joined(separator: "\n")) }
        warnings = (report.warnings + report.advice + assetProblems).map { $0.rendered() }

        var variableOptions = DevelopmentVariables.Options(process: options.process)
        for argument in options.variables {
            guard let (key, value) = DevelopmentVariables.override(argument) else {
                throw StartFailure("--var takes KEY:VALUE; “\(argument)” has no colon behind a name.")
            }
            variableOptions.overrides[key] = value
        }
        variables = DevelopmentVariables.load(
            for: config, options: variableOptions, currentFolder: options.currentFolder)
        warnings += variables.warnings

        assets = try EmulatorSettings.assets(of: config)
        assetsFolder = flag ?? config.assets?.directoryPath
        stateFolder =
            options.persistTo.map { $0.hasPrefix("/") ? $0 : options.currentFolder + "/" + $0 }
            ?? config.folder + "/.lilypad/state"
    }

    /// `[dev] ip`; `localhost` stands for both loopback addresses, as the default does, and `*` for all addresses.
    var configuredHost: String? {
        switch config.dev.ip {
        case "localhost": nil
        case "*": "0.0.0.0"
        default: config.dev.ip
        }
    }

    private static func assets(of config: WranglerConfig) throws -> AssetSettings {
        let navigation = AssetSettings.navigationPrefersAssets(
            compatibilityDate: config.compatibilityDate, flags: config.compatibilityFlags)
        guard let table = config.assets else { return AssetSettings(navigationPrefersAssets: navigation) }
        return AssetSettings(
            htmlHandling: HTMLHandling(rawValue: table.htmlHandling.rawValue) ?? .autoTrailingSlash,
            notFoundHandling: NotFoundHandling(rawValue: table.notFoundHandling.rawValue) ?? .none,
            runWorkerFirst: try workerFirst(table.runWorkerFirst, file: config.file),
            navigationPrefersAssets: navigation)
    }

    private static func workerFirst(
        _ setting: WranglerConfig.Assets.WorkerFirst?, file: String
    ) throws -> RunWorkerFirst {
        switch setting {
        case nil: return .never
        case .always(let always): return always ? .always : .never
        case .routes(let routes):
            do {
                return .rules(try WorkerFirstRules(routes))
            } catch {
                let lines = error.problems.map { "\(file): assets.run_worker_first: \($0.message)" }
                throw StartFailure(lines.joined(separator: "\n"))
            }
        }
    }
}
