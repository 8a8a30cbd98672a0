import Foundation
import Testing
import X509

@testable import EdgeServer

/// A folder that is removed when the test is over.
final class TLSFolder {
    let path = "/tmp/lilypad-tls-\(UInt64.random(in: .min ... .max))"
    var authority: String { path + "/data/tls" }

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
        return "\(path)/\(name)"
    }

    func mode(_ file: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
    }

    /// The sentence with which something fails; `nil` when it does not.
    static func sentence(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return "\(error)"
        }
    }
}

private let now = 1_800_000_000.0
private let day = 86_400.0

@Suite struct LocalAuthorityTests {
    let folder: TLSFolder

    init() throws { folder = try TLSFolder() }

    private func authority(at time: Double = now) throws -> LocalAuthority {
        try LocalAuthority(folder: folder.authority, now: time)
    }

    private func leaf(_ hosts: [String] = [], at time: Double = now) throws -> Certificate {
        let identity = try authority().identity(for: hosts, now: time)
        return try Certificate(derEncoded: identity.chain[0].toDERBytes())
    }

    // MARK: The authority

    @Test func `the authority signs certificates and nothing else, directly below itself, for ten years`() throws {
        let certificate = try authority().certificate
        let extensions = certificate.extensions
        #expect(try extensions.basicConstraints == .isCertificateAuthority(maxPathLength: 0))
        #expect(try extensions.keyUsage == KeyUsage(keyCertSign: true, cRLSign: true))
        #expect(certificate.subject == certificate.issuer)
        #expect("\(certificate.subject)".contains("Lilypad local authority "))
        #expect(certificate.notValidBefore.timeIntervalSince1970 == now - day)
        #expect(certificate.notValidAfter.timeIntervalSince1970 == now + 3650 * day)
        #expect(certificate.publicKey.isValidSignature(certificate.signature, for: certificate))
    }

    @Test func `the authority may sign for no name of the internet, which is critical`() throws {
        let certificate = try authority().certificate
        let constraints = try #require(try certificate.extensions.nameConstraints)
        #expect(Array(constraints.permittedDNSDomains) == ["localhost", "test", "local", "internal", "home.arpa"])
        #expect(constraints.permittedIPRanges.count == 8)
        let critical = certificate.extensions.filter(\.critical).count
        #expect(critical == 3)
    }

    @Test func `its files are its owner's alone, also under a mask that hides nothing`() throws {
        _ = try authority()
        #expect(try folder.mode(folder.authority) == 0o700)
        #expect(try folder.mode(folder.authority + "/authority.key") == 0o600)
        #expect(try folder.mode(folder.authority + "/authority.pem") == 0o600)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.authority)
        #expect(files.sorted() == ["authority.key", "authority.pem"])
        // Nothing half-made lies beside it.
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/data") == ["tls"])
    }

    @Test func `the second start finds what the first has made`() throws {
        let first = try authority()
        #expect(try authority(at: now + 400 * day).fingerprint == first.fingerprint)
        #expect(first.fingerprint.utf8.count == 32 * 3 - 1)
    }

    @Test func `many first starts at once agree on one authority`() async throws {
        let path = folder.authority
        let prints = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<12 { group.addTask { try LocalAuthority(folder: path, now: now).fingerprint } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(prints.count == 12)
        #expect(Set(prints).count == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/data") == ["tls"])
    }

    @Test func `the folder is that of the user's data`() throws {
        let xdg = try LocalAuthority.standardFolder(["XDG_DATA_HOME": "/d", "HOME": "/h"])
        #expect(xdg == "/d/lilypad/tls")
        // A relative path is to be ignored (XDG Base Directory Specification).
        let home = try LocalAuthority.standardFolder(["XDG_DATA_HOME": "d", "HOME": "/h"])
        #expect(home == "/h/.local/share/lilypad/tls")
        #expect(throws: TLSFailure.self) { try LocalAuthority.standardFolder([:]) }
    }

    // MARK: Damage

    @Test(
        arguments: [
            ("authority.pem", "", "authority.pem is damaged."), ("authority.key", "", "authority.key is damaged."),
            ("authority.pem", "-----BEGIN CERTIFICATE-----\nMIIB", "authority.pem is damaged."),
            ("authority.key", "-----BEGIN PRIVATE KEY-----\nMIGH", "authority.key is damaged."),
        ])
    func `a file that is damaged is named, and nothing is put in its place`(file: String, text: String, said: String)
        throws
    {
        _ = try authority()
        let path = "\(folder.authority)/\(file)"
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
        let sentence = TLSFolder.sentence { _ = try authority() }
        #expect(sentence?.contains(said) == true)
        #expect(sentence?.contains("Remove the folder \(folder.authority)") == true)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }

    @Test(arguments: ["authority.pem", "authority.key"])
    func `a file that is missing is named`(file: String) throws {
        _ = try authority()
        try FileManager.default.removeItem(atPath: "\(folder.authority)/\(file)")
        #expect(TLSFolder.sentence { _ = try authority() }?.contains("\(file) is missing. Remove the folder") == true)
    }

    @Test func `a key that others can read is not used`() throws {
        _ = try authority()
        let key = folder.authority + "/authority.key"
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: key)
        #expect(TLSFolder.sentence { _ = try authority() }?.hasPrefix("Others can read \(key)") == true)
    }

    @Test func `a key of another authority is not used`() throws {
        _ = try authority()
        let other = try TLSFolder()
        _ = try LocalAuthority(folder: other.authority, now: now)
        try FileManager.default.removeItem(atPath: folder.authority + "/authority.pem")
        try FileManager.default.copyItem(
            atPath: other.authority + "/authority.pem", toPath: folder.authority + "/authority.pem")
        #expect(TLSFolder.sentence { _ = try authority() }?.contains("do not belong together") == true)
    }

    @Test func `an authority that has expired says so, on its last day already`() throws {
        _ = try authority()
        _ = try authority(at: now + 3648 * day)
        let sentence = TLSFolder.sentence { _ = try authority(at: now + 3649.5 * day) }
        #expect(sentence?.contains("has expired. Remove the folder") == true)
    }

    @Test func `an empty folder is filled`() throws {
        try FileManager.default.createDirectory(atPath: folder.authority, withIntermediateDirectories: true)
        _ = try authority()
        #expect(try folder.mode(folder.authority + "/authority.key") == 0o600)
    }

    // MARK: Certificates of servers

    @Test func `a certificate names this machine, and serves for servers alone`() throws {
        let certificate = try leaf()
        let names = try #require(try certificate.extensions.subjectAlternativeNames).map { "\($0)" }
        #expect(names.count == 4)
        #expect(names.filter { $0.contains("localhost") }.count == 2)
        let extensions = certificate.extensions
        #expect(try extensions.keyUsage == KeyUsage(digitalSignature: true))
        #expect(try extensions.extendedKeyUsage == ExtendedKeyUsage([.serverAuth]))
        #expect(try extensions.basicConstraints == .notCertificateAuthority)
        let root = try authority().certificate
        #expect(certificate.issuer == root.subject)
        #expect(root.publicKey.isValidSignature(certificate.signature, for: certificate))
        #expect(certificate.publicKey != root.publicKey)
    }

    @Test func `a certificate is valid for ninety days, and never longer than its authority`() throws {
        let certificate = try leaf()
        #expect(certificate.notValidAfter.timeIntervalSince1970 == now + 90 * day)
        #expect(certificate.notValidBefore.timeIntervalSince1970 == now - day)
        #expect(try leaf(at: now + 3640 * day).notValidAfter.timeIntervalSince1970 == now + 3650 * day)
    }

    @Test func `further hosts are named once, in lower case`() throws {
        let hosts = ["Shop.TEST", "shop.test", "*.shop.test", "192.168.1.7", "[::1]", "localhost"]
        let names = try #require(try leaf(hosts).extensions.subjectAlternativeNames).map { "\($0)" }
        #expect(names.count == 7)
        #expect(names.filter { $0.contains("shop.test") }.count == 2)
    }

    @Test(
        arguments: [
            "example.com", "test.example", "8.8.8.8", "2001:db8::1", "172.32.0.1", "xtest", "nottest.", "a b.test", "",
            "-a.test", "*.", "e\u{301}.test", "a..test",
        ])
    func `nothing is signed for a host of the internet, or for none`(host: String) throws {
        let authority = try authority()
        let sentence = TLSFolder.sentence { _ = try authority.identity(for: [host], now: now) }
        #expect(sentence?.hasSuffix(".") == true)
    }
}
