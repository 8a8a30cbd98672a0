/// The sizes of a bundle, compared with those of the build before: what the table shows and the budgets are held against.
public struct SizeReport: Sendable, Equatable {
    public struct Row: Sendable, Equatable {
        /// The path below `dist/public` without its hash: `assets/home-*.js`; or `docs, 1,012 pages`.
        public var name: String
        public var role: Artifact.Role
        public var raw: Int
        /// As sent packed; the raw size where there is no packed variant.
        public var gzip: Int
        public var brotli: Int
        /// Bytes of brotli more or less than in the last build, `nil` if there was no such file.
        public var change: Int?
        /// How many files the row stands for.
        public var count = 1
    }

    /// By role, then by size, the largest first. Pages of the documentation are one row.
    public var rows: [Row]
    public var total: Row
    /// Whether there was a build to compare with.
    public var isCompared: Bool

    /// - Parameter previous: The manifest of the build before, if there was one.
    init(_ artifacts: [Artifact], manifest: Manifest, previous: Manifest?) {
        var sizes: [String: Manifest.File] = [:]
        for file in manifest.files { sizes[file.path] = file }
        var before: [String: Int] = [:]
        for file in previous?.files ?? []
        where file.path.hasPrefix("public/") && !SiteBundle.steersServer(String(file.path.dropFirst(7))) {
            before[Self.stableName(String(file.path.dropFirst(7))), default: 0] += file.sent
        }
        var rows: [Row] = []
        var docs: Row?
        var docsBefore: Int?
        var total = Row(name: "total", role: .other, raw: 0, gzip: 0, brotli: 0, count: 0)
        for artifact in artifacts where !SiteBundle.steersServer(artifact.file.path) {
            guard let file = sizes["public/" + artifact.file.path] else { continue }
            let name = Self.stableName(artifact.file.path)
            var row = Row(
                name: name, role: artifact.role, raw: file.size, gzip: file.encodings["gzip"]?.size ?? file.size,
                brotli: file.sent)
            total.add(row)
            if artifact.role == .docs {
                if let old = before[name] { docsBefore = (docsBefore ?? 0) + old }
                if docs == nil { docs = Row(name: "", role: .docs, raw: 0, gzip: 0, brotli: 0, count: 0) }
                docs?.add(row)
                continue
            }
            row.change = before[name].map { row.brotli - $0 }
            rows.append(row)
        }
        if var docs {
            docs.name = docs.count == 1 ? "docs, 1 page" : "docs, \(Self.grouped(docs.count)) pages"
            docs.change = docsBefore.map { docs.brotli - $0 }
            rows.append(docs)
        }
        let order = Artifact.Role.allCases
        rows.sort { a, b in
            if a.role != b.role { return order.firstIndex(of: a.role)! < order.firstIndex(of: b.role)! }
            if a.brotli != b.brotli { return a.brotli > b.brotli }
            return Files.bytewise(a.name, b.name)
        }
        if previous != nil { total.change = total.brotli - before.values.reduce(0, +) }
        self.rows = rows
        self.total = total
        isCompared = previous != nil
    }

    /// A hashed name without its hash, the same from build to build: `assets/home-1f9a03bc.js` → `assets/home-*.js`.
    static func stableName(_ path: String) -> String {
        guard path.hasPrefix("assets/"), let slash = path.lastIndex(of: "/") else { return path }
        // What comes after the hash may have a dot of its own: `.css.map`.
        let name = path[slash...]
        guard let mark = name.lastIndex(of: "-") else { return path }
        let hash = name[name.index(after: mark)...].prefix { $0 != "." }
        guard hash.count >= 8, hash.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }) else {
            return path
        }
        return String(path[..<mark]) + "-*" + String(path[hash.endIndex...])
    }

    /// `12,345`.
    static func grouped(_ number: Int) -> String {
        var digits = String(number)
        var parts: [String] = []
        while digits.count > 3 {
            parts.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return ([digits] + parts).joined(separator: ",")
    }
}

extension SizeReport.Row {
    mutating func add(_ other: SizeReport.Row) {
        raw += other.raw
        gzip += other.gzip
        brotli += other.brotli
        count += 1
    }
}

extension Manifest.File {
    /// Bytes that a current browser receives.
    var sent: Int { encodings["br"]?.size ?? size }
}
