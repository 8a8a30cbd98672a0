import CCMarkGFM

/// Where the links, images, code blocks and raw HTML of a page stand in its file.
///
/// The fast path keeps no positions: it counts, in the order of the output. Only a page that has something to report is
/// parsed again, with positions, and counted the same way.
struct MarkdownPlaces {
    struct Place: Equatable {
        /// In the file, from 1.
        var line: Int
        /// In characters, from 1; `nil` when unknown.
        var column: Int?
        var sourceLine: String
    }

    /// Links and images together, as the HTML has them: nothing inside an image's alternative text counts.
    private(set) var links: [Place] = []
    private(set) var codeBlocks: [Place] = []
    /// Raw HTML that is not just a comment.
    private(set) var html: [Place] = []

    private let lines: [Slice<Bytes>]
    private let linesBefore: Int

    init(_ file: Bytes, bodyStart: Int, linesBefore: Int) {
        let body = file[bodyStart...]
        lines = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        self.linesBefore = linesBefore
        Markdown.withDocument(file.part(bodyStart..<file.count)) { document, _ in collect(document) }
    }

    private mutating func collect(_ document: OpaquePointer) {
        let iterator = cmark_iter_new(document)
        defer { cmark_iter_free(iterator) }
        var imageDepth = 0
        while true {
            let event = cmark_iter_next(iterator)
            if event == CMARK_EVENT_DONE { return }
            guard let node = cmark_iter_get_node(iterator) else { continue }
            let type = cmark_node_get_type(node)
            if type == CMARK_NODE_IMAGE {
                if event == CMARK_EVENT_ENTER, imageDepth == 0 {
                    links.append(place(of: node, near: cmark_node_get_url(node)))
                }
                imageDepth += event == CMARK_EVENT_ENTER ? 1 : -1
            } else if event == CMARK_EVENT_ENTER, imageDepth == 0 {
                switch type {
                case CMARK_NODE_LINK: links.append(place(of: node, near: cmark_node_get_url(node)))
                case CMARK_NODE_CODE_BLOCK: codeBlocks.append(place(of: node, near: nil))
                case CMARK_NODE_HTML_BLOCK, CMARK_NODE_HTML_INLINE:
                    let literal = cmark_node_get_literal(node).map { String(cString: $0) } ?? ""
                    if !literal.hasPrefix("<!--") { html.append(place(of: node, near: nil)) }
                default: break
                }
            }
        }
    }

    /// The place of `node`; its column is that of `text`, if the line has it.
    private func place(of node: OpaquePointer, near text: UnsafePointer<CChar>?) -> Place {
        var node = node
        // Autolinks carry no position of their own.
        while cmark_node_get_start_line(node) == 0, let parent = cmark_node_parent(node) { node = parent }
        var line = Int(cmark_node_get_start_line(node))
        var column = Int(cmark_node_get_start_column(node))
        let last = max(line, Int(cmark_node_get_end_line(node)))
        let wanted = text.map { Array(String(cString: $0).utf8) } ?? []
        if !wanted.isEmpty {
            for candidate in line...last where lines.indices.contains(candidate - 1) {
                let bytes = Bytes(rebasing: lines[candidate - 1])
                if let found = Self.find(wanted, in: bytes, from: candidate == line ? column - 1 : 0) {
                    (line, column) = (candidate, found + 1)
                    break
                }
            }
        }
        guard lines.indices.contains(line - 1) else { return Place(line: linesBefore + max(1, line), sourceLine: "") }
        var source = Bytes(rebasing: lines[line - 1])
        if source.last == UInt8(ascii: "\r") { source = source.part(0..<source.count - 1) }
        let lead = (1...source.count + 1).contains(column) ? source.part(0..<column - 1).string.count : nil
        return Place(line: linesBefore + line, column: lead.map { $0 + 1 }, sourceLine: source.string)
    }

    private static func find(_ wanted: [UInt8], in line: Bytes, from start: Int) -> Int? {
        var index = max(0, start)
        while let at = line.index(of: wanted[0], from: index) {
            if line[at...].starts(with: wanted) { return at }
            index = at + 1
        }
        return nil
    }
}
