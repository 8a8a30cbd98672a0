import FoundationEssentials
import Testing

/// Any JSON value, as the vectors hold it.
indirect enum JSON: Sendable, Equatable, Decodable {
    case null
    case boolean(Bool)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    subscript(key: String) -> JSON? { object?[key] }
    var string: String? { if case .string(let value) = self { value } else { nil } }
    var number: Double? { if case .number(let value) = self { value } else { nil } }
    var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }
    var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
    var object: [String: JSON]? { if case .object(let value) = self { value } else { nil } }
    var strings: [String] { array?.compactMap(\.string) ?? [] }
    /// A table whose values are all strings.
    var texts: [String: String] { object?.compactMapValues(\.string) ?? [:] }
}

/// One case of a vector file; prints as its name in the test's output.
struct VectorCase: Sendable, CustomTestStringConvertible {
    let id: String
    let json: JSON

    var given: JSON { json["given"] ?? .null }
    var then: JSON { json["then"] ?? .null }
    var testDescription: String { "\(id) \(json["note"]?.string ?? "")" }
}

/// The shared vectors: `Tests/Vectors`, or the folder in `VECTORS_DIR`.
enum VectorFile {
    static func path(_ name: String) -> String {
        if let folder = ProcessInfo.processInfo.environment["VECTORS_DIR"] { return "\(folder)/\(name)" }
        let tests = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        return "/\(tests)/Vectors/\(name)"
    }

    static func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    /// The cases of one kind; none if the file is missing, and the suite is then skipped.
    static func cases(_ name: String, kind: String) -> [VectorCase] {
        guard let data = try? Data(contentsOf: URL(filePath: path(name))),
            let json = try? JSONDecoder().decode(JSON.self, from: data)
        else { return [] }
        let all = json["cases"]?.array ?? []
        return all.filter { $0["kind"]?.string == kind }
            .map { VectorCase(id: $0["id"]?.string ?? "?", json: $0) }
    }
}
