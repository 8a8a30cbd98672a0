import Foundation
import HTTPCaching
import NIOCore

#if canImport(Glibc)
    import Glibc
#endif

/// `lilypad-edge proxy`: the edge cache alone, in front of any origin, until a signal ends it.
public struct CacheProxy: Sendable {
    private let options: ProxyOptions
    private let console: Console

    public init(_ options: ProxyOptions, console: Console) {
        self.options = options
        self.console = console
    }

    /// Starts, prints `listening proxy <url>`, and returns after SIGINT or SIGTERM.
    ///
    /// - Throws: `StartFailure`, one sentence, before anything listens.
    public func run() async throws {
        defer { console.flush() }
        let now: @Sendable () -> Double = { Date().timeIntervalSince1970 }
        let upstream = try makeUpstream()
        let cache = try makeCache(now)
        let rules = makeRules()
        let server = EdgeServer(threads: options.threads ?? System.coreCount)
        // From here on a signal is a wish to stop cleanly, even one that answers the line `listening`.
        let signals = Shutdown.signals()
        let hosts = options.host.map { [$0] } ?? ["127.0.0.1", "::1"]
        let plan = PortPlan(wish: .init(flag: options.port, configured: nil, standard: 8090))
        let door = Door("proxy", hosts: hosts, plan, tls: options.tls) { loop in
            ProxyHandler(cache, upstream, rules: rules, loop: loop)
        }
        let url = try await server.listen(door, console: console)
        if let path = options.control { try await openControl(path, server, cache) }
        console.listening("proxy", url)
        for await _ in signals { break }
        await server.stop(within: .seconds(8))
        await cache.store.close()
    }

    /// Whoever can open the socket may empty the cache: nobody but this user (unix(7)).
    private func openControl(_ path: String, _ server: EdgeServer, _ cache: EdgeCache) async throws {
        guard path.utf8.count <= 107 else {
            throw StartFailure("The kernel takes paths of sockets up to 107 bytes: \(path)")
        }
        let mask = umask(0o177)
        defer { umask(mask) }
        do {
            try await server.listen(on: .unix(path: path)) { ProxyControl(cache, loop: $0) }
        } catch {
            throw StartFailure("The control socket \(path) cannot be opened: \(error).")
        }
        console.listening("control", "unix:\(path)")
    }

    private func makeUpstream() throws -> Upstream {
        do {
            var upstream = UpstreamOptions()
            upstream.responseTime = .seconds(Int64(options.timeout))
            upstream.idleTime = .seconds(Int64(options.timeout))
            let origin = try UpstreamOrigin(options.upstream)
            if let file = options.upstreamCA {
                try AuthorityFile.check(file, option: "--upstream-ca")
                upstream.tls.authoritiesPath = file
            }
            return try Upstream(origin, options: upstream)
        } catch {
            throw StartFailure("\(error)")
        }
    }

    private func makeCache(_ now: @escaping @Sendable () -> Double) throws -> EdgeCache {
        var storage = ResponseStore.Options()
        storage.memoryBytes = options.memory
        storage.diskBytes = options.disk
        storage.folder = options.store
        storage.onTrouble = { [console] trouble in console.say("\(trouble)", level: "warning") }
        var cache = EdgeCache.Options()
        let profile: CacheProfile =
            switch options.profile {
            case .rfc: CacheProfile(policy: .rfc, status: .cacheStatus)
            case .cloudflare: CacheProfile(policy: .cloudflare, status: .cloudflare)
            }
        storage.setProfiles { _ in profile }
        cache.status = profile.status
        do {
            let store = try ResponseStore(options: storage, now: now)
            return EdgeCache(policy: profile.policy, store: store, options: cache, now: now)
        } catch {
            throw StartFailure("\(error)")
        }
    }

    private func makeRules() -> ForwardedFields {
        var rules = ForwardedFields()
        if let host = options.upstreamHost { rules.host = .fixed(host) }
        return rules
    }
}
