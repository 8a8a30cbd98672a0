/// One of the things a build does side by side: compiling the client, rendering the docs, checking types.
///
/// The pipeline knows a stage by its name and its product alone. A stage that needs another's result shares it in the closures.
public struct BuildStage: Sendable {
    /// As progress shows it: `client`, `docs`, `types`.
    public var name: String
    /// Throws `BuildFailure` or `Diagnostic` for problems of the source.
    public var run: @Sendable () async throws -> StageProduct

    public init(_ name: String, run: @escaping @Sendable () async throws -> StageProduct) {
        self.name = name
        self.run = run
    }
}

/// What a stage adds to the bundle.
public struct StageProduct: Sendable {
    public var artifacts: [Artifact] = []
    /// Source maps, relative to `dist/maps`.
    public var maps: [OutputFile] = []
    /// What the Content-Security-Policy must allow beside our own files: `sha256-…` of each script inside a page.
    public var inlineScripts: [String] = []
    public var warnings: [Diagnostic] = []
    /// A few words for the progress line: `1,012 pages`.
    public var note: String?
    /// How long the steps inside the stage took, for the benchmark.
    public var parts: [TimedPart] = []

    public init(
        artifacts: [Artifact] = [], maps: [OutputFile] = [], inlineScripts: [String] = [], warnings: [Diagnostic] = [],
        note: String? = nil
    ) {
        self.artifacts = artifacts
        self.maps = maps
        self.inlineScripts = inlineScripts
        self.warnings = warnings
        self.note = note
    }
}

/// A step inside a stage and how long it took.
public struct TimedPart: Sendable, Equatable {
    /// One word: `parse`.
    public var name: String
    public var duration: Duration

    public init(_ name: String, _ duration: Duration) {
        self.name = name
        self.duration = duration
    }
}

/// One public file of the bundle with what the summary and the budgets need to know of it.
public struct Artifact: Sendable, Hashable {
    /// The part a file plays, in the order of the summary.
    public enum Role: String, Sendable, Hashable, CaseIterable {
        /// A page of the client.
        case page
        /// The script a page starts with, and what it imports statically.
        case entry
        /// Libraries in files of their own.
        case vendor
        /// Scripts that are loaded when they are needed.
        case route
        case styles
        /// A page of the documentation.
        case docs
        case other
    }

    /// Relative to `dist/public`.
    public var file: OutputFile
    public var role: Role
    /// Who made it, for a sentence: `site/public/robots.txt`, `the client build`.
    public var source: String

    public init(_ file: OutputFile, role: Role, source: String) {
        self.file = file
        self.role = role
        self.source = source
    }
}

/// What a bundle is for.
public enum BuildMode: String, Sendable, CaseIterable {
    /// Minified, hashed, packed.
    case production
    /// Readable and quick to make.
    case development
}
