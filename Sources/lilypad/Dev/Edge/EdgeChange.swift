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
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        let variables = folder(of: configuration)
        if path == configuration { return .restart }
        if folder == variables, path.hasPrefix(variables.isEmpty ? ".dev.vars" : variables + "/.dev.vars") { return .restart }
        if path == "Package.swift" || path.hasPrefix("edge/") { return .build }
        guard path.hasPrefix("Sources/") else { return .nothing }
        let isOurs = path.hasPrefix("Sources/SiteBuilder/") || path.hasPrefix("Sources/lilypad/")
        return isOurs ? .ourselves : .build
    }

    private static func folder(of path: String) -> String {
        path.split(separator: "/").dropLast().joined(separator: "/")
    }
}
