import Foundation

/// What is watched for the sake of an asset folder: the folder with everything below it, and the manifest beside it.
///
/// A build puts a new output folder (`dist`, around `dist/public`) in the place of the old one, which only the folder
/// around that sees. Everything else there is nobody's business here.
struct WatchScope: Sendable {
    /// The folder around the output folder.
    let root: String
    /// The folder around the asset folder: what can be watched if `root` is closed to this user.
    let output: String
    private let folder: String
    private let manifest: String

    /// - Parameter folder: an absolute path without `.`, `..` and a slash at its end.
    init(folder: String) {
        self.folder = folder
        output = (folder as NSString).deletingLastPathComponent
        root = (output as NSString).deletingLastPathComponent
        manifest = (output as NSString).appendingPathComponent("manifest.json")
    }

    func contains(_ path: String) -> Bool {
        path == root || path == output || path == folder || path == manifest || path.hasPrefix(folder + "/")
    }
}
