import Foundation

/// Colours the code that the cache does not know, on as many Pythons as a batch is worth.
actor Highlighter {
    private let options: DocsInput.Highlighting
    private var processes: [PygmentsProcess] = []

    /// Pieces a process gets at once; smaller ones would leave processors idle at the end of a large batch.
    private static let batch = 48

    init(_ options: DocsInput.Highlighting) { self.options = options }

    /// What besides code and language decides the output. Raise the number when `highlight.py` writes something else.
    static func salt(_ options: DocsInput.Highlighting) -> String { "Pygments \(options.version), script 1" }

    /// Words that ask for no colours.
    static func isPlain(_ language: String) -> Bool {
        ["", "text", "txt", "plain", "plaintext", "none"].contains(language.lowercased())
    }

    func close() async {
        for process in processes { await process.close() }
        processes = []
    }

    func colour(_ snippets: [HighlightKey: Snippet]) async throws -> [(HighlightKey, HighlightCache.Entry)] {
        let all = Array(snippets)
        let batches = stride(from: 0, to: all.count, by: Self.batch).map { all[$0..<min($0 + Self.batch, all.count)] }
        let workers = max(1, min(options.processes, batches.count))
        while processes.count < workers {
            processes.append(
                PygmentsProcess(python: options.python, script: try Self.script(), version: options.version))
        }
        return try await withThrowingTaskGroup(of: (Int, [(HighlightKey, HighlightCache.Entry)]).self) { group in
            var next = 0
            func give(to worker: Int) {
                guard next < batches.count else { return }
                let (batch, process) = (batches[next], processes[worker])
                next += 1
                group.addTask {
                    let entries = try await process.colour(batch.map(\.value))
                    return (worker, zip(batch.map(\.key), entries).map { ($0, $1) })
                }
            }
            for worker in 0..<workers { give(to: worker) }
            var coloured: [(HighlightKey, HighlightCache.Entry)] = []
            while let (worker, results) = try await group.next() {
                coloured += results
                give(to: worker)
            }
            return coloured
        }
    }

    private static func script() throws -> String {
        guard let path = Bundle.module.path(forResource: "highlight", ofType: "py", inDirectory: "Resources/Docs")
        else {
            throw HighlightFailure(
                message: "Code cannot be coloured: highlight.py is missing.",
                hint: "Keep the .resources folder beside the program.")
        }
        return path
    }
}
