import Crypto

#if canImport(Glibc)
    import Glibc
#endif

/// Names a piece of code together with everything that decides its colours.
struct HighlightKey: Hashable, Sendable {
    private var words: (UInt64, UInt64, UInt64, UInt64)

    init(_ digest: SHA256Digest) { words = digest.withUnsafeBytes { Self.load($0) } }

    fileprivate init(_ bytes: UnsafeRawBufferPointer) { words = Self.load(bytes) }

    private static func load(_ bytes: UnsafeRawBufferPointer) -> (UInt64, UInt64, UInt64, UInt64) {
        func word(_ index: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self) }
        return (word(0), word(1), word(2), word(3))
    }

    static func == (a: Self, b: Self) -> Bool { a.words == b.words }

    /// The digest is evenly spread already; one word of it is enough.
    func hash(into hasher: inout Hasher) { hasher.combine(words.0) }

    var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }
}

/// Coloured code by key, in one packed file.
///
/// The file is a header and then records: key (32 bytes), length (4), kind (4), checksum (8), HTML. Records are only
/// appended, so a build that adds one writes one. Whatever does not match its checksum counts as missing; a file of
/// another kind, or one cut short, is taken as far as it makes sense and replaced by the next ``save()``.
///
/// Values are immutable while pages are parsed, so every worker reads the same one.
struct HighlightCache: Sendable {
    enum Entry: Equatable, Sendable {
        case coloured([UInt8])
        case unknownLanguage
    }

    private static let header: [UInt8] = Array("lilypad-code-1\n\n".utf8)
    private static let recordHead = 48
    private let file: String?
    private let neverPrunedBelow: Int
    private let salt: [UInt8]
    private let stored: [UInt8]
    private var offsets: [HighlightKey: Int] = [:]
    private var added: [HighlightKey: Entry] = [:]
    private var unsaved: [HighlightKey] = []
    private var size = 0
    /// The file must be written as a whole: it is missing, damaged, or of another format.
    private var rewrite: Bool

    /// - Parameters:
    ///   - salt: what else decides the output: the versions of Pygments and of our script.
    ///   - neverPrunedBelow: bytes up to which nothing is thrown away, so that switching branches stays warm.
    init(file: String?, salt: String, neverPrunedBelow: Int = 16 << 20) {
        self.file = file
        self.neverPrunedBelow = neverPrunedBelow
        self.salt = Array("\(salt)\n".utf8)
        stored = file.flatMap { try? readFile($0) } ?? []
        rewrite = !stored.starts(with: Self.header)
        if !rewrite { scan() }
        size = stored.count
    }

    func key(language: String, html: Bytes) -> HighlightKey {
        var hash = SHA256()
        hash.update(data: salt)
        hash.update(data: Array("\(language)\n".utf8))
        hash.update(bufferPointer: UnsafeRawBufferPointer(html))
        return HighlightKey(hash.finalize())
    }

    subscript(key: HighlightKey) -> Entry? {
        if let entry = added[key] { return entry }
        guard let offset = offsets[key] else { return nil }
        return stored.withUnsafeBytes { Self.entry($0, at: offset) }
    }

    mutating func add(_ key: HighlightKey, _ entry: Entry) {
        guard added.updateValue(entry, forKey: key) == nil else { return }
        unsaved.append(key)
    }

    /// Writes what was added. When the file has grown far beyond what `inUse` needs, only that is kept.
    ///
    /// A cache that cannot be written is no reason to fail: the next build computes again.
    mutating func save(inUse: some Sequence<HighlightKey>) {
        guard let file, !unsaved.isEmpty else { return }
        let records = unsaved.flatMap { record($0) }
        let grown = size + records.count
        var kept = rewrite ? Set(offsets.keys).union(added.keys) : nil
        if grown > neverPrunedBelow {
            let used = Set(inUse)
            if grown > 4 * used.reduce(0, { $0 + (self[$1].map(Self.size) ?? 0) }) { kept = used }
        }
        if let kept {
            keep(kept, in: file)
        } else if (try? appendFile(file, records)) != nil {
            size = grown
        }
        unsaved = []
    }

    private mutating func keep(_ keys: Set<HighlightKey>, in file: String) {
        // Sorted, so that the same build leaves the same file.
        let ordered = keys.map { ($0, $0.bytes) }.sorted { $0.1.lexicographicallyPrecedes($1.1) }
        let bytes = Self.header + ordered.flatMap { record($0.0) }
        guard (try? replaceFile(file, bytes)) != nil else { return }
        size = bytes.count
        rewrite = false
    }

    // MARK: Records

    private mutating func scan() {
        stored.withUnsafeBytes { bytes in
            var offset = Self.header.count
            while offset < bytes.count {
                guard offset + Self.recordHead <= bytes.count else {
                    rewrite = true
                    return
                }
                let length = Int(bytes.loadUnaligned(fromByteOffset: offset + 32, as: UInt32.self))
                guard offset + Self.recordHead + length <= bytes.count else {
                    rewrite = true
                    return
                }
                offsets[HighlightKey(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + 32]))] = offset
                offset += Self.recordHead + length
            }
        }
    }

    private static func entry(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Entry? {
        let length = Int(bytes.loadUnaligned(fromByteOffset: offset + 32, as: UInt32.self))
        let kind = bytes.loadUnaligned(fromByteOffset: offset + 36, as: UInt32.self)
        let html = UnsafeRawBufferPointer(rebasing: bytes[offset + recordHead..<offset + recordHead + length])
        let head = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + 40])
        guard bytes.loadUnaligned(fromByteOffset: offset + 40, as: UInt64.self) == checksum(head, html) else {
            return nil
        }
        return kind == 1 ? .unknownLanguage : .coloured(Array(html))
    }

    private static func size(_ entry: Entry) -> Int {
        guard case .coloured(let html) = entry else { return recordHead }
        return recordHead + html.count
    }

    private func record(_ key: HighlightKey) -> [UInt8] {
        guard let entry = self[key] else { return [] }
        var html: [UInt8] = []
        if case .coloured(let bytes) = entry { html = bytes }
        var record = key.bytes
        withUnsafeBytes(of: UInt32(html.count)) { record += $0 }
        withUnsafeBytes(of: UInt32(entry == .unknownLanguage ? 1 : 0)) { record += $0 }
        let sum = record.withUnsafeBytes { head in html.withUnsafeBytes { Self.checksum(head, $0) } }
        withUnsafeBytes(of: sum) { record += $0 }
        return record + html
    }

    /// Eight bytes a step: it guards against damage, not against anybody.
    private static func checksum(_ head: UnsafeRawBufferPointer, _ html: UnsafeRawBufferPointer) -> UInt64 {
        var sum: UInt64 = 0x9E37_79B9_7F4A_7C15
        for part in [head, html] {
            var offset = 0
            while offset + 8 <= part.count {
                sum = (sum ^ part.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* 0xFF51_AFD7_ED55_8CCD
                sum ^= sum >> 32
                offset += 8
            }
            while offset < part.count {
                sum = (sum ^ UInt64(part[offset])) &* 0xFF51_AFD7_ED55_8CCD
                sum ^= sum >> 32
                offset += 1
            }
        }
        return sum
    }
}
