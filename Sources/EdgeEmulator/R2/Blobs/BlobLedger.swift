/// Who uses which stored bytes just now, and which of them may be removed: decisions without files.
///
/// Whether a record names a blob is in the database. Writers that have stored bytes and not saved their record yet, and
/// readers that have a body to read, are here as holds. Removing takes three steps, with the database asked in the
/// middle: `claim`, see that no record names the blob, `settle`. A hold in between cancels the claim. A record is
/// saved under a hold, or in a transaction in which another record names the blob already; so one that no record named
/// after the claim has got none since.
struct BlobLedger {
    private var holds: [BlobName: Int] = [:]
    private var claims: Set<BlobName> = []
    /// Someone wanted to remove it while it was held.
    private var doubtful: Set<BlobName> = []
    /// How many want nothing to be removed for a while.
    private var pins = 0
    private var postponed: Set<BlobName> = []

    mutating func hold(_ name: BlobName) {
        holds[name, default: 0] += 1
        if claims.remove(name) != nil { doubtful.insert(name) }
    }

    /// - Returns: whether to look now if anybody needs the blob.
    mutating func release(_ name: BlobName) -> Bool {
        guard let count = holds[name] else { return false }
        holds[name] = count > 1 ? count - 1 : nil
        return count == 1 && doubtful.remove(name) != nil
    }

    /// Begins a time in which nothing is removed: somebody links the files that a database names.
    mutating func pin() { pins += 1 }

    /// - Returns: what was to be removed meanwhile; whether anybody needs it is to be asked again.
    mutating func unpin() -> [BlobName] {
        pins -= 1
        guard pins == 0 else { return [] }
        defer { postponed = [] }
        return Array(postponed)
    }

    /// - Returns: whether the blob may be removed if no record names it; otherwise its last holder will look.
    mutating func claim(_ name: BlobName) -> Bool {
        guard holds[name] == nil else {
            doubtful.insert(name)
            return false
        }
        return claims.insert(name).inserted
    }

    /// Ends a claim.
    ///
    /// - Returns: whether it still stands, so that the blob may be removed before anything else happens here.
    mutating func settle(_ name: BlobName) -> Bool {
        guard claims.remove(name) != nil else { return false }
        guard pins > 0 else { return true }
        postponed.insert(name)
        return false
    }

    var isEmpty: Bool { holds.isEmpty && claims.isEmpty && doubtful.isEmpty && postponed.isEmpty }
}
