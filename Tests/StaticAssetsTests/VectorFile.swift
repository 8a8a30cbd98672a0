import Foundation
import Testing

/// One case of a vector file. The vectors are loosely shaped JSON, so it is kept as values and asked by key.
struct VectorCase: Sendable, CustomTestStringConvertible {
    let id: String
    let note: String
    let given: JSON
    let when: JSON
    let then: JSON

    var testDescription: String { note.isEmpty ? id : "\(id): \(note)" }
}

/// A JSON value.
enum JSON: Sendable, Equatable, Decodable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([JSON])
    case table([String: JSON])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .list(value)
        } else {
            self = .table(try container.decode([String: JSON].self))
        }
    }

    subscript(key: String) -> JSON? { if case .table(let table) = self { table[key] } else { nil } }
    var text: String? { if case .text(let text) = self { text } else { nil } }
    var number: Int? { if case .number(let number) = self { Int(number) } else { nil } }
    var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
    var list: [JSON]? { if case .list(let list) = self { list } else { nil } }
    var table: [String: JSON]? { if case .table(let table) = self { table } else { nil } }
    var texts: [String]? { list?.compactMap(\.text) }
    /// A table of texts.
    var fields: [String: String] { (table ?? [:]).compactMapValues(\.text) }
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
            .deletingLastPathComponent().appending(path: "Vectors").path
        path = folder + "/" + name
    }

    var exists: Bool { FileManager.default.fileExists(atPath: path) }
    var missing: Comment { "\(name) is not in this folder of vectors" }

    /// Empty when the file is missing; a file that is there but not as announced fails the run loudly.
    var cases: [VectorCase] {
        guard exists else { return [] }
        do {
            let file = try JSONDecoder().decode(JSON.self, from: Data(contentsOf: URL(filePath: path)))
            let cases = (file["cases"]?.list ?? []).map { entry in
                VectorCase(
                    id: entry["id"]?.text ?? "without id", note: entry["note"]?.text ?? "",
                    given: entry["given"] ?? .null,
                    when: entry["when"] ?? .null, then: entry["then"] ?? .null)
            }
            precondition(!cases.isEmpty, "\(path) has no cases")
            precondition(
                cases.count == file["count"]?.number ?? cases.count, "\(path) announces another number of cases")
            return cases
        } catch {
            preconditionFailure("\(path) cannot be read: \(error)")
        }
    }
}
