/// The tags of a response, by which it can be purged.
enum Tags {
    /// More tags, or longer ones, no response has.
    static let most = 1000
    static let longest = 1024

    /// Tags differ in more than their case, and are kept in lower case. One that is empty or too long is left out.
    static func normalised(_ tags: [String]) -> [String] {
        var seen: Set<String> = []
        return tags.prefix(most).compactMap { tag in
            let tag = tag.lowercased()
            guard !tag.isEmpty, tag.utf8.count <= longest, seen.insert(tag).inserted else { return nil }
            return tag
        }
    }

    /// All that an entry which is not in memory keeps of a tag. Two tags with the same hash are purged together, which costs
    /// a miss.
    static func hash(_ tag: String) -> UInt32 {
        var hasher = Hasher()
        hasher.combine(tag.lowercased())
        return UInt32(truncatingIfNeeded: hasher.finalize())
    }
}
