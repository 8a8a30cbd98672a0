import Foundation
import Testing
import Workers

/// One case of a file of vectors: a state, steps, and what each step must give.
struct VectorCase: Sendable, CustomTestStringConvertible {
    let id: String
    let note: String
    let given: JSON
    let when: JSON
    let then: JSON

    var testDescription: String { note.isEmpty ? id : "\(id): \(note)" }

    /// The steps beside their expectations, for areas whose cases are lists.
    var steps: [(step: JSON, expected: JSON)] {
        Array(zip(when.array ?? [], then.array ?? [])).map { (step: $0.0, expected: $0.1) }
    }
}

/// A vector file in `Tests/Vectors`, or in the folder that `VECTORS_DIR` names.
struct VectorFile: Sendable {
    let name: String
    let path: String

    init(_ name: String) {
        self.name = name
        let folder =
            ProcessInfo.processInfo.environment["VECTORS_DIR"]
            ?? URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Vectors").path
        path = folder + "/" + name
    }

    var exists: Bool { FileManager.default.fileExists(atPath: path) }
    var missing: Comment { "\(name) is not in this folder of vectors" }

    /// Empty when the file is missing; a file that is there but not as announced fails the run loudly.
    var cases: [VectorCase] {
        guard exists else { return [] }
        do {
            let file = try JSON(parsing: Array(Data(contentsOf: URL(filePath: path))))
            let cases = (file["cases"]?.array ?? []).map { entry in
                VectorCase(
                    id: entry["id"]?.string ?? "without id", note: entry["note"]?.string ?? "",
                    given: entry["given"] ?? .null, when: entry["when"] ?? .null, then: entry["then"] ?? .null)
            }
            precondition(!cases.isEmpty, "\(path) has no cases")
            for entry in cases where entry.when.array != nil {
                let count = entry.when.array?.count
                precondition(count == entry.then.array?.count, "\(entry.id): as many expectations as steps")
            }
            return cases
        } catch {
            preconditionFailure("\(path) cannot be read: \(error)")
        }
    }
}

/// The values of a vector, in the forms that their README describes.
enum VectorValue {
    /// The bytes of a value: a text, `{"base64"}`, `{"bytesOfLength"}`, `{"repeat", "times"}`, `{"stream"}` or `{"json"}`.
    static func bytes(_ value: JSON) -> [UInt8]? {
        if let text = value.string { return Array(text.utf8) }
        if let text = value["base64"]?.string { return Data(base64Encoded: text).map(Array.init) }
        if let length = value["bytesOfLength"]?.integer { return [UInt8](repeating: 0x78, count: length) }
        if let unit = value["repeat"]?.string, let times = value["times"]?.integer {
            return Array(String(repeating: unit, count: times).utf8)
        }
        if let chunks = value["stream"]?.array { return chunks.flatMap { Array(($0.string ?? "").utf8) } }
        if let json = value["json"] { return Array(json.text.utf8) }
        return nil
    }

    /// A text that may be written as a repetition.
    static func text(_ value: JSON?) -> String? {
        guard let value else { return nil }
        return value.string ?? bytes(value).map { String(decoding: $0, as: UTF8.self) }
    }

    /// A stream, for values that ask for one.
    static func stream(_ value: JSON) -> BodyStream? {
        guard let chunks = value["stream"]?.array else { return nil }
        return BodyStream(chunks: chunks.map { Array(($0.string ?? "").utf8) }, length: value["length"]?.integer)
    }

    /// A list that may be written as `{"generate": "key-%d", "count": n}`, counted from 0.
    static func list(_ value: JSON) -> [JSON]? {
        if let list = value.array { return list }
        guard let pattern = value["generate"]?.string, let count = value["count"]?.integer else { return nil }
        return (0..<count).map { .string(generated(pattern, $0)) }
    }

    /// `%d` and `%05d` in a pattern.
    static func generated(_ pattern: String, _ number: Int) -> String {
        String(format: pattern, number)
    }
}
