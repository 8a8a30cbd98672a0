import ArgumentParser
import EdgeServer
import Foundation

/// How a server speaks HTTPS: with a certificate of one's own, or with one of the local authority.
struct TLSFlags: ParsableArguments {
    @Flag(help: "Speaks HTTPS with a certificate of the local authority; see “lilypad trust”.")
    var https = false

    @Option(
        name: .customLong("tls-cert"),
        help: ArgumentHelp(
            "Speaks HTTPS with this certificate, PEM, those between it and its authority behind it.", valueName: "file")
    )
    var certificate: String?

    @Option(name: .customLong("tls-key"), help: ArgumentHelp("The key to --tls-cert, PEM.", valueName: "file"))
    var key: String?

    func validate() throws {
        if (certificate == nil) != (key == nil) { throw ValidationError("--tls-cert and --tls-key go together.") }
        if https, certificate != nil { throw ValidationError("--https and --tls-cert contradict each other.") }
    }

    /// - Parameter host: where the server listens, if that was said: it is named in a certificate of the local authority.
    /// - Returns: `nil` for plain HTTP.
    func options(host: String?) throws -> TLSOptions? {
        let now: @Sendable () -> Double = { Date().timeIntervalSince1970 }
        if let certificate, let key {
            return try TLSOptions(TLSIdentity(certificateFile: certificate, keyFile: key), now: now())
        }
        guard https else { return nil }
        let folder = try LocalAuthority.standardFolder(ProcessInfo.processInfo.environment)
        return try TLSOptions(LocalAuthority(folder: folder, now: now()), hosts: host.map { [$0] } ?? [], now: now)
    }
}
