import Crypto
import Foundation
import Synchronization
import Testing
import X509

@testable import EdgeServer

private let now = 1_800_000_000.0
private let day = 86_400.0

/// A key, and a certificate for it that another key may have signed.
private struct Signed {
    let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
    let certificate: Certificate

    init(_ name: String, until end: Double = now + 300 * day, by issuer: Signed? = nil) throws {
        let subject = try DistinguishedName { CommonName(name) }
        certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: key.publicKey,
            notValidBefore: Date(timeIntervalSince1970: now - day), notValidAfter: Date(timeIntervalSince1970: end),
            issuer: issuer?.certificate.subject ?? subject, subject: subject, extensions: Certificate.Extensions(),
            issuerPrivateKey: issuer?.key ?? key)
    }

    var pem: String { get throws { try certificate.serializeAsPEM().pemString + "\n" } }
    var keyPEM: String { get throws { try key.serializeAsPEM().pemString + "\n" } }
}

@Suite struct TLSIdentityTests {
    let folder: TLSFolder

    init() throws { folder = try TLSFolder() }

    private func identity(_ chain: String, _ key: String) throws -> TLSIdentity {
        let certificateFile = try folder.write("site.pem", chain)
        let keyFile = try folder.write("site.key", key)
        return try TLSIdentity(certificateFile: certificateFile, keyFile: keyFile)
    }

    @Test func `a chain is sent in the order of the file, and ends with whichever certificate ends first`() throws {
        let middle = try Signed("middle", until: now + 20 * day)
        let own = try Signed("own", by: middle)
        let identity = try identity(try own.pem + middle.pem, try own.keyPEM)
        let sent = try identity.chain.map { try Certificate(derEncoded: $0.toDERBytes()) }
        #expect(sent == [own.certificate, middle.certificate])
        #expect(identity.validUntil == now + 20 * day)
    }

    @Test func `a chain in the wrong order is refused, because the key is not that of its first certificate`() throws {
        let middle = try Signed("middle")
        let own = try Signed("own", by: middle)
        let sentence = TLSFolder.sentence { _ = try identity(try middle.pem + own.pem, try own.keyPEM) }
        #expect(
            sentence
                == "The key in \(folder.path)/site.key does not belong to the first certificate in \(folder.path)/site.pem."
        )
    }

    @Test func `a key of another certificate is refused with the names of both files`() throws {
        let own = try Signed("own")
        let sentence = TLSFolder.sentence { _ = try identity(try own.pem, try Signed("other").keyPEM) }
        #expect(sentence?.contains("site.key does not belong to the first certificate in") == true)
    }

    @Test(arguments: [
        "-----BEGIN ENCRYPTED PRIVATE KEY-----", "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED",
    ])
    func `an encrypted key is refused, with what to do`(beginning: String) throws {
        let own = try Signed("own")
        let sentence = TLSFolder.sentence { _ = try identity(try own.pem, beginning + "\nAAAA\n") }
        #expect(sentence?.hasPrefix("The key in \(folder.path)/site.key is encrypted; write it without") == true)
    }

    @Test func `files without a certificate or a key, and files that are none, are named`() throws {
        let own = try Signed("own")
        let noCertificate = TLSFolder.sentence { _ = try identity("nothing", try own.keyPEM) }
        #expect(noCertificate == "There is no certificate in PEM form in \(folder.path)/site.pem.")
        let noKey = TLSFolder.sentence { _ = try identity(try own.pem, try own.pem) }
        #expect(noKey == "There is no private key in PEM form in \(folder.path)/site.key.")
        let missing = TLSFolder.sentence { _ = try TLSIdentity(certificateFile: "/nowhere/a.pem", keyFile: "/b") }
        #expect(missing == "There is no file /nowhere/a.pem, which --tls-cert names.")
        let path = folder.path
        let isFolder = TLSFolder.sentence { _ = try TLSIdentity(certificateFile: path + "/site.pem", keyFile: path) }
        #expect(isFolder == "There is no file \(path), which --tls-key names.")
    }

    @Test func `whoever starts a server hears of a certificate that ends, has ended or has not begun`() throws {
        let own = try Signed("own", until: now + 30 * day)
        let identity = try identity(try own.pem, try own.keyPEM)
        #expect(identity.warning(now: now) == nil)
        #expect(identity.warning(now: now + 25 * day)?.hasPrefix("The TLS certificate expires on 2027-02-14") == true)
        #expect(identity.warning(now: now + 30 * day)?.contains("has expired on") == true)
        #expect(identity.warning(now: now - 2 * day)?.contains("is not valid before") == true)
    }

    @Test func `the warning reaches whoever starts a server with that certificate`() throws {
        let own = try Signed("own", until: now + 3 * day)
        let identity = try identity(try own.pem, try own.keyPEM)
        #expect(try TLSOptions(identity, now: now).warning?.hasPrefix("The TLS certificate expires on") == true)
        #expect(try TLSOptions(identity, now: now - 2 * day).warning?.contains("is not valid before") == true)
        #expect(try TLSOptions(identity).warning == nil)
    }

    // MARK: Renewal

    @Test func `a server's certificate is made anew when two thirds of its time are over`() throws {
        let authority = try LocalAuthority(folder: folder.authority, now: now)
        let clock = Mutex(now)
        let time: @Sendable () -> Double = { clock.withLock { $0 } }
        let options = try TLSOptions(authority, now: time)
        let first = options.context()
        clock.withLock { $0 = now + 59 * day }
        #expect(options.context() === first)
        clock.withLock { $0 = now + 60 * day }
        let second = options.context()
        #expect(second !== first)
        #expect(options.context() === second)
    }

    // MARK: Authorities of origins

    @Test func `a file of authorities that cannot be used is named in one sentence`() throws {
        let file = try folder.write("ca.pem", "nothing")
        let empty = TLSFolder.sentence { try AuthorityFile.check(file, option: "--upstream-ca") }
        #expect(empty == "There is no certificate in PEM form in \(file), which --upstream-ca names.")
        let missing = TLSFolder.sentence { try AuthorityFile.check("/nowhere", option: "--upstream-ca") }
        #expect(missing == "There is no file /nowhere, which --upstream-ca names.")
        let good = try folder.write("good.pem", try Signed("own").pem)
        try AuthorityFile.check(good, option: "--upstream-ca")
    }
}
