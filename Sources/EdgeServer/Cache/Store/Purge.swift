/// What is to be removed, beyond one key.
package enum Purge: Sendable, Hashable {
    /// Primary keys, each with all its variants.
    case urls([String])
    /// The beginnings of primary keys, compared byte by byte. One without a scheme (`example.com/docs/`) is compared with what
    /// follows the scheme.
    case prefixes([String])
    /// Hosts without a port; the keys of every scheme and port go.
    case hosts([String])
    /// Of `Cache-Tag`, in any case.
    case tags([String])
    case everything
}

/// Purges in the form that entries are compared with, each with the moment it was made: an entry is gone if a purge that
/// matches came after it. How many purges there are makes no difference to the time this takes.
struct PurgeHistory: Sendable {
    /// The latest moment, for each thing that was named.
    fileprivate struct Names: Sendable {
        var everything: UInt64?
        var urls: [[UInt8]: UInt64] = [:]
        var prefixes: [[UInt8]: UInt64] = [:]
        var prefixLengths: Set<Int> = []
        var hosts: [[UInt8]: UInt64] = [:]
        var tags: [UInt32: UInt64] = [:]
    }

    private var everywhere: Names?
    private var namespaces: [[UInt8]: Names] = [:]

    /// One purge whose moment does not matter.
    init(_ purge: Purge, namespace: String?) { add(purge, namespace: namespace, at: .max) }

    init() {}

    var isEmpty: Bool { everywhere == nil && namespaces.isEmpty }

    /// - Parameter namespace: `nil` for all of them.
    mutating func add(_ purge: Purge, namespace: String?, at moment: UInt64) {
        if let namespace {
            namespaces[Array(namespace.utf8.prefix(Int(UInt16.max))), default: Names()].add(purge, moment)
        } else {
            var names = everywhere ?? Names()
            names.add(purge, moment)
            everywhere = names
        }
    }

    /// When an entry with this key and these hashes of tags was purged last.
    func last(_ key: [UInt8], namespaceLength: Int, tags: [UInt32]) -> UInt64? {
        var last: UInt64?
        func look(_ names: Names) {
            if let moment = names.last(key[namespaceLength...], tags), moment >= last ?? 0 { last = moment }
        }
        if let everywhere { look(everywhere) }
        if !namespaces.isEmpty, let names = namespaces[Array(key[..<namespaceLength])] { look(names) }
        return last
    }

    /// The hashes of the tags that were purged in the cache of a key.
    func tags(for key: StoreKey) -> some Sequence<UInt32> {
        let here = namespaces[Array(key.bytes[..<key.namespaceLength])]
        return [everywhere, here].lazy.compactMap { $0?.tags.keys }.joined()
    }
}

extension PurgeHistory.Names {
    fileprivate mutating func add(_ purge: Purge, _ moment: UInt64) {
        switch purge {
        case .everything: everything = max(everything ?? 0, moment)
        case .urls(let texts): for text in texts { PurgeHistory.set(&urls, Array(text.utf8), moment) }
        case .hosts(let texts): for text in texts { PurgeHistory.set(&hosts, Array(text.lowercased().utf8), moment) }
        case .tags(let texts): for text in texts { PurgeHistory.set(&tags, Tags.hash(text), moment) }
        case .prefixes(let texts):
            for text in texts {
                PurgeHistory.set(&prefixes, Array(text.utf8), moment)
                prefixLengths.insert(text.utf8.count)
            }
        }
    }

    fileprivate func last(_ primary: ArraySlice<UInt8>, _ tags: [UInt32]) -> UInt64? {
        var last = everything
        func look(_ moment: UInt64?) {
            if let moment, moment >= last ?? 0 { last = moment }
        }
        if !urls.isEmpty { look(urls[Array(primary)]) }
        if !hosts.isEmpty {
            let host = PrimaryKey.host(primary)
            if !host.isEmpty { look(hosts[Array(host)]) }
        }
        if !self.tags.isEmpty { for tag in tags { look(self.tags[tag]) } }
        if !prefixes.isEmpty {
            let rest = PrimaryKey.withoutScheme(primary)
            for length in prefixLengths {
                if length <= primary.count { look(prefixes[Array(primary.prefix(length))]) }
                if length <= rest.count { look(prefixes[Array(rest.prefix(length))]) }
            }
        }
        return last
    }
}

extension PurgeHistory {
    fileprivate static func set<Name>(_ names: inout [Name: UInt64], _ name: Name, _ moment: UInt64) {
        names[name] = max(names[name] ?? 0, moment)
    }
}
