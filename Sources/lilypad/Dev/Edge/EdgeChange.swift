/// What a changed file outside the site means for the edge.
enum EdgeChange: Int, Comparable {
    case nothing
    /// Part of this very program: a running one cannot take it in.
    case ourselves
    /// Read when the edge starts.
    case restart
    /// Compiled into the edge.
    case build

    static func < (left: EdgeChange, right: EdgeChange) -> Bool { left.rawValue < right.rawValue }

    /// - Parameters:
    ///   - path: relative to the project root.
    ///   - configuration: the configuration file, relative to the project root.
    static func of(_ path: String, configuration: String = "wrangler.toml") -> EdgeChange {
        // `.dev.vars` and `.dev.vars.<environment>` lie beside the configuration.
        if path == configuration || path == ".dev.vars" || path.hasPrefix(".dev.vars.") { return .restart }
        if path == "Package.swift" || path.hasPrefix("edge/") { return .build }
        guard path.hasPrefix("Sources/") else { return .nothing }
        let isOurs = path.hasPrefix("Sources/SiteBuilder/") || path.hasPrefix("Sources/lilypad/")
        return isOurs ? .ourselves : .build
    }
}
