import Crypto
import EdgeServer
import WranglerConfig

#if canImport(Glibc)
    import Glibc
#endif

/// Makes the caches in front of Workers that `[cache]` of their configurations asks for.
struct FrontCaches {
    let caches: WorkerCaches
    /// The application's version.
    let release: String

    /// - Parameter entrypoint: `nil` for the default handlers.
    func cache(_ settings: EmulatorSettings, name: String, entrypoint: String?) -> FrontCache? {
        guard let cache = settings.config.cache, cache.isEnabled else { return nil }
        return caches.front(
            of: name, entrypoint: entrypoint, version: cache.isCrossVersion ? nil : version(settings))
    }

    /// Another one for every build of the program and every change of the variables, as a deployment makes one.
    private func version(_ settings: EmulatorSettings) -> String {
        var hash = SHA256()
        hash.update(data: Array("\(release)\0\(FrontCaches.build)\0".utf8))
        for (name, variable) in settings.variables.variables.sorted(by: { $0.key < $1.key }) {
            let value =
                switch variable {
                case .plain(let text): text
                case .secret(let secret): secret.reveal()
                case .json(let node): node.json
                }
            hash.update(data: Array("\(name)\0\(value)\0".utf8))
        }
        return hash.finalize().prefix(8).map { String($0, radix: 16) }.joined(separator: ".")
    }

    /// Tells this program from an earlier build of it.
    private static let build: String = {
        var status = stat()
        guard stat("/proc/self/exe", &status) == 0 else { return "" }
        return "\(status.st_ino).\(status.st_size).\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    }()
}
