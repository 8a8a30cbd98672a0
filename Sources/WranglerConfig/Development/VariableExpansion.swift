/// Replaces `${NAME}` and `$NAME` in the values of `.env` files.
///
/// A value sees the names above it and, where they are included, the variables of the process, which win. Unknown names
/// become nothing; `${NAME:-text}` and `${NAME-text}` give a text for that case, `${NAME:+text}` one for the other, and
/// `\$` is a dollar sign.
enum VariableExpansion {
    static func expand(_ file: DotEnv, process: [String: String]) -> DotEnv {
        var result = DotEnv()
        for name in file.names {
            let written = file.values[name] ?? ""
            let known = result.values.merging(process) { _, fromProcess in fromProcess }
            let value = process[name].flatMap { $0.isEmpty ? nil : $0 } ?? expand(written, known, depth: 0)
            result.set(name, value)
        }
        return result
    }

    private static func expand(_ text: String, _ known: [String: String], depth: Int) -> String {
        var result = ""
        var rest = Substring(text)
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            if result.last == "\\" {
                result.removeLast()
                result.append("$")
                rest = rest[rest.index(after: dollar)...]
                continue
            }
            guard let reference = Reference(at: dollar, in: rest) else {
                result.append("$")
                rest = rest[rest.index(after: dollar)...]
                continue
            }
            let value = reference.value(known)
            // A default may refer to other names. What does not end refers to itself.
            result += depth < 16 ? expand(value, known, depth: depth + 1) : value
            rest = reference.rest
        }
        return result + rest
    }

    private struct Reference {
        let name: String
        /// `-` gives a text for an unset name, `+` one for a set name.
        var operation: Character?
        var text = ""
        let rest: Substring

        init?(at dollar: Substring.Index, in source: Substring) {
            let after = source[source.index(after: dollar)...]
            if after.first == "{" {
                guard let end = after.firstIndex(of: "}") else { return nil }
                let inside = after[after.index(after: after.startIndex)..<end]
                guard !inside.isEmpty, !inside.contains("{") else { return nil }
                rest = after[after.index(after: end)...]
                guard let mark = inside.firstIndex(where: { $0 == "-" || $0 == "+" }) else {
                    name = String(inside)
                    return
                }
                let before = inside[..<mark]
                name = String(before.hasSuffix(":") ? before.dropLast() : before)
                operation = inside[mark]
                text = String(inside[inside.index(after: mark)...])
            } else {
                let word = after.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
                guard let first = word.first, !first.isNumber else { return nil }
                name = String(word)
                rest = after[word.endIndex...]
            }
        }

        func value(_ known: [String: String]) -> String {
            let found = known[name] ?? ""
            switch operation {
            case "+": return found.isEmpty ? "" : text
            default: return found.isEmpty ? text : found
            }
        }
    }
}
