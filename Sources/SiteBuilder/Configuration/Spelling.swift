/// Finds what somebody probably meant.
enum Spelling {
    /// The known word nearest to `word`, if it is near: one or two letters changed, missing, added or swapped, and less than
    /// half of the word.
    static func nearest(to word: String, among known: some Sequence<String>) -> String? {
        var best: (word: String, distance: Int)?
        for candidate in known {
            let distance = distance(Array(word.lowercased()), Array(candidate.lowercased()))
            if distance <= 2 && distance * 2 < max(word.count, candidate.count) && distance < (best?.distance ?? .max) {
                best = (candidate, distance)
            }
        }
        return best?.word
    }

    /// Insertions, deletions, replacements and swaps of neighbours, each counted once (optimal string alignment).
    static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var beforePrevious: [Int] = []
        var previous = Array(0...b.count)
        for i in 0..<a.count {
            var current = [i + 1]
            for j in 0..<b.count {
                let replaced = previous[j] + (a[i] == b[j] ? 0 : 1)
                var best = min(current[j] + 1, previous[j + 1] + 1, replaced)
                if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] { best = min(best, beforePrevious[j - 1] + 1) }
                current.append(best)
            }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[b.count]
    }
}
