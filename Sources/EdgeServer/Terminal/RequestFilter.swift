/// Which requests a person wants to see, as it is typed: words that all have to fit.
///
/// A word is a status (`404`), a class of statuses (`4xx`), who answered (`worker`, `assets`, `cache`, `cdn-cgi`, `server`), a
/// method in capitals (`POST`), or a part of the target. With a minus in front it must not fit.
package struct RequestFilter: Sendable, Hashable {
    private enum Test: Hashable {
        case status(Int)
        case statusClass(Int)
        case source(String)
        case method(String)
        case target(String)
    }

    private struct Word: Hashable {
        var test: Test
        var isExcluded: Bool
    }

    /// As it was typed, without blanks at its ends.
    package let text: String
    private let words: [Word]

    private static let sources: Set<String> = ["worker", "assets", "cache", "cdn-cgi", "server", "rest", "s3"]
    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]

    package init(_ text: String) {
        let parts = text.utf8.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
        self.text = parts.joined(separator: " ")
        words = parts.compactMap { part in
            let isExcluded = part.utf8.first == 0x2D
            let word = isExcluded ? String(part.dropFirst()) : part
            return word.isEmpty ? nil : Word(test: RequestFilter.test(word), isExcluded: isExcluded)
        }
    }

    package var isEmpty: Bool { words.isEmpty }

    package func matches(method: String, target: String, status: Int, source: String) -> Bool {
        words.allSatisfy { word in
            let fits =
                switch word.test {
                case .status(let wanted): status == wanted
                case .statusClass(let wanted): status / 100 == wanted
                case .source(let wanted): source == wanted
                case .method(let wanted): method == wanted
                case .target(let wanted): target.lowercased().contains(wanted)
                }
            return fits != word.isExcluded
        }
    }

    private static func test(_ word: String) -> Test {
        let bytes = Array(word.utf8)
        if bytes.count == 3, let first = bytes.first, (0x31...0x35).contains(first) {
            if bytes[1] | 0x20 == 0x78, bytes[2] | 0x20 == 0x78 { return .statusClass(Int(first - 0x30)) }
            if let number = Int(word) { return .status(number) }
        }
        if sources.contains(word) { return .source(word) }
        if methods.contains(word) { return .method(word) }
        return .target(word.lowercased())
    }
}
