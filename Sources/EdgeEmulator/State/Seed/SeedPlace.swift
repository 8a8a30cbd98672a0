import Foundation
import Workers

/// A value in a seed file and where it stands there, so that whoever wrote the file finds the fault.
struct SeedPlace {
    struct Member {
        var name: String
        var place: SeedPlace
    }

    /// `kv.SESSIONS["user:1"].metadata`; empty for the whole file.
    var path: String
    var value: JSON

    func fault(_ sentence: String) -> Problem {
        let place = path.isEmpty ? "The seed file" : path + ":"
        return Problem(.unprocessableContent, code: "bad_seed", "\(place) \(sentence).")
    }

    func at(_ name: String) -> SeedPlace {
        SeedPlace(path: SeedPlace.step(path, name), value: value[name] ?? .null)
    }

    func members(_ what: String) throws(Problem) -> [Member] {
        guard let members = value.members else { throw fault("has to be \(what)") }
        return members.map { member in
            Member(
                name: member.name,
                place: SeedPlace(path: SeedPlace.step(path, member.name), value: member.value))
        }
    }

    /// Refuses members that nothing would come of.
    func only(_ names: [String], _ what: String) throws(Problem) {
        for member in try members(what) where !names.contains(member.name) {
            throw member.place.fault("is not known here; there are \(names.joined(separator: ", "))")
        }
    }

    func optional<Value>(_ name: String, _ what: String, _ read: (JSON) -> Value?) throws(Problem) -> Value? {
        guard let value = value[name], !value.isNull else { return nil }
        guard let read = read(value) else { throw at(name).fault("has to be \(what)") }
        return read
    }

    func base64(_ text: String) throws(Problem) -> [UInt8] {
        guard let data = Data(base64Encoded: text) else { throw fault("is not base64") }
        return Array(data)
    }

    func name(_ name: String, of kind: String, in known: [String: String]) throws(Problem) -> String {
        if let found = known[name] { return found }
        let names = known.keys.sorted().prefix(20).joined(separator: ", ")
        throw fault("is no \(kind) here; there is \(names.isEmpty ? "none" : names)")
    }

    /// A refusal of the store's own rules, with the place.
    func refusing<Value>(_ check: () throws -> Value) throws(Problem) -> Value {
        do {
            return try check()
        } catch let error as WorkersError {
            throw fault(error.message.hasSuffix(".") ? String(error.message.dropLast()) : error.message)
        } catch {
            throw fault("\(error)")
        }
    }

    private static func step(_ path: String, _ name: String) -> String {
        let isPlain =
            !name.isEmpty
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == 0x5F || byte == 0x2D
            }
        guard isPlain else { return "\(path)[\(JSON.string(name).text)]" }
        return path.isEmpty ? name : "\(path).\(name)"
    }
}
