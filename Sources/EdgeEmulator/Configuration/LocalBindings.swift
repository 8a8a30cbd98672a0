import EdgeServer
import Workers
import WranglerConfig

/// The bindings of `wrangler.toml` as the emulator fills them.
enum LocalBindings {
    /// - Parameters:
    ///   - local: the stores.
    ///   - release: the application's version.
    ///   - started: seconds since 1970.
    /// - Throws: `StartFailure` for a setting that a binding refuses.
    static func make(
        _ settings: EmulatorSettings, site: LiveSite, local: LocalServices, release: String, started: Double
    ) throws -> [String: Bindings.Value] {
        var values = try local.bindings(settings.config)
        for (name, variable) in settings.variables.variables {
            switch variable {
            case .plain(let text): values[name] = .text(text)
            case .secret(let secret): values[name] = .text(secret.reveal())
            case .json(let node): values[name] = .json(JSON(node))
            }
        }
        if let name = settings.config.assets?.binding { values[name] = .assets(SiteAssets(site)) }
        if let name = settings.config.settings["version_metadata"]?["binding"]?.string {
            values[name] = .versionMetadata(
                VersionMetadata {
                    VersionMetadata.Version(id: site.current.bundleHash ?? "", tag: release, timestamp: started)
                })
        }
        return values
    }
}

extension JSON {
    /// A value of a TOML file; tables in the order of their names.
    init(_ node: TOMLNode) {
        switch node {
        case .string(let text): self = .string(text)
        case .integer(let number): self = .integer(Int(number))
        case .float(let number): self = .number(number)
        case .boolean(let flag): self = .bool(flag)
        case .date(let text): self = .string(text)
        case .array(let items): self = .array(items.map(JSON.init))
        case .table(let table):
            self = .object(table.sorted { $0.key < $1.key }.map { JSON.Member($0.key, JSON($0.value)) })
        }
    }
}
