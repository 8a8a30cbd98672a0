import HTTPTypes
import RawStructuredFieldValues

/// The directives of `Cache-Control`, or of a field that stands in its place (RFC 9111 §5.2, RFC 9213).
///
/// What is unclear is read to the side of caution: a directive that forbids counts however it is written, a number that is
/// none counts as zero, and the smallest of several counts.
package struct CacheControl: Sendable, Hashable {
    private struct Directive: Sendable, Hashable {
        /// In lower case.
        var name: String
        /// Without quotes; `nil` for a directive without one, or with one that is written as none may be.
        var value: String?
    }

    private var directives: [Directive] = []

    package init(_ fields: HTTPFields) {
        self.init(lines: fields[values: .cacheControl])
    }

    package init(lines: [String]) {
        for line in lines { read(line) }
    }

    private mutating func read(_ line: String) {
        // A quote that never ends could hide anything; the commas behind it are taken for what they look like, and no
        // number of such a line is believed.
        if QuotedList.isOpenEnded(line) {
            for item in line.membersOfList {
                let name = item.prefix { $0 != "=" }.trimmedOfBlanks.lowercased()
                if !name.isEmpty { directives.append(Directive(name: name, value: nil)) }
            }
            return
        }
        for item in QuotedList.items(line) {
            guard let equals = item.utf8.firstIndex(of: UInt8(ascii: "=")) else {
                directives.append(Directive(name: item.lowercased(), value: nil))
                continue
            }
            let name = item[..<equals]
            let value = item[item.utf8.index(after: equals)...]
            // No blanks belong around the equals sign.
            let isSpaced = name.last == " " || name.last == "\t" || value.first == " " || value.first == "\t"
            let text = isSpaced ? nil : QuotedList.unquoted(value)
            directives.append(Directive(name: name.trimmedOfBlanks.lowercased(), value: text))
        }
    }

    package var isEmpty: Bool { directives.isEmpty }

    package func has(_ name: String) -> Bool { directives.contains { $0.name == name } }

    /// A number of seconds; `nil` when no directive has this name. One that is not written as digits counts as 0, and the
    /// shortest of several counts (RFC 9111 §4.2.1). Numbers that are too large saturate.
    package func seconds(_ name: String) -> Double? {
        var shortest: Double?
        for directive in directives where directive.name == name {
            let seconds = directive.value.flatMap { DeltaSeconds.parse($0) } ?? 0
            shortest = min(shortest ?? seconds, seconds)
        }
        return shortest
    }

    /// The longest of several numbers of seconds; `nil` when there is none, or one that is not written as digits.
    package func longest(_ name: String) -> Double? {
        var longest: Double?
        for directive in directives where directive.name == name {
            guard let seconds = directive.value.flatMap({ DeltaSeconds.parse($0) }) else { return nil }
            longest = max(longest ?? seconds, seconds)
        }
        return longest
    }

    /// Whether a directive with this name has an argument at all.
    package func hasArgument(_ name: String) -> Bool {
        directives.contains { $0.name == name && $0.value != nil }
    }

    /// What `private` or `no-cache` is about (RFC 9111 §5.2.2.4, §5.2.2.7).
    package enum Scope: Sendable, Hashable {
        case nothing
        /// Lower-case names of fields; never empty.
        case fields([String])
        case everything
    }

    package func scope(_ name: String) -> Scope {
        var names: [String] = []
        for directive in directives where directive.name == name {
            guard let value = directive.value else { return .everything }
            let listed = value.membersOfList.map { $0.trimmedOfBlanks.lowercased() }.filter { !$0.isEmpty }
            guard !listed.isEmpty else { return .everything }
            names += listed
        }
        return names.isEmpty ? .nothing : .fields(names)
    }
}

extension CacheControl {
    /// A targeted field (RFC 9213 §2.1): a dictionary of structured values, and not just a list.
    ///
    /// - Returns: `nil` for a field that is empty or not written as it must be; it then counts as absent.
    package init?(targeted lines: [String]) {
        let text = lines.lazy.filter { !$0.trimmedOfBlanks.isEmpty }.joined(separator: ", ")
        guard !text.isEmpty else { return nil }
        var parser = StructuredFieldValueParser(Array(text.utf8))
        guard let dictionary = try? parser.parseDictionaryFieldValue(), !dictionary.isEmpty else { return nil }
        for (name, member) in dictionary {
            guard let value = CacheControl.argument(name, member) else { return nil }
            directives.append(Directive(name: name, value: value.text))
        }
    }

    private struct Argument {
        var text: String?
    }

    /// - Returns: `nil` for a number that is none, which spoils the field.
    private static func argument(_ name: String, _ member: ItemOrInnerList) -> Argument? {
        guard case .item(let item) = member else { return isNumber(name) ? nil : Argument(text: nil) }
        switch item.rfc9651BareItem {
        // A negative number is a number, and stale.
        case .integer(let number): return Argument(text: String(number))
        case _ where isNumber(name): return nil
        case .string(let text), .token(let text): return Argument(text: text)
        default: return Argument(text: nil)
        }
    }

    private static func isNumber(_ name: String) -> Bool {
        switch name {
        case "max-age", "s-maxage", "stale-while-revalidate", "stale-if-error": true
        default: false
        }
    }
}
