import Crypto
import Foundation
import NIOSSL
import SwiftASN1
import X509

/// The certificate authority of one user, for HTTPS on this machine.
///
/// It is made once and kept in the user's data folder, not beside a project: a browser has to be told to trust it, and
/// telling it once is enough for every project and every checkout. What it may sign for is limited in its own
/// certificate (`LocalName`). Certificates for servers are made at each start, live in memory and are short-lived.
public struct LocalAuthority: Sendable {
    /// How long the authority is valid. Trusting it is work for the user, so this is long.
    static let years = 10
    static let day = 86_400.0
    /// Browsers refuse more than 398 days; a certificate that is made anew at each start needs far less.
    static let leafDays = 90.0
    static let certificateName = "authority.pem"
    static let keyName = "authority.key"

    /// Absolute; readable by its owner alone.
    public let folder: String
    let certificate: Certificate
    private let key: Certificate.PrivateKey
    private let randomness: Randomness

    /// Loads the authority of a folder, or makes one if the folder is missing or empty.
    ///
    /// - Parameters:
    ///   - folder: absolute. It appears with everything in it at once, so two starts at the same time agree on one.
    ///   - now: seconds since 1970.
    /// - Throws: one sentence for what is damaged, readable by others, or expired.
    public init(folder: String, now: Double, randomness: Randomness = .system) throws(TLSFailure) {
        if !AuthorityFiles.exists(folder) {
            let made = try LocalAuthority.make(now: now, randomness)
            try AuthorityFiles.write(made, to: folder)
        }
        // Also after writing: somebody else may have been a moment faster.
        let files = try AuthorityFiles.read(folder)
        let remedy = "Remove the folder \(folder) to get a new authority, which has to be trusted anew."
        guard let certificate = try? Certificate(pemEncoded: files.certificate) else {
            throw TLSFailure("\(folder)/\(LocalAuthority.certificateName) is damaged. \(remedy)")
        }
        guard let key = try? Certificate.PrivateKey(pemEncoded: files.key) else {
            throw TLSFailure("\(folder)/\(LocalAuthority.keyName) is damaged. \(remedy)")
        }
        guard key.publicKey == certificate.publicKey else {
            throw TLSFailure("The key and the certificate in \(folder) do not belong together. \(remedy)")
        }
        let constraints = try? certificate.extensions.basicConstraints
        guard case .isCertificateAuthority = constraints else {
            throw TLSFailure(
                "\(folder)/\(LocalAuthority.certificateName) is not the certificate of an authority. \(remedy)")
        }
        guard certificate.notValidAfter.timeIntervalSince1970 > now + LocalAuthority.day else {
            throw TLSFailure("The local authority in \(folder) has expired. \(remedy)")
        }
        self.folder = folder
        self.certificate = certificate
        self.key = key
        self.randomness = randomness
    }

    /// Where the authority of this user lies: `$XDG_DATA_HOME/lilypad/tls`, else `~/.local/share/lilypad/tls`.
    ///
    /// - Throws: when the environment names no home folder.
    public static func standardFolder(_ environment: [String: String]) throws(TLSFailure) -> String {
        // A relative path there is to be ignored (XDG Base Directory Specification).
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return data + "/lilypad/tls" }
        guard let home = environment["HOME"], home.hasPrefix("/") else {
            throw TLSFailure("There is no home folder to keep the local authority in; set HOME or XDG_DATA_HOME.")
        }
        return home + "/.local/share/lilypad/tls"
    }

    /// The file that browsers and systems are to trust.
    public var certificateFile: String { folder + "/" + LocalAuthority.certificateName }

    /// The certificate as PEM text.
    public var pem: String { (try? certificate.serializeAsPEM().pemString) ?? "" }

    /// As certificate viewers show it: SHA-256 of the DER form, in pairs with colons.
    public var fingerprint: String {
        var serializer = DER.Serializer()
        guard (try? serializer.serialize(certificate)) != nil else { return "" }
        return SHA256.hash(data: serializer.serializedBytes).map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }.joined(separator: ":")
    }

    // MARK: Making

    private static func make(now: Double, _ randomness: Randomness) throws(TLSFailure) -> AuthorityFiles.Content {
        do {
            let key = Certificate.PrivateKey(try randomness.makeKey())
            let identifier = SubjectKeyIdentifier(hash: key.publicKey)
            // Several of them can be told apart in a list of authorities, without naming the machine or its user.
            let number = identifier.keyIdentifier.prefix(3).map { String(UInt16($0) | 0x100, radix: 16).dropFirst() }
                .joined()
            let name = try DistinguishedName {
                OrganizationName("Lilypad")
                CommonName("Lilypad local authority \(number)")
            }
            var constraints = NameConstraints(permittedDNSDomains: LocalName.domains)
            constraints.permittedSubtrees += LocalName.networks.map { network in
                .ipAddress(ASN1OctetString(contentBytes: (network.address + LocalName.mask(network))[...]))
            }
            let certificate = try Certificate(
                version: .v3, serialNumber: serial(randomness), publicKey: key.publicKey,
                // A clock that was set back a little must not make it invalid.
                notValidBefore: Date(timeIntervalSince1970: now - day),
                notValidAfter: Date(timeIntervalSince1970: now + Double(years) * 365 * day),
                issuer: name, subject: name,
                extensions: try Certificate.Extensions {
                    Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                    Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                    Critical(constraints)
                    identifier
                },
                issuerPrivateKey: key)
            return AuthorityFiles.Content(
                certificate: try certificate.serializeAsPEM().pemString + "\n",
                key: try key.serializeAsPEM().pemString + "\n")
        } catch let failure as TLSFailure {
            throw failure
        } catch {
            throw TLSFailure("The local authority cannot be made: \(error).")
        }
    }

    /// A certificate for servers on this machine, and its key.
    ///
    /// - Parameters:
    ///   - hosts: further ones than `localhost`, `*.localhost`, `127.0.0.1` and `::1`.
    ///   - now: seconds since 1970.
    /// - Throws: a sentence for a host that the authority may not sign for.
    public func identity(for hosts: [String] = [], now: Double) throws(TLSFailure) -> TLSIdentity {
        var names = LocalName.standard
        for host in hosts {
            let name = try LocalName(host)
            if !names.contains(name) { names.append(name) }
        }
        do {
            let leafKey = Certificate.PrivateKey(try randomness.makeKey())
            let end = min(
                now + LocalAuthority.leafDays * LocalAuthority.day, certificate.notValidAfter.timeIntervalSince1970)
            let issuer = try certificate.extensions.subjectKeyIdentifier?.keyIdentifier
            let leaf = try Certificate(
                version: .v3, serialNumber: LocalAuthority.serial(randomness), publicKey: leafKey.publicKey,
                notValidBefore: Date(timeIntervalSince1970: now - LocalAuthority.day),
                notValidAfter: Date(timeIntervalSince1970: end),
                issuer: certificate.subject,
                subject: try DistinguishedName {
                    OrganizationName("Lilypad")
                    CommonName("localhost")
                },
                extensions: try Certificate.Extensions {
                    Critical(BasicConstraints.notCertificateAuthority)
                    Critical(KeyUsage(digitalSignature: true))
                    try ExtendedKeyUsage([.serverAuth])
                    SubjectAlternativeNames(names.map(LocalAuthority.alternative))
                    AuthorityKeyIdentifier(keyIdentifier: issuer)
                    SubjectKeyIdentifier(hash: leafKey.publicKey)
                },
                issuerPrivateKey: key)
            return try TLSIdentity(
                chain: try leaf.serializeAsPEM().pemString, key: try leafKey.serializeAsPEM().pemString)
        } catch let failure as TLSFailure {
            throw failure
        } catch {
            throw TLSFailure("No certificate can be made for this server: \(error).")
        }
    }

    private static func alternative(_ name: LocalName) -> GeneralName {
        switch name.kind {
        case .name(let name): .dnsName(name)
        case .address(let bytes): .ipAddress(ASN1OctetString(contentBytes: bytes[...]))
        }
    }

    /// Positive, not zero, at most 20 bytes (RFC 5280 §4.1.2.2).
    private static func serial(_ randomness: Randomness) -> Certificate.SerialNumber {
        var bytes = randomness.bytes(16)
        if !bytes.isEmpty { bytes[0] = bytes[0] & 0x7F | 0x40 }
        return Certificate.SerialNumber(bytes: bytes)
    }
}
