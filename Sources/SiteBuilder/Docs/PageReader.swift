/// Makes a page's draft from its bytes. It holds what all pages share, and is the same for every worker.
struct PageReader: Sendable, Equatable {
    let paths: DocsPaths
    /// `site/docs`: what stands before a page's path in diagnostics.
    let displayFolder: String

    func file(_ path: String) -> String { "\(displayFolder)/\(path)" }

    func draft(_ path: String, _ bytes: [UInt8], cache: HighlightCache?, words: inout TermCounter) -> PageDraft {
        bytes.withUnsafeBufferPointer { draft(path, $0, cache: cache, words: &words) }
    }

    private func draft(_ path: String, _ bytes: Bytes, cache: HighlightCache?, words: inout TermCounter) -> PageDraft {
        var draft = PageDraft(path: path)
        draft.title = Self.name(path)
        if let offset = Self.invalidUTF8(bytes) {
            let place = TextPlace(bytes, offset: offset)
            draft.failed = true
            draft.diagnostics.append(
                Diagnostic(
                    file: file(path), line: place.line, column: place.column, message: "The file is not UTF-8 here.",
                    hint: "Save it as UTF-8.", sourceLine: place.sourceLine))
            return draft
        }
        let source = PageSource(bytes, file: file(path))
        draft.diagnostics = source.problems
        draft.frontMatter = source.frontMatter
        draft.title = source.frontMatter.title ?? ""
        draft.summary = source.frontMatter.description ?? ""
        let body = bytes.part(source.bodyStart..<bytes.count)
        let findings = Markdown.withHTML(of: body) {
            PageWriter.write($0, into: &draft, paths: paths, cache: cache, words: &words)
        }
        if draft.title.isEmpty {
            draft.title = Self.name(path)
            // Front matter that cannot be read may well have one.
            if source.problems.isEmpty {
                draft.diagnostics.append(
                    Diagnostic(
                        .warning, file: file(path), message: "The page has no title.",
                        hint: "Begin it with `# Title`, or give a title in the front matter."))
            }
        }
        words.add(plain: draft.title, weight: 8)
        draft.terms = words.take()
        if !findings.isEmpty { draft.diagnostics += warnings(findings, draft, bytes) }
        return draft
    }

    /// What stands in for a title: the file's name.
    private static func name(_ path: String) -> String { String(path.split(separator: "/").last?.dropLast(3) ?? "") }

    private static func invalidUTF8(_ bytes: Bytes) -> Int? {
        do {
            _ = try UTF8Span(validating: bytes.span)
            return nil
        } catch {
            return error.byteOffsets.lowerBound
        }
    }

    /// Where the Markdown of a page stands, for findings and links that need a line.
    static func places(_ bytes: Bytes) -> MarkdownPlaces {
        let source = PageSource(bytes, file: "")
        return MarkdownPlaces(bytes, bodyStart: source.bodyStart, linesBefore: source.linesBefore)
    }

    private func warnings(_ findings: [PageWriter.Finding], _ draft: PageDraft, _ bytes: Bytes) -> [Diagnostic] {
        let places = Self.places(bytes)
        var warnings: [Diagnostic] = []
        for finding in findings {
            switch finding {
            case .rawHTML:
                for place in places.html where warnings.last?.line != place.line {
                    warnings.append(
                        Diagnostic(
                            .warning, file: file(draft.path), line: place.line, column: place.column,
                            message: "Raw HTML is left out of the page.",
                            hint: "Write it in Markdown, or as code between backticks.",
                            sourceLine: place.sourceLine))
                }
            case .unknownLanguage(let block, let language):
                warnings.append(unknownLanguage(language, draft.path, places, block: block))
            }
        }
        return warnings
    }

    func unknownLanguage(_ language: String, _ path: String, _ places: MarkdownPlaces, block: Int) -> Diagnostic {
        let place = places.codeBlocks.indices.contains(block) ? places.codeBlocks[block] : nil
        return Diagnostic(
            .warning, file: file(path), line: place?.line, column: place?.column,
            message: "Pygments knows no language `\(language)`; the code stays plain.",
            hint: "Write `text` if that is meant.",
            sourceLine: place?.sourceLine)
    }
}
