import FoundationEssentials

extension BunWorker {
    /// The bundler's version, part of every cache key.
    public struct Version: Codable, Sendable, Equatable {
        public var version: String
        public var revision: String
    }

    public struct BundleRequest: Encodable, Sendable {
        public enum Format: String, Encodable, Sendable { case esm, iife }

        /// Site-relative; a name listed in `files` need not exist on disk.
        public var entrypoint: String
        /// Texts by site-relative name that take the place of files.
        public var files: [String: String] = [:]
        public var format = Format.esm
        public var splitting = false
        public var minify = true
        /// JavaScript expressions by the name they replace.
        public var define: [String: String] = [:]
        /// Specifiers left as they are, for the import map to resolve.
        public var external: [String] = []
        /// Whether every import of a package is left as it is.
        public var packages = false
        public var assetPrefix = "/assets/"
        /// Stylesheets compiled elsewhere: importing one does nothing.
        public var ignoredStyles: [String] = []

        public init(entrypoint: String) { self.entrypoint = entrypoint }
    }

    public struct BundleResult: Decodable, Sendable {
        public struct File: Decodable, Sendable {
            /// What other files import this one by: `~/NAME`.
            public var name: String
            public var isEntry: Bool
            /// The module that starts this file, when an entry or a dynamic import does.
            public var entryPoint: String?
            public var inputs: [String]
            public var imports: [Import]
            public var exports: [String]
            public var code: String
            public var map: SourceMap
        }
        public struct Import: Decodable, Sendable {
            public var path: String
            /// As Bun names it: `import-statement`, `dynamic-import`, `require-call` …
            public var kind: String
            public var isDynamic: Bool { kind == "dynamic-import" }
        }
        public struct Asset: Decodable, Sendable {
            public var url: String
            /// Site-relative.
            public var file: String
        }
        public struct Input: Decodable, Sendable {
            public struct Import: Decodable, Sendable {
                public var path: String
                public var kind: String
                public var external: Bool
                public var original: String
            }
            public var path: String
            public var format: String
            public var imports: [Import]
        }

        /// The entry first, then by name.
        public var files: [File]
        /// The styles that scripts import, merged; asset URLs in it are written `~asset/SITE-PATH`.
        public var styles: String
        public var assets: [Asset]
        public var inputs: [Input]
        var warnings: [Problem]
    }

    /// A version 3 source map, its sources named relative to the site.
    public struct SourceMap: Codable, Sendable {
        public var version: Int
        public var sources: [String]
        public var sourcesContent: [String?]
        public var names: [String]
        public var mappings: String
    }

    public struct Exports: Decodable, Sendable {
        public struct Module: Decodable, Sendable {
            public var specifier: String
            /// `esm` or `cjs`.
            public var format: String
            public var names: [String]
        }
        /// One name that two of the modules give different values.
        public struct Conflict: Decodable, Sendable {
            public var name: String
            public var specifiers: [String]
        }
        public var modules: [Module]
        public var conflicts: [Conflict]
    }

    public struct TransformRequest: Encodable, Sendable {
        /// Site-relative.
        public var path: String
        public var define: [String: String]
        /// URL prefixes, with their closing slash, and the URL of the dev client.
        public var moduleBase: String
        public var fileBase: String
        public var client: String
        public var ignoredStyles: [String] = []
    }

    public struct Transformed: Decodable, Sendable {
        public struct Import: Decodable, Sendable {
            public var url: String
            public var path: String
            public var kind: String
        }
        public var code: String
        /// The modules of the site it imports, dynamic imports included.
        public var imports: [Import]
        /// The packages it imports, by the names it uses.
        public var packages: [String]
        /// Whether it registers components for Fast Refresh.
        public var refresh: Bool
    }

    /// What the worker says is wrong, before it is put into our words.
    struct Problem: Decodable, Sendable {
        var level: String
        var message: String
        var file: String?
        var line: Int?
        var column: Int?
        var lineText: String?
        var specifier: String?
    }

    public func ping() async throws -> Version { try await perform("ping", Nothing()) }

    /// Bundles one entry. Fails with a `BuildFailure` when the source is wrong.
    public func bundle(_ request: BundleRequest) async throws -> BundleResult { try await perform("bundle", request) }

    /// What installed modules export under the given definitions.
    public func exports(of specifiers: [String], define: [String: String]) async throws -> Exports {
        struct Body: Encodable {
            var specifiers: [String]
            var define: [String: String]
        }
        return try await perform("exports", Body(specifiers: specifiers, define: define))
    }

    /// Turns one file of the site into a module that a browser loads by itself.
    public func transform(_ request: TransformRequest) async throws -> Transformed {
        try await perform("transform", request)
    }

    private struct Nothing: Encodable {}

    private struct Request<Body: Encodable>: Encodable {
        enum Keys: String, CodingKey { case id, op }
        var id: Int
        var op: String
        var body: Body

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(id, forKey: .id)
            try container.encode(op, forKey: .op)
            try body.encode(to: encoder)
        }
    }

    private struct Answer<Result: Decodable>: Decodable {
        var result: Result?
        var errors: [Problem]?
    }

    private nonisolated func perform<Result: Decodable & Sendable>(
        _ operation: String, _ body: some Encodable & Sendable
    ) async throws -> Result {
        let line = try await attempt(operation, body)
        do {
            let answer = try JSONDecoder().decode(Answer<Result>.self, from: Data(line))
            if let result = answer.result { return result }
            throw BuildFailure((answer.errors ?? []).map { $0.diagnostic(site: site) })
        } catch let error as DecodingError {
            throw Failure.malformed("\(error)")
        }
    }

    private func attempt(_ operation: String, _ body: some Encodable & Sendable) async throws -> [UInt8] {
        try await exchange { id in
            Array(try JSONEncoder().encode(Request(id: id, op: operation, body: body)))
        }
    }
}
