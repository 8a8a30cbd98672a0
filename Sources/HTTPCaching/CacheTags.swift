import HTTPTypes

/// `Cache-Tag`: labels that stored responses are purged by. See Cloudflare's documentation, "Purge cache by cache-tags".
package enum CacheTags {
    package static let longest = 1024
    package static let most = 1000

    /// In lower case, each once, in the order of the field. A tag that is none is left out without a word.
    package static func tags(of fields: HTTPFields) -> [String] {
        var tags: [String] = []
        var known: Set<String> = []
        for line in fields[values: .cacheTag] {
            for item in line.membersOfList {
                guard tags.count < most else { return tags }
                if let tag = tag(item.trimmedOfBlanks), known.insert(tag).inserted { tags.append(tag) }
            }
        }
        return tags
    }

    /// Printable ASCII without blanks, at most 1024 characters.
    package static func tag(_ text: some StringProtocol) -> String? {
        guard !text.isEmpty, text.utf8.count <= longest, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        return text.lowercased()
    }
}
