import EdgeServer
import Foundation
import Workers

extension EmulatorOptions {
    /// The members of `--cf`.
    ///
    /// - Throws: `StartFailure` for a file that cannot be read or is no JSON object.
    func cfMembers() throws -> [JSON.Member] {
        guard let cf else { return [] }
        let path = cf.hasPrefix("/") ? cf : currentFolder + "/" + cf
        guard let data = FileManager.default.contents(atPath: path) else {
            throw StartFailure("The file of --cf cannot be read: \(path)")
        }
        do {
            if let members = try JSON(parsing: Array(data)).members { return members }
        } catch {
            throw StartFailure("\(path) is not JSON. \(error)")
        }
        throw StartFailure("\(path) has to be a JSON object, such as {\"country\": \"DE\"}.")
    }
}
