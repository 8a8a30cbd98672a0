import Foundation
import Workers

/// Compares what a step gave with what a vector expects of it.
///
/// An object matches when every member that it names matches; lists match element by element. Members in `whole` are compared
/// as they are, without room for more.
struct VectorMatch {
    /// What the steps before gave.
    let earlier: [JSON]
    var whole: Set<String> = [
        "value", "body", "metadata", "httpMetadata", "customMetadata", "checksums", "range",
    ]

    /// - Returns: where the two differ, one line each; empty when they match.
    func differences(_ actual: JSON, _ expected: JSON, at path: String = "") -> [String] {
        if expected == .null { return [] }
        return compare(actual, expected, path, isWhole: false)
    }

    private func compare(_ actual: JSON?, _ expected: JSON, _ path: String, isWhole: Bool) -> [String] {
        if let matched = matcher(actual, expected, path) { return matched }
        switch expected {
        case .null:
            return actual == nil || actual == .null ? [] : [line(path, actual, expected)]
        case .object(let members):
            guard let actual, case .object(let given) = actual else { return [line(path, actual, expected)] }
            if isWhole, Set(given.map(\.name)) != Set(members.map(\.name)) { return [line(path, actual, expected)] }
            return members.flatMap { member in
                compare(
                    actual[member.name], member.value, path + "." + member.name,
                    isWhole: isWhole || whole.contains(member.name))
            }
        case .array(let values):
            guard let actual, case .array(let given) = actual, given.count == values.count else {
                return [line(path, actual, expected)]
            }
            return values.indices.flatMap { compare(given[$0], values[$0], "\(path)[\($0)]", isWhole: isWhole) }
        case .integer, .number:
            return actual?.number == expected.number ? [] : [line(path, actual, expected)]
        default:
            return actual == expected ? [] : [line(path, actual, expected)]
        }
    }

    /// `nil` when the expectation is no matcher but a value.
    private func matcher(_ actual: JSON?, _ expected: JSON, _ path: String) -> [String]? {
        guard case .object(let members) = expected, members.count == 1, let member = members.first else { return nil }
        switch (member.name, member.value) {
        case ("any", _):
            let isEmpty = actual == nil || actual == .null || actual == .string("")
            return isEmpty ? [line(path, actual, expected)] : []
        case ("pattern", .string(let pattern)):
            let matches = actual?.string?.range(of: pattern, options: .regularExpression) != nil
            return matches ? [] : [line(path, actual, expected)]
        case ("sameAsStep", .integer(let step)):
            return same(actual, step, path) ? [] : [line(path, actual, expected)]
        case ("differsFromStep", .integer(let step)):
            return same(actual, step, path) ? [line(path, actual, expected)] : []
        default: return nil
        }
    }

    private func same(_ actual: JSON?, _ step: Int, _ path: String) -> Bool {
        var other: JSON? = earlier.indices.contains(step) ? earlier[step] : nil
        for name in path.split(separator: ".") { other = other?[String(name)] }
        return actual == other
    }

    private func line(_ path: String, _ actual: JSON?, _ expected: JSON) -> String {
        "\(path.isEmpty ? "the result" : path) is \(actual?.text ?? "absent") and should be \(expected.text)"
    }
}

extension JSON {
    /// The result of a step that failed, in the form in which vectors expect errors.
    static func failure(_ error: any Error) -> JSON {
        var members: [Member] = []
        if let error = error as? WorkersError {
            members = [.init("name", .string(error.name.rawValue)), .init("message", .string(error.message))]
            if let code = error.code { members.append(.init("code", .integer(code))) }
        } else {
            members = [.init("name", .string("\(type(of: error))")), .init("message", .string("\(error)"))]
        }
        return .object([.init("error", .object(members))])
    }
}

extension VectorMatch {
    /// Like `differences`, for an expectation that may be an error: `messagePrefix` stands for `message` where only the
    /// beginning is fixed, and an error without members for any.
    func verdict(_ actual: JSON, _ expected: JSON) -> [String] {
        guard let wanted = expected["error"] else {
            if actual["error"] != nil { return ["it failed: \(actual.text), expected \(expected.text)"] }
            return differences(actual, expected)
        }
        guard let error = actual["error"] else { return ["it gave \(actual.text), expected the error \(wanted.text)"] }
        guard let prefix = wanted["messagePrefix"]?.string else { return differences(error, wanted, at: "error") }
        let rest = (wanted.members ?? []).filter { $0.name != "messagePrefix" }
        let begins = error["message"]?.string?.hasPrefix(prefix) ?? false
        return differences(error, .object(rest), at: "error")
            + (begins ? [] : ["\(error.text) does not begin “\(prefix)”"])
    }
}
