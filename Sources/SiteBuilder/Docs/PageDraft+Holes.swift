extension PageDraft {
    /// Fills the holes of code with what the cache has by now. Code of an unknown language stays plain, with a warning.
    mutating func insertCode(_ cache: HighlightCache, _ reader: PageReader, _ bytes: [UInt8]) {
        var filled: [UInt8] = []
        var left: [Hole] = []
        var unknown: [(block: Int, language: String)] = []
        var position = 0
        for hole in holes {
            filled += body[position..<hole.offset]
            position = hole.offset
            switch hole.content {
            case .asset: left.append(Hole(offset: filled.count, content: hole.content))
            case .code(let key, let block):
                if case .coloured(let html)? = cache[key] {
                    filled += html
                } else if let snippet = snippets[key] {
                    filled += snippet.html
                    unknown.append((block, snippet.language))
                }
            }
        }
        filled += body[position...]
        body = filled
        holes = left
        snippets = [:]
        guard !unknown.isEmpty else { return }
        let places = bytes.withUnsafeBufferPointer { PageReader.places($0) }
        diagnostics += unknown.map { reader.unknownLanguage($0.language, path, places, block: $0.block) }
    }

    /// The content as pieces, with the addresses of files put in, and a heading if the Markdown has none of level one.
    func content(assets: [String: String]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        if !headings.contains(where: { $0.level == 1 }) {
            var heading: [UInt8] = []
            heading.append("<h1>" as StaticString)
            heading.append(escaped: title)
            heading.append("</h1>\n" as StaticString)
            pieces.append(heading)
        }
        guard !holes.isEmpty else { return pieces + [body] }
        var position = 0
        for hole in holes {
            pieces.append(Array(body[position..<hole.offset]))
            position = hole.offset
            if case .asset(let path) = hole.content { pieces.append(Array((assets[path] ?? "").utf8)) }
        }
        return pieces + [Array(body[position...])]
    }
}
