import NIOHTTP1

/// The proxies that a message has passed (RFC 9110 §7.6.3).
struct Via {
    private var names: [Substring] = []
    /// Where the last line is in the list of fields.
    private var last: Int?

    mutating func add(_ value: String, at index: Int) {
        last = index
        names += Via.names(in: value)
    }

    func count(of name: String) -> Int {
        let name = name.lowercased()
        return names.count { $0.lowercased() == name }
    }

    /// Continues the last line, or begins one.
    func append(_ name: String, version: HTTPVersion, to pairs: inout [(String, String)]) {
        let entry = "\(version.major).\(version.minor) \(name)"
        if let last {
            let value = pairs[last].1
            pairs[last].1 = value.isEmpty ? entry : "\(value), \(entry)"
        } else {
            pairs.append(("via", entry))
        }
    }

    /// `received-by` of each member: what comes behind the protocol. Comments may have commas, and comments in them.
    private static func names(in value: String) -> [Substring] {
        var names: [Substring] = []
        var words: [Substring] = []
        var start: String.Index?
        var depth = 0
        var isEscaped = false
        let text = value[...]
        func endWord(_ index: String.Index) {
            if let begun = start { words.append(text[begun..<index]) }
            start = nil
        }
        func endMember(_ index: String.Index) {
            endWord(index)
            if words.count > 1 { names.append(words[1]) }
            words = []
        }
        for index in text.utf8.indices {
            let byte = text.utf8[index]
            if depth > 0 {
                if isEscaped {
                    isEscaped = false
                } else {
                    switch byte {
                    case 0x5C: isEscaped = true
                    case 0x28: depth += 1
                    case 0x29: depth -= 1
                    default: break
                    }
                }
                continue
            }
            switch byte {
            case 0x28:
                endWord(index)
                depth = 1
            case 0x2C: endMember(index)
            case 0x20, 0x09: endWord(index)
            default: if start == nil { start = index }
            }
        }
        endMember(text.endIndex)
        return names
    }
}
