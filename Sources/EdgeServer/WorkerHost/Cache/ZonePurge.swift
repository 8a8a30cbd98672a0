import Workers

/// What a purge of a whole zone names. The parts add up.
package struct ZonePurge: Sendable, Hashable {
    package var everything = false
    package var files: [RequestURL] = []
    package var tags: [String] = []
    package var hosts: [String] = []
    /// Host and beginning of a path, without a scheme.
    package var prefixes: [String] = []

    package init() {}

    /// In the form of keys. The caches in front of Workers know paths only, the one behind their `fetch` knows whole URLs.
    var purges: [Purge] {
        if everything { return [.everything] }
        var purges: [Purge] = []
        if !files.isEmpty {
            let targets = files.map { $0.path + ($0.query.map { "?" + $0 } ?? "") }
            purges.append(.urls(files.map(\.text) + targets))
            // What tells versions of a Worker apart follows behind a zero.
            purges.append(.prefixes(targets.map { $0 + "\u{0}" }))
        }
        if !tags.isEmpty { purges.append(.tags(tags)) }
        // In front of Workers it is not known by which name they were asked, so a host stands for all of them there.
        if !hosts.isEmpty { purges += [.hosts(hosts), .prefixes(["/"])] }
        if !prefixes.isEmpty {
            let paths = prefixes.map { prefix in
                String(decoding: prefix.utf8.drop { $0 != UInt8(ascii: "/") }, as: UTF8.self)
            }
            purges.append(.prefixes(prefixes + paths.map { $0.isEmpty ? "/" : $0 }))
        }
        return purges
    }
}

extension WorkerCaches {
    /// Removes whatever is named, in front of every Worker and behind their `fetch`; no restart brings it back.
    ///
    /// - Throws: a `StoreFailure` if a restart might.
    package func purge(_ zone: ZonePurge) async throws {
        for purge in zone.purges { try await store.purge(purge, in: nil) }
    }
}
