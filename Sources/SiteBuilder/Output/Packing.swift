/// Whether a build makes packed variants.
public enum Packing: Sendable, Equatable {
    /// None: a development build, which is read from this machine.
    case none
    /// brotli 11 and gzip 9 for every file that gains by it.
    case full
}

/// The packed variants of one file; `nil` where the coding would not gain enough.
struct PackedVariants: Sendable, Equatable {
    struct Variant: Sendable, Equatable {
        var bytes: [UInt8]
        var hash: ContentDigest
    }

    var brotli: Variant?
    var gzip: Variant?
}

/// Packs files over all cores, from the cache where it can.
struct Packer: Sendable {
    /// What goes in: the bytes with their hash, and whether they are text.
    struct Item: Sendable {
        var bytes: [UInt8]
        var hash: ContentDigest
        var text: Bool
    }

    enum Coding: String, Sendable, CaseIterable {
        case brotli = "br"
        case gzip

        /// The encoder with everything that decides about its bytes.
        var encoder: String {
            switch self {
            case .brotli: "br-11-\(Brotli.version)"
            case .gzip: "gz-9-\(Gzip.version)"
            }
        }

        func pack(_ item: Item) -> [UInt8]? {
            switch self {
            case .brotli:
                guard let packed = Brotli.compress(item.bytes, text: item.text) else { return nil }
                // A variant that does not unpack breaks the site for everybody; looking costs a hundredth of packing.
                return Brotli.decompress(packed, size: item.bytes.count) == item.bytes ? packed : nil
            case .gzip:
                guard let packed = Gzip.compress(item.bytes) else { return nil }
                return Gzip.decompress(packed, size: item.bytes.count) == item.bytes ? packed : nil
            }
        }
    }

    let cache: PackingCache?

    /// A variant must save a twentieth, and more than the answer's additional header lines cost.
    static func isWorthwhile(packed: Int, raw: Int) -> Bool { raw - packed >= max(64, raw / 20) }

    /// The variants of each item, in the items' order. `progress` hears how many of how many files are done, from any thread.
    func pack(
        _ items: [Item], progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) async throws -> [PackedVariants] {
        // The largest first: begun last, one large file would keep one core busy while the others wait.
        let order = items.indices.sorted { items[$0].bytes.count > items[$1].bytes.count }
        let cache = cache
        var results = [PackedVariants](repeating: PackedVariants(), count: items.count)
        var done = 0
        try await withThrowingTaskGroup(of: (Int, Coding, PackedVariants.Variant?).self) { group in
            for index in order {
                for coding in Coding.allCases {
                    let item = items[index]
                    // The tasks run on the cooperative pool, which has one thread a core.
                    group.addTask {
                        try Task.checkCancellation()
                        return (index, coding, variant(of: item, coding, cache: cache))
                    }
                }
            }
            for try await (index, coding, variant) in group {
                switch coding {
                case .brotli: results[index].brotli = variant
                case .gzip: results[index].gzip = variant
                }
                done += 1
                if done.isMultiple(of: Coding.allCases.count) { progress(done / Coding.allCases.count, items.count) }
            }
        }
        cache?.prune()
        return results
    }

    private func variant(of item: Item, _ coding: Coding, cache: PackingCache?) -> PackedVariants.Variant? {
        // brotli is told whether it gets text, so the same content may have two results.
        let encoder = coding.encoder + (coding == .brotli && item.text ? "-t" : "")
        switch cache?.entry(item.hash, encoder: encoder) {
        case .packed(let bytes, let hash)?: return .init(bytes: bytes, hash: hash)
        case .useless?: return nil
        case nil: break
        }
        guard let packed = coding.pack(item) else { return nil }
        guard Self.isWorthwhile(packed: packed.count, raw: item.bytes.count) else {
            cache?.store(.useless, item.hash, encoder: encoder)
            return nil
        }
        let variant = PackedVariants.Variant(bytes: packed, hash: ContentDigest(of: packed))
        cache?.store(.packed(packed, variant.hash), item.hash, encoder: encoder)
        return variant
    }
}
