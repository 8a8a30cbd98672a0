/// Finds the name somebody probably meant.
public enum Suggestion {
    /// The candidate nearest to `word`, if it is near enough to be a slip of the fingers: at most a third of the
    /// letters differ, or two of them. Of equally near candidates the first in alphabetical order is taken.
    public static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        // Two slips in a word of three letters leave nothing to recognise.
        let limit = max(word.count > 3 ? 2 : 1, word.count / 3)
        let wanted = normal(word)
        var best: (name: String, distance: Int)?
        for candidate in candidates.sorted() where abs(candidate.count - word.count) <= 2 * limit {
            let distance = distance(from: wanted, to: normal(candidate))
            if distance <= limit && distance < (best?.distance ?? .max) { best = (candidate, distance) }
        }
        return best?.name
    }

    /// `kv-namespaces` and `kvNamespaces` are ways to write `kv_namespaces`.
    private static func normal(_ word: String) -> [Character] {
        var result: [Character] = []
        for character in word {
            if character == "-" {
                result.append("_")
            } else if character.isUppercase {
                if let last = result.last, last != "_" { result.append("_") }
                result.append(contentsOf: character.lowercased())
            } else {
                result.append(character)
            }
        }
        return result
    }

    /// How many letters must be inserted, deleted, replaced or swapped with their neighbour.
    static func distance(from a: [Character], to b: [Character]) -> Int {
        guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in 1...a.count {
            var row = [i]
            for j in 1...b.count {
                let replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
                var cost = min(replaced, last[j] + 1, row[j - 1] + 1)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    cost = min(cost, beforeLast[j - 2] + 1)
                }
                row.append(cost)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
