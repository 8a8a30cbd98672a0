import Foundation
import Workers

/// The files that a seed file names: read where the command runs, so that an emulator reads no paths that it is sent.
enum SeedAttachments {
    /// - Parameter folder: what relative paths are relative to.
    /// - Returns: the seed file with the content of files in place of their paths.
    /// - Throws: `Problem` with the place of a path that cannot be read.
    static func filled(_ json: JSON, folder: String) throws(Problem) -> JSON {
        guard let areas = json.members, let buckets = json["r2"]?.members else { return json }
        var filledBuckets: [JSON.Member] = []
        for bucket in buckets {
            guard let objects = bucket.value.members else { return json }
            var filledObjects: [JSON.Member] = []
            for object in objects {
                let place = SeedPlace(path: "r2", value: .null).at(bucket.name).at(object.name).at("file")
                filledObjects.append(.init(object.name, try read(object.value, place, folder)))
            }
            filledBuckets.append(.init(bucket.name, .object(filledObjects)))
        }
        return .object(areas.map { $0.name == "r2" ? .init("r2", .object(filledBuckets)) : $0 })
    }

    private static func read(_ object: JSON, _ place: SeedPlace, _ folder: String) throws(Problem) -> JSON {
        guard let members = object.members, let path = object["file"]?.string else { return object }
        let file = path.hasPrefix("/") || folder.isEmpty ? path : "\(folder)/\(path)"
        guard let data = FileManager.default.contents(atPath: file) else {
            throw place.fault("names \(file), which cannot be read")
        }
        return .object(
            members.map { $0.name == "file" ? .init("base64", .string(data.base64EncodedString())) : $0 })
    }
}
