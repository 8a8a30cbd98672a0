import HTTPCaching
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
