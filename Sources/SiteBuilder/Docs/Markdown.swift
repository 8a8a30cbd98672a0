import CCMarkGFM
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// GitHub's Markdown to HTML through libcmark-gfm: tables, strikethrough, autolinks, task lists, footnotes.
///
/// The library leaves raw HTML out and empties `javascript:` links, so every `<` in its output is its own.
/// (That is also why the tag filter is not attached: there are no tags left for it to filter.)
enum Markdown {
    private static let options = CMARK_OPT_FOOTNOTES

    /// The extensions' table of special characters is a global that `cmark_parser_finish` fills and empties again, so
    /// two parsers must not finish at once: `~~` and bare links would come and go. Feeding (the blocks) and rendering
    /// are free.
    private static let finishing = Mutex(())

    private static let registered: Void = cmark_gfm_core_extensions_ensure_registered()

    /// Calls `body` with the HTML of `text`, which is UTF-8. The bytes are gone afterwards.
    static func withHTML<Result>(of text: Bytes, _ body: (Bytes) throws -> Result) rethrows -> Result {
        try withDocument(text, options: options) { document, parser in
            guard let html = cmark_render_html(document, options, cmark_parser_get_syntax_extensions(parser)) else {
                return try body(Bytes(start: nil, count: 0))
            }
            defer { release(html) }
            let bytes = UnsafeRawPointer(html).assumingMemoryBound(to: UInt8.self)
            return try body(Bytes(start: bytes, count: length(html)))
        }
    }

    /// Calls `body` with the parsed document, whose nodes know their lines when `options` has `CMARK_OPT_SOURCEPOS`.
    static func withDocument<Result>(
        _ text: Bytes, options: Int32 = options | CMARK_OPT_SOURCEPOS,
        _ body: (_ document: OpaquePointer, _ parser: OpaquePointer) throws -> Result
    ) rethrows -> Result {
        _ = registered
        // The library ends the process when memory runs out; neither of these returns NULL.
        let parser = cmark_parser_new(options)!
        defer { cmark_parser_free(parser) }
        for name in ["table", "strikethrough", "autolink", "tasklist"] {
            cmark_parser_attach_syntax_extension(parser, cmark_find_syntax_extension(name))
        }
        text.withMemoryRebound(to: CChar.self) { cmark_parser_feed(parser, $0.baseAddress, $0.count) }
        let document = finishing.withLock { _ in UInt(bitPattern: cmark_parser_finish(parser)) }
        let root = OpaquePointer(bitPattern: document)!
        defer { cmark_node_free(root) }
        return try body(root, parser)
    }

    private static func release(_ text: UnsafeMutablePointer<CChar>) {
        cmark_get_default_mem_allocator().pointee.free(text)
    }

    /// NUL never occurs inside: the parser replaces it by U+FFFD.
    private static func length(_ text: UnsafeMutablePointer<CChar>) -> Int { strlen(text) }
}
