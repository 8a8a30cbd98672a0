import HTTPTypes

/// The directives of `Cache-Control` on a response (RFC 9111 §5.2.2), as far as a shared cache asks for them.
package struct CacheControl: Sendable, Hashable {
    private struct Directive: Sendable, Hashable {
        /// In lower case.
        var name: String
        /// Empty for a directive without one.
        var value: String
    }

    private var directives: [Directive] = []

    package init(_ headers: Headers) {
        for line in headers[values: .cacheControl] {
            for item in QuotedList.items(line) {
                let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                let name = parts[0].trimmedOfBlanks.lowercased()
                let value = parts.count > 1 ? QuotedList.unquoted(parts[1].trimmedOfBlanks) : ""
                if !name.isEmpty { directives.append(Directive(name: name, value: value)) }
            }
        }
    }

    package func has(_ name: String) -> Bool { directives.contains { $0.name == name } }

    /// `private=set-cookie`: the response may be stored when that field is left out.
    package var isPrivateForCookiesOnly: Bool {
        let privates = directives.filter { $0.name == "private" }
        return !privates.isEmpty && privates.allSatisfy { $0.value.lowercased() == "set-cookie" }
    }

    /// A number of seconds. One that is not written as digits counts as 0, and the shortest of several counts: what is
    /// unclear is taken as stale (RFC 9111 §4.2.1). Numbers that are too large saturate.
    package func seconds(_ name: String) -> Double? {
        directives.filter { $0.name == name }.map { DeltaSeconds.parse($0.value) ?? 0 }.min()
    }
}

/// RFC 9111 §1.2.2.
package enum DeltaSeconds {
    /// 68 years, which is as long as any cache needs.
    package static let longest = 2_147_483_648.0

    /// Digits only; `nil` for anything else.
    package static func parse(_ text: some StringProtocol) -> Double? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return min(Double(String(text)) ?? longest, longest)
    }
}

/// Lists whose members may hold quoted strings (RFC 9110 §5.6.1 and §5.6.4).
enum QuotedList {
    /// The members, without blanks around them; empty ones are left out.
    static func items(_ text: String) -> [Substring] {
        var items: [Substring] = []
        var start = text.startIndex
        var index = start
        var isQuoted = false
        while index < text.endIndex {
            let character = text[index]
            if isQuoted, character == "\\" {
                index = text.index(after: index)
                if index == text.endIndex { break }
            } else if character == "\"" {
                isQuoted.toggle()
            } else if character == ",", !isQuoted {
                items.append(text[start..<index].trimmedOfBlanks)
                start = text.index(after: index)
            }
            index = text.index(after: index)
        }
        items.append(text[start...].trimmedOfBlanks)
        return items.filter { !$0.isEmpty }
    }

    /// The content of a quoted string; a token is itself.
    static func unquoted(_ text: Substring) -> String {
        guard text.count >= 2, text.first == "\"", text.last == "\"" else { return String(text) }
        var output = ""
        var rest = text.dropFirst().dropLast()
        while let character = rest.popFirst() {
            if character == "\\", let next = rest.popFirst() {
                output.append(next)
            } else {
                output.append(character)
            }
        }
        return output
    }
}
