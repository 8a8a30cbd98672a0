/// `site/public`: files that are published as they are.
struct PublicFolder: Sendable {
    /// Everything but the three files below, dot-files included, sorted by path.
    var files: [OutputFile] = []
    /// The user's own rules, which the build merges with its own.
    var headers: [UInt8]?
    var redirects: [UInt8]?
    var assetsIgnore: [UInt8]?

    /// - Parameters:
    ///   - folder: Where it is.
    ///   - name: What problems call it: `site/public`.
    /// - Throws: `BuildFailure` with every file that cannot be published.
    static func read(_ folder: String, name: String) throws(BuildFailure) -> PublicFolder {
        var found = PublicFolder()
        guard Files.kind(folder, followingLinks: true) != nil else { return found }
        var problems: [Diagnostic] = []
        walk(folder, root: folder, name: name, below: "", into: &found, &problems)
        guard problems.isEmpty else { throw BuildFailure(problems) }
        // The walk goes folder by folder, in which `a-b` comes before `a/b` or not as the listing has it.
        found.files.sort { Files.bytewise($0.path, $1.path) }
        return found
    }

    private static func walk(
        _ folder: String, root: String, name: String, below prefix: String, into found: inout PublicFolder,
        _ problems: inout [Diagnostic]
    ) {
        do throws(FileFailure) {
            for entry in try Files.list(folder) {
                let path = prefix + entry.name
                let place = "\(folder)/\(entry.name)"
                var kind = entry.kind
                if kind == .link {
                    switch Files.kind(place, followingLinks: true) {
                    case .file where !staysInside(place, root):
                        problems.append(
                            Diagnostic(
                                file: "\(name)/\(path)", message: "The link leads out of the site folder.",
                                hint: "Copy the file, so that what is published is in the repository."))
                        continue
                    case .file: kind = .file
                    case .folder:
                        problems.append(
                            Diagnostic(
                                file: "\(name)/\(path)", message: "Linked folders are not published.",
                                hint: "Asset servers skip them. Copy the folder, or link the files in it."))
                        continue
                    default:
                        problems.append(
                            Diagnostic(
                                file: "\(name)/\(path)", message: "The link leads nowhere.",
                                hint: "Remove it or restore its target."))
                        continue
                    }
                }
                switch kind {
                case .folder: walk(place, root: root, name: name, below: path + "/", into: &found, &problems)
                case .file:
                    let bytes = try Files.read(place)
                    switch path {
                    case "_headers": found.headers = bytes
                    case "_redirects": found.redirects = bytes
                    case ".assetsignore": found.assetsIgnore = bytes
                    default: found.files.append(OutputFile(path: path, bytes: bytes))
                    }
                default:
                    problems.append(
                        Diagnostic(
                            file: "\(name)/\(path)", message: "Only files and folders can be published.",
                            hint: "Remove it: it is a socket, a pipe or a device."))
                }
            }
        } catch {
            problems.append(error.diagnostic())
        }
    }

    /// Whether a link's target lies in the site, one folder above `site/public`: anything else of the machine that a link
    /// happens to reach must not become public.
    private static func staysInside(_ link: String, _ root: String) -> Bool {
        guard let target = Files.resolved(link), let site = Files.resolved(root + "/..") else { return false }
        return target.hasPrefix(site + "/")
    }
}
