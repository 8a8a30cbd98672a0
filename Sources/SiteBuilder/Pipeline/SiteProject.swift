/// A site folder with its configuration read: where every command about the site begins.
public struct SiteProject: Sendable {
    /// The absolute path of the project: tools, caches and output belong here.
    public var root: String
    /// The absolute path of the site folder.
    public var folder: String
    /// What problems call the site folder: its path relative to the root if it lies below it.
    public var name: String
    public var configuration: SiteConfiguration
    /// The text of `site.toml`, for problems that show its lines.
    public var configurationText: String

    /// Reads `site.toml`.
    ///
    /// - Parameters:
    ///   - root: An absolute path.
    ///   - site: The site folder, relative to the root or absolute.
    /// - Throws: `BuildFailure` with everything that is wrong in it.
    public static func load(root: String, site: String = "site") throws(BuildFailure) -> SiteProject {
        let named = site.hasSuffix("/") && site.count > 1 ? String(site.dropLast()) : site
        let folder = named.hasPrefix("/") ? named : "\(root)/\(named)"
        let name = folder.hasPrefix(root + "/") ? String(folder.dropFirst(root.count + 1)) : folder
        let file = name + "/site.toml"
        let bytes: [UInt8]?
        do { bytes = try Files.readIfPresent(folder + "/site.toml") } catch { throw BuildFailure([error.diagnostic()]) }
        guard let bytes else {
            throw BuildFailure([
                Diagnostic(
                    file: file, message: "There is no such file.",
                    hint: "Run this in the project's folder, or name the site folder with --site.")
            ])
        }
        let configuration = try SiteConfiguration.read(bytes, file: file) {
            Files.kind("\(folder)/\($0)", followingLinks: true) == .file
        }
        return SiteProject(
            root: root, folder: folder, name: name, configuration: configuration,
            configurationText: String(decoding: bytes, as: UTF8.self))
    }

    /// Where results are kept between builds. Deleting it costs time and nothing else.
    public var cacheFolder: String { root + "/.lilypad/cache" }

    /// The output folder of a build, relative to the root or absolute.
    public func outputFolder(_ path: String) -> String {
        let named = path.hasSuffix("/") && path.count > 1 ? String(path.dropLast()) : path
        return named.hasPrefix("/") ? named : "\(root)/\(named)"
    }
}
