/// Builds the documentation, and remembers enough to build it again quickly.
///
/// A page is drafted by itself (``PageReader``), on all processors. Links, navigation and index then look at all
/// drafts, and only pages whose draft or surroundings changed are put together again. Nothing is written but the cache
/// of coloured code.
public actor DocsBuilder {
    private struct Page {
        var bytes: [UInt8]
        var draft: PageDraft
        /// Counts up with every draft, so that comparing two is cheap.
        var version: Int
        var words: SearchIndex.Words
        var assembled: (key: AssemblyKey, file: OutputFile)?
    }

    /// Everything a finished page is made from.
    private struct AssemblyKey: Equatable {
        var draft: Int
        var shared: Int
        var previous: Navigation.Entry?
        var next: Navigation.Entry?
        var assets: [String: String]
    }

    private var sources = SourceFiles()
    private var reader: PageReader?
    private var pages: [String: Page] = [:]
    private var versions = 0
    private var index = SearchIndex()
    private var highlighting: DocsInput.Highlighting?
    private var highlighter: Highlighter?
    private var cache: HighlightCache?
    private var shared: (assembly: PageAssembly, version: Int)?
    private var published: [String: OutputFile] = [:]
    private var latest: Task<DocsOutput, any Error>?

    public init() {}

    /// Ends the Python processes. The builder can go on to be used.
    public func close() async { await highlighter?.close() }

    /// Builds everything, or what changed since the last call.
    ///
    /// - Throws: ``BuildFailure`` with every error of every page, ascending by file and line.
    public func build(_ input: DocsInput) async throws -> DocsOutput {
        // A build waits for the one before it: both would change the same pages.
        let before = latest
        let task = Task {
            _ = await before?.result
            return try await buildAlone(input)
        }
        latest = task
        return try await task.value
    }

    private func buildAlone(_ input: DocsInput) async throws -> DocsOutput {
        let docs = input.configuration.docs ?? SiteConfiguration.Docs()
        let clock = ContinuousClock()
        var timings = DocsTimings()
        var diagnostics: [Diagnostic] = []
        var mark = clock.now
        func lap(_ part: WritableKeyPath<DocsTimings, Duration>) {
            let now = clock.now
            timings[keyPath: part] += now - mark
            mark = now
        }

        prepare(input, docs)
        diagnostics += try await read(input, docs)
        lap(\.read)
        await draftPages()
        lap(\.parse)
        diagnostics += await colourMissingCode(input, docs)
        lap(\.highlight)
        diagnostics += pages.values.flatMap(\.draft.diagnostics)
        let navigation = navigation(input, docs)
        diagnostics += navigation.problems
        diagnostics += checkLinks(input)
        lap(\.links)
        let layout = loadLayout(input, docs, &diagnostics)
        let assets = resolveAssets(input, docs, &diagnostics)
        try Self.failIfNeeded(diagnostics)
        share(layout, navigation, input, docs)
        let assembled = await assemble(navigation, assets.names)
        lap(\.render)
        var files = assembled + assets.files
        files += siteFiles(input, docs, navigation)
        lap(\.index)
        return publish(files, warnings: Self.sorted(diagnostics), timings)
    }

    // MARK: Sources

    private func prepare(_ input: DocsInput, _ docs: SiteConfiguration.Docs) {
        let reader = PageReader(paths: DocsPaths(docs), displayFolder: "\(input.displayPrefix)/\(docs.directory)")
        if highlighting != input.highlighting {
            highlighting = input.highlighting
            highlighter = input.highlighting.map(Highlighter.init)
            cache = input.highlighting.map { HighlightCache(file: $0.cacheFile, salt: Highlighter.salt($0)) }
            pages = [:]
        }
        if self.reader != reader {
            self.reader = reader
            pages = [:]
        }
    }

    private func read(_ input: DocsInput, _ docs: SiteConfiguration.Docs) async throws -> [Diagnostic] {
        let folder = "\(input.displayPrefix)/\(docs.directory)"
        do {
            try sources.update(input.source, directory: docs.directory)
        } catch {
            throw BuildFailure([Diagnostic(file: folder, message: "The documentation cannot be read: \(error)")])
        }
        var diagnostics: [Diagnostic] = []
        for (path, result) in await sources.readPages() {
            switch result {
            case .success(let bytes): sources.keep(bytes, of: path)
            case .failure(let error):
                diagnostics.append(Diagnostic(file: "\(folder)/\(path)", message: "The page cannot be read: \(error)"))
            }
        }
        return diagnostics
    }

    private func draftPages() async {
        let present = Set(sources.pages)
        for gone in pages.keys where !present.contains(gone) { pages[gone] = nil }
        let work = sources.pages.compactMap { path -> (path: String, bytes: [UInt8])? in
            guard let bytes = sources.bytes(path), pages[path]?.bytes != bytes else { return nil }
            return (path, bytes)
        }
        guard let reader, !work.isEmpty else { return }
        let drafts = await concurrentMap(count: work.count, scratch: TermCounter.init) { [cache] index, words in
            reader.draft(work[index].path, work[index].bytes, cache: cache, words: &words)
        }
        for (item, draft) in zip(work, drafts) {
            versions += 1
            var draft = draft
            let words = index.number(draft.terms)
            draft.terms = PageTerms()
            pages[item.path] = Page(bytes: item.bytes, draft: draft, version: versions, words: words)
        }
    }

    // MARK: Code

    /// Colours what the cache did not know, and puts it into the drafts. Without such code no process starts.
    private func colourMissingCode(_ input: DocsInput, _ docs: SiteConfiguration.Docs) async -> [Diagnostic] {
        guard let highlighter, let reader else { return [] }
        let waiting = pages.values.filter { !$0.draft.snippets.isEmpty }
        guard !waiting.isEmpty else { return [] }
        var snippets: [HighlightKey: Snippet] = [:]
        for page in waiting { snippets.merge(page.draft.snippets) { first, _ in first } }
        // A page that was drafted while another waited for the same code finds it in the cache by now.
        do {
            for (key, entry) in try await highlighter.colour(snippets.filter { cache?[$0.key] == nil }) {
                cache?.add(key, entry)
            }
        } catch {
            let failure = error as? HighlightFailure
            return [
                Diagnostic(
                    file: "\(input.displayPrefix)/\(docs.directory)",
                    message: failure?.message ?? "Code cannot be coloured: \(error)",
                    hint: failure?.hint)
            ]
        }
        guard let cache else { return [] }
        for page in waiting { pages[page.draft.path]?.draft.insertCode(cache, reader, page.bytes) }
        self.cache?.save(inUse: pages.values.lazy.flatMap(\.draft.highlightKeys))
        return []
    }

    // MARK: Pages together

    private func navigation(_ input: DocsInput, _ docs: SiteConfiguration.Docs) -> Navigation {
        let titles = pages.mapValues { $0.draft.frontMatter.nav ? $0.draft.title : nil }
        return Navigation(
            docs.sections, pages: titles, paths: DocsPaths(docs), file: "\(input.displayPrefix)/site.toml",
            fileText: input.configurationText)
    }

    private func checkLinks(_ input: DocsInput) -> [Diagnostic] {
        guard let reader else { return [] }
        let drafts = pages.mapValues(\.draft)
        let checker = LinkChecker(
            pages: drafts, files: sources.assets, paths: reader.paths, knownPrefixes: input.knownPrefixes,
            knownPaths: input.knownPaths)
        var diagnostics: [Diagnostic] = []
        for page in pages.values {
            let problems = checker.problems(of: page.draft)
            guard !problems.isEmpty else { continue }
            let places = page.bytes.withUnsafeBufferPointer { PageReader.places($0).links }
            for problem in problems {
                let place = places.indices.contains(problem.reference.ordinal) ? places[problem.reference.ordinal] : nil
                diagnostics.append(
                    Diagnostic(
                        file: reader.file(page.draft.path), line: place?.line, column: place?.column,
                        message: problem.message,
                        hint: problem.hint, sourceLine: place?.sourceLine))
            }
        }
        return diagnostics + clashes(reader)
    }

    /// `a.md` and `a/index.md` would be `/docs/a` and `/docs/a/`, which readers and servers take for the same.
    private func clashes(_ reader: PageReader) -> [Diagnostic] {
        pages.keys.filter { $0.hasSuffix("/index.md") }.compactMap { index in
            let other = "\(index.dropLast("/index.md".count)).md"
            guard pages[other] != nil else { return nil }
            return Diagnostic(
                file: reader.file(index), message: "This page and \(other) would have the same address.",
                hint: "Rename one of them.")
        }
    }

    private func loadLayout(_ input: DocsInput, _ docs: SiteConfiguration.Docs, _ diagnostics: inout [Diagnostic])
        -> Layout?
    {
        let file = "\(input.displayPrefix)/\(docs.layout)"
        do {
            switch input.source {
            case .folder(let site): return try Layout(readFile("\(site)/\(docs.layout)"), file: file)
            case .memory(let files):
                if let bytes = files[docs.layout] { return try Layout(bytes, file: file) }
                diagnostics.append(Diagnostic(file: file, message: "The layout of the pages is missing."))
            }
        } catch let failure as BuildFailure {
            diagnostics += failure.diagnostics
        } catch {
            diagnostics.append(Diagnostic(file: file, message: "The layout of the pages cannot be read: \(error)"))
        }
        return nil
    }

    /// Public names of the files that pages refer to, by path, and the files.
    private func resolveAssets(
        _ input: DocsInput, _ docs: SiteConfiguration.Docs, _ diagnostics: inout [Diagnostic]
    ) -> (names: [String: String], files: [OutputFile]) {
        var names: [String: String] = [:]
        var files: [String: OutputFile] = [:]
        for page in pages.values {
            for case .asset(let path) in page.draft.holes.map(\.content)
            where names[path] == nil && sources.assets.contains(path) {
                do {
                    let (name, bytes) = try sources.asset(path)
                    names[path] = "/assets/\(name)"
                    files[name] = OutputFile(path: "assets/\(name)", bytes: bytes)
                } catch {
                    diagnostics.append(
                        Diagnostic(
                            file: "\(input.displayPrefix)/\(docs.directory)/\(path)",
                            message: "The file cannot be read: \(error)"))
                }
            }
        }
        return (names, Array(files.values))
    }

    // MARK: Output

    private func share(_ layout: Layout?, _ navigation: Navigation, _ input: DocsInput, _ docs: SiteConfiguration.Docs)
    {
        guard let layout else { return }
        var constants: [Layout.Name: [UInt8]] = [.siteTitle: [], .language: []]
        constants[.siteTitle]?.append(escaped: input.configuration.title)
        constants[.language]?.append(escaped: input.configuration.language)
        let assembly = PageAssembly(
            layout: layout.filled(constants), nav: NavigationHTML(navigation), head: input.head,
            siteDescription: input.configuration.description, baseURL: input.baseURL,
            indexURL: DocsPaths(docs).root + "/")
        if shared?.assembly != assembly { shared = (assembly, (shared?.version ?? 0) + 1) }
    }

    private func assemble(_ navigation: Navigation, _ assets: [String: String]) async -> [OutputFile] {
        guard let shared, let reader else { return [] }
        var work: [(key: AssemblyKey, draft: PageDraft)] = []
        for (path, page) in pages {
            let position = navigation.positions[path]
            let used = page.draft.holes.compactMap { hole -> (String, String)? in
                guard case .asset(let path) = hole.content, let name = assets[path] else { return nil }
                return (path, name)
            }
            let key = AssemblyKey(
                draft: page.version, shared: shared.version,
                previous: position.flatMap { $0 > 0 ? navigation.order[$0 - 1] : nil },
                next: position.flatMap { $0 + 1 < navigation.order.count ? navigation.order[$0 + 1] : nil },
                assets: Dictionary(used) { first, _ in first })
            if page.assembled?.key != key { work.append((key, page.draft)) }
        }
        let todo = work
        let files = await concurrentMap(count: todo.count, scratch: {}) { index, _ in
            let (key, draft) = todo[index]
            let page = PageAssembly.Page(
                path: draft.path, url: reader.paths.url(ofPage: draft.path), title: draft.title, summary: draft.summary,
                content: draft.content(assets: key.assets), headings: draft.headings, previous: key.previous,
                next: key.next)
            return OutputFile(path: reader.paths.output(ofPage: draft.path), bytes: shared.assembly.html(page))
        }
        for ((key, draft), file) in zip(todo, files) { pages[draft.path]?.assembled = (key, file) }
        return pages.values.compactMap(\.assembled?.file)
    }

    private func siteFiles(_ input: DocsInput, _ docs: SiteConfiguration.Docs, _ navigation: Navigation) -> [OutputFile]
    {
        guard let shared, let reader else { return [] }
        let paths = reader.paths
        let ordered = sources.pages.compactMap { pages[$0] }
        var sections: [String: String] = [:]
        for section in navigation.sections { for entry in section.entries { sections[entry.page] = section.title } }
        let searchable = ordered.filter(\.draft.frontMatter.search).map { page in
            SearchIndex.Page(
                url: paths.url(ofPage: page.draft.path), title: page.draft.title,
                section: sections[page.draft.path] ?? "",
                summary: page.draft.summary, headings: page.draft.headings, words: page.words)
        }
        let others = ordered.filter { sections[$0.draft.path] == nil }.map {
            Navigation.Entry(page: $0.draft.path, url: paths.url(ofPage: $0.draft.path), title: $0.draft.title)
        }
        let dated = ordered.map { (url: paths.url(ofPage: $0.draft.path), date: $0.draft.frontMatter.date) }
        let docsTitle = pages["index.md"]?.draft.title ?? input.configuration.title
        return [
            OutputFile(path: paths.output("search-index.json"), bytes: index.json(searchable)),
            OutputFile(path: "sitemap.xml", bytes: SiteFiles.sitemap(baseURL: input.baseURL, pages: dated)),
            OutputFile(
                path: "llms.txt",
                bytes: SiteFiles.llms(
                    input.configuration, baseURL: input.baseURL, navigation: navigation,
                    drafts: pages.mapValues(\.draft),
                    others: others)),
            OutputFile(path: "404.html", bytes: SiteFiles.notFound(shared.assembly, docsTitle: docsTitle)),
        ]
    }

    private func publish(_ files: [OutputFile], warnings: [Diagnostic], _ timings: DocsTimings) -> DocsOutput {
        let files = files.sorted { $0.path < $1.path }
        var removed = published
        var changed: [String] = []
        for file in files where removed.removeValue(forKey: file.path)?.bytes != file.bytes {
            changed.append(file.path)
        }
        published = Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0) })
        return DocsOutput(
            files: files, changed: changed, removed: removed.keys.sorted(), warnings: warnings, timings: timings)
    }

    // MARK: Diagnostics

    private static func sorted(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        diagnostics.sorted {
            ($0.file, $0.line ?? 0, $0.column ?? 0, $0.message) < ($1.file, $1.line ?? 0, $1.column ?? 0, $1.message)
        }
    }

    private static func failIfNeeded(_ diagnostics: [Diagnostic]) throws {
        if diagnostics.contains(where: { $0.severity == .error }) { throw BuildFailure(sorted(diagnostics)) }
    }
}
