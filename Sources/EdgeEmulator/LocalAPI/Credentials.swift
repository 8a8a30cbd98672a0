import EdgeServer
import Foundation
import Workers

#if canImport(Glibc)
    import Glibc
#endif

/// What clients of the local REST and S3 interfaces sign in with: generated at the first start, kept beside the
/// configuration, never in a log.
public struct Credentials: Sendable, Equatable {
    /// 32 hex digits, as Cloudflare's are.
    public var accountId: String
    public var apiToken: String
    public var s3AccessKeyId: String
    public var s3SecretAccessKey: String
    /// The ingestion key of the demo project.
    public var demoApiKey: String

    /// Random ones.
    init(using generator: inout some RandomNumberGenerator) {
        accountId = Self.hexadecimal(16, &generator)
        apiToken = Self.hexadecimal(20, &generator)
        s3AccessKeyId = Self.hexadecimal(16, &generator)
        s3SecretAccessKey = Self.hexadecimal(32, &generator)
        demoApiKey = "lp_" + Self.hexadecimal(20, &generator)
    }

    private static func hexadecimal(_ count: Int, _ generator: inout some RandomNumberGenerator) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let bytes = (0..<(count * 2)).map { _ in digits[Int(UInt8.random(in: 0..<16, using: &generator))] }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Credentials {
    private static let members: [(name: String, variable: String, WritableKeyPath<Credentials, String> & Sendable)] = [
        ("accountId", "LILYPAD_ACCOUNT_ID", \.accountId),
        ("apiToken", "LILYPAD_API_TOKEN", \.apiToken),
        ("s3AccessKeyId", "LILYPAD_S3_ACCESS_KEY_ID", \.s3AccessKeyId),
        ("s3SecretAccessKey", "LILYPAD_S3_SECRET_ACCESS_KEY", \.s3SecretAccessKey),
        ("demoApiKey", "LILYPAD_DEMO_API_KEY", \.demoApiKey),
    ]

    /// The credentials of a file, which is made at the first start, with what the environment says in their place.
    ///
    /// - Throws: `StartFailure` for a file that cannot be read, made, or understood.
    public static func load(
        _ path: String, environment: [String: String], using generator: inout some RandomNumberGenerator
    ) throws -> Credentials {
        try replaced(stored(path) ?? make(path, using: &generator), environment)
    }

    /// The credentials of a file that an emulator has made before.
    ///
    /// - Returns: `nil` when there is no file.
    static func existing(_ path: String, environment: [String: String]) throws -> Credentials? {
        try stored(path).map { replaced($0, environment) }
    }

    private static func replaced(_ credentials: Credentials, _ environment: [String: String]) -> Credentials {
        var credentials = credentials
        for (_, variable, member) in members {
            guard let value = environment[variable], !value.isEmpty else { continue }
            credentials[keyPath: member] = value
        }
        return credentials
    }

    /// - Returns: `nil` when there is no file.
    private static func stored(_ path: String) throws -> Credentials? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw StartFailure("\(path) cannot be read; its owner has to be who starts the emulator.")
        }
        var generator = SystemRandomNumberGenerator()
        var credentials = Credentials(using: &generator)
        guard let json = try? JSON(parsing: Array(data)) else {
            throw StartFailure("\(path) is not JSON; delete it, and the next start makes new credentials.")
        }
        for (name, _, member) in members {
            guard let value = json[name]?.string, !value.isEmpty else {
                throw StartFailure("\(path) lacks “\(name)”; delete it, and the next start makes new credentials.")
            }
            credentials[keyPath: member] = value
        }
        return credentials
    }

    /// Written under another name and linked: of two first starts at once, both end with the same credentials.
    private static func make(_ path: String, using generator: inout some RandomNumberGenerator) throws -> Credentials {
        let made = Credentials(using: &generator)
        let folder = (path as NSString).deletingLastPathComponent
        let draft = "\(path).\(getpid()).\(UInt32.random(in: .min ... .max, using: &generator))"
        let fields = members.map { JSON.Member($0.name, .string(made[keyPath: $0.2])) }
        let lines = fields.map { "  \(JSON.string($0.name).text): \($0.value.text)" }.joined(separator: ",\n")
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw StartFailure("The folder \(folder) cannot be made: \(error.localizedDescription)")
        }
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StartFailure("The credentials cannot be written to \(path): \(String(cString: strerror(errno)))")
        }
        let bytes = Array("{\n\(lines)\n}\n".utf8)
        let written = write(descriptor, bytes, bytes.count)
        fsync(descriptor)
        close(descriptor)
        defer { unlink(draft) }
        guard written == bytes.count else {
            throw StartFailure("The credentials cannot be written to \(path): the disk takes no more.")
        }
        if link(draft, path) == 0 { return made }
        guard errno == EEXIST, let other = try stored(path) else {
            throw StartFailure("The credentials cannot be written to \(path): \(String(cString: strerror(errno)))")
        }
        return other
    }
}
