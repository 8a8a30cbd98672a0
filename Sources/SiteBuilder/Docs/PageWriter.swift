/// Turns cmark's HTML into a page's body in one pass over the bytes.
///
/// On its way it gives headings ids, rewrites addresses, takes code out to be coloured, and counts words. It relies on
/// ``Markdown`` leaving no HTML of the author's in its output: tags look exactly as cmark writes them.
struct PageWriter {
    private let html: Bytes
    private let paths: DocsPaths
    private let cache: HighlightCache?
    private var draft: PageDraft
    private var slugger = Slugger()
    /// Everything before it is in the body, or dropped.
    private var copied = 0
    private var linkCount = 0
    private var codeCount = 0
    private var textWeight: UInt32 = 1

    /// Things found that need a line number.
    private(set) var findings: [Finding] = []

    enum Finding: Equatable {
        case rawHTML
        /// The position among code blocks, and the language.
        case unknownLanguage(Int, String)
    }

    private init(html: Bytes, draft: PageDraft, paths: DocsPaths, cache: HighlightCache?) {
        self.html = html
        self.draft = draft
        self.paths = paths
        self.cache = cache
        self.draft.body.reserveCapacity(html.count + html.count / 2 + 256)
    }

    /// Fills `draft` from `html`. Without a `cache` code stays as it is.
    static func write(
        _ html: Bytes, into draft: inout PageDraft, paths: DocsPaths, cache: HighlightCache?, words: inout TermCounter
    ) -> [Finding] {
        var writer = PageWriter(html: html, draft: draft, paths: paths, cache: cache)
        writer.run(&words)
        draft = writer.draft
        return writer.findings
    }

    private mutating func run(_ words: inout TermCounter) {
        var position = 0
        while let at = html.index(of: UInt8(ascii: "<"), from: position) {
            if at > position { words.add(html: html.part(position..<at), weight: textWeight) }
            position = tag(at, &words)
        }
        copy(upTo: html.count)
    }

    /// Handles the tag at `at`; returns where the text after it begins.
    private mutating func tag(_ at: Int, _ words: inout TermCounter) -> Int {
        guard at + 2 < html.count else { return html.count }
        switch html[at + 1] {
        case UInt8(ascii: "h"):
            let digit = html[at + 2] &- UInt8(ascii: "0")
            if (1...6).contains(digit), html.has(">", at: at + 3) { return openHeading(at, level: Int(digit)) }
        case UInt8(ascii: "/"):
            if html[at + 2] == UInt8(ascii: "h"), (49...54).contains(html[at + 3]) { return closeHeading(at) }
            if html.has("</table>", at: at) { return replace(at..<at + 8, by: "</table></div>") }
        case UInt8(ascii: "a"):
            if html.has("<a href=\"", at: at) { return link(at, addressAt: at + 9, isImage: false) }
        case UInt8(ascii: "i"):
            if html.has("<img src=\"", at: at) { return link(at, addressAt: at + 10, isImage: true) }
        case UInt8(ascii: "p"):
            if html.has("<pre><code", at: at) { return code(at, &words) }
            if html[at + 2] == UInt8(ascii: ">"), draft.summary.isEmpty { summarise(from: at + 3) }
        case UInt8(ascii: "t"):
            if html.has("<table>", at: at) {
                return replace(at..<at + 7, by: "<div class=\"table\" tabindex=\"0\"><table>")
            }
        case UInt8(ascii: "l"):
            if html.has("<li><input ", at: at) { return replace(at..<at + 4, by: "<li class=\"task\">") }
        case UInt8(ascii: "!"):
            if html.has("<!-- raw HTML omitted -->", at: at) {
                if !findings.contains(.rawHTML) { findings.append(.rawHTML) }
                return replace(at..<at + 25, by: "")
            }
        default: break
        }
        return html.index(of: UInt8(ascii: ">"), from: at).map { $0 + 1 } ?? html.count
    }

    // MARK: Copying

    private mutating func copy(upTo end: Int) {
        if end > copied { draft.body.append(contentsOf: html.part(copied..<end)) }
        copied = max(copied, end)
    }

    private mutating func replace(_ range: Range<Int>, by text: StaticString) -> Int {
        copy(upTo: range.lowerBound)
        draft.body.append(text)
        copied = range.upperBound
        return range.upperBound
    }

    // MARK: Headings and text

    private mutating func openHeading(_ at: Int, level: Int) -> Int {
        let start = at + 4
        let end = html.index(of: "</h", from: start) ?? html.count
        let text = plainText(start..<end)
        let id = slugger.id(for: text)
        draft.headings.append(PageDraft.Heading(level: level, id: id, text: text))
        if level == 1, draft.title.isEmpty { draft.title = text }
        copy(upTo: at + 3)
        draft.body.append(" id=\"" as StaticString)
        draft.body.append(escaped: id)
        draft.body.append(UInt8(ascii: "\""))
        textWeight = 4
        return start
    }

    private mutating func closeHeading(_ at: Int) -> Int {
        textWeight = 1
        if html[at + 3] != UInt8(ascii: "1"), let id = draft.headings.last?.id {
            copy(upTo: at)
            draft.body.append(" <a class=\"anchor\" href=\"#" as StaticString)
            draft.body.append(percentEncoded(path: id))
            draft.body.append("\" aria-label=\"Link to this section\">#</a>" as StaticString)
        }
        return at + 5
    }

    /// The text of a range without its tags, white space collapsed, footnote numbers left out.
    private func plainText(_ range: Range<Int>) -> String {
        var bytes: [UInt8] = []
        var position = range.lowerBound
        let part = html.part(0..<range.upperBound)
        while position < range.upperBound {
            let at = part.index(of: UInt8(ascii: "<"), from: position) ?? range.upperBound
            Decode.appendHTML(part.part(position..<at), to: &bytes)
            guard at < range.upperBound else { break }
            if part.has("<sup class=\"footnote-ref\">", at: at), let end = part.index(of: "</sup>", from: at) {
                position = end + 6
            } else {
                if part.has("<img ", at: at), let alt = part.index(of: " alt=\"", from: at) {
                    let close = part.index(of: UInt8(ascii: "\""), from: alt + 6) ?? range.upperBound
                    Decode.appendHTML(part.part(alt + 6..<close), to: &bytes)
                }
                position = part.index(of: UInt8(ascii: ">"), from: at).map { $0 + 1 } ?? range.upperBound
            }
        }
        for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") { bytes[index] = UInt8(ascii: " ") }
        while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The first paragraph stands in for a missing description, cut between words before 160 characters.
    private mutating func summarise(from start: Int) {
        guard let end = html.index(of: "</p>", from: start) else { return }
        // Longer markup cannot matter for 160 characters, and a page may be one paragraph of a megabyte.
        let text = plainText(start..<min(end, start + 4096))
        if text.count <= 160 {
            draft.summary = text
        } else {
            let cut = text.prefix(160)
            draft.summary = (cut.lastIndex(of: " ").map { cut[..<$0] } ?? cut) + "…"
        }
    }

    // MARK: Addresses

    private mutating func link(_ at: Int, addressAt start: Int, isImage: Bool) -> Int {
        guard let end = html.index(of: UInt8(ascii: "\""), from: start) else { return html.count }
        // Links that the footnotes make are right by construction.
        if html.has("\" id=\"fnref-", at: end) || html.has("\" class=\"footnote-backref\"", at: end) { return end + 1 }
        let tagEnd = endOfTag(from: end)
        let ordinal = linkCount
        linkCount += 1
        let address = Address(Decode.html(html.part(start..<end)), page: draft.path)
        var reference: PageDraft.Reference?
        switch address {
        case .external(let isWeb):
            if isWeb, !isImage {
                copy(upTo: tagEnd)
                draft.body.append(" rel=\"noopener\"" as StaticString)
            } else if isImage, isWeb {
                reference = refer(
                    .nowhere("Images from other sites are blocked by the site's content security policy."), isImage,
                    ordinal, start..<end)
            }
        case .site(let path, let anchor):
            reference = refer(.site(path), isImage, ordinal, start..<end, anchor: anchor)
        case .nowhere(let reason):
            reference = refer(.nowhere(reason), isImage, ordinal, start..<end)
        case .relative(let path, let tail, let anchor):
            let isPage = path.hasSuffix(".md") && !isImage
            reference = refer(isPage ? .page(path) : .file(path), isImage, ordinal, start..<end, anchor: anchor)
            // A fragment alone is right as it is.
            if html[start] != UInt8(ascii: "#") {
                copy(upTo: start)
                if isPage {
                    draft.body.append(paths.url(ofPage: path))
                } else {
                    draft.holes.append(PageDraft.Hole(offset: draft.body.count, content: .asset(path)))
                }
                copied = end - tail
            }
        }
        if let reference { draft.references.append(reference) }
        if isImage {
            // cmark closes an image with ` />`.
            copy(upTo: tagEnd - 2)
            draft.body.append(" loading=\"lazy\"" as StaticString)
        }
        return tagEnd
    }

    /// The index of the `>` that ends the tag; quoted values may hold none, since cmark escapes it.
    private func endOfTag(from start: Int) -> Int { html.index(of: UInt8(ascii: ">"), from: start) ?? html.count }

    private func refer(
        _ target: PageDraft.Reference.Target, _ isImage: Bool, _ ordinal: Int, _ range: Range<Int>,
        anchor: String? = nil
    ) -> PageDraft.Reference {
        PageDraft.Reference(
            target: target, anchor: anchor, isImage: isImage, written: Decode.percent(Decode.html(html.part(range))),
            ordinal: ordinal)
    }

    // MARK: Code

    /// `<pre><code class="language-x">…</code></pre>`; the code is escaped, so the first `<` ends it.
    private mutating func code(_ at: Int, _ words: inout TermCounter) -> Int {
        guard let open = html.index(of: UInt8(ascii: ">"), from: at + 10),
            let end = html.index(of: UInt8(ascii: "<"), from: open)
        else { return html.count }
        var language = ""
        if html.has(" class=\"language-", at: at + 10) { language = Decode.html(html.part(at + 27..<open - 1)) }
        let content = html.part(open + 1..<end)
        words.add(html: content, weight: 1)
        copy(upTo: at)
        draft.body.append("<pre class=\"code\"" as StaticString)
        if !language.isEmpty {
            draft.body.append(" data-language=\"" as StaticString)
            draft.body.append(escaped: language)
            draft.body.append(UInt8(ascii: "\""))
        }
        draft.body.append(" tabindex=\"0\"><code>" as StaticString)
        copied = open + 1
        if let cache, !Highlighter.isPlain(language), !content.isEmpty { colour(content, language, cache) }
        codeCount += 1
        return end
    }

    private mutating func colour(_ content: Bytes, _ language: String, _ cache: HighlightCache) {
        let key = cache.key(language: language, html: content)
        draft.highlightKeys.append(key)
        switch cache[key] {
        case .coloured(let bytes):
            draft.body.append(contentsOf: bytes)
            copied += content.count
        case .unknownLanguage:
            findings.append(.unknownLanguage(codeCount, language))
        case nil:
            draft.holes.append(PageDraft.Hole(offset: draft.body.count, content: .code(key, block: codeCount)))
            var plain: [UInt8] = []
            Decode.appendHTML(content, to: &plain)
            draft.snippets[key] = Snippet(language: language, code: plain, html: Array(content))
            copied += content.count
        }
    }
}
