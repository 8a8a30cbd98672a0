import Foundation
import NIOSSL

/// What a server shows its clients: certificates and the key to the first of them.
public struct TLSIdentity: Sendable {
    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey
    /// Seconds since 1970, of the certificate that ends first.
    public let validUntil: Double
    let validFrom: Double

    /// - Parameters:
    ///   - certificateFile: PEM, the server's own certificate first, then those between it and an authority.
    ///   - keyFile: PEM, not encrypted.
    /// - Throws: one sentence for what is missing, unreadable or does not fit.
    public init(certificateFile: String, keyFile: String) throws(TLSFailure) {
        let chain = try TLSIdentity.read(certificateFile, option: "--tls-cert")
        let key = try TLSIdentity.read(keyFile, option: "--tls-key")
        try self.init(chain: chain, key: key, chainName: certificateFile, keyName: keyFile)
    }

    /// - Parameters:
    ///   - chain: PEM text.
    ///   - key: PEM text.
    init(
        chain: String, key: String, chainName: String = "the certificate", keyName: String = "the key"
    ) throws(TLSFailure) {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(Array(chain.utf8)), !certificates.isEmpty else {
            throw TLSFailure("There is no certificate in PEM form in \(chainName).")
        }
        // Asking for a pass phrase on a terminal is nothing a server can do at every start.
        if key.contains("ENCRYPTED") {
            throw TLSFailure(
                "The key in \(keyName) is encrypted; write it without a pass phrase, with openssl pkey -in … -out ….")
        }
        guard let privateKey = try? NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem) else {
            throw TLSFailure("There is no private key in PEM form in \(keyName).")
        }
        self.chain = certificates
        self.key = privateKey
        validFrom = Double(certificates.map(\.notValidBefore).max() ?? 0)
        validUntil = Double(certificates.map(\.notValidAfter).min() ?? 0)
        // The library compares the two when it puts them together.
        guard (try? makeContext(protocols: [])) != nil else {
            throw TLSFailure("The key in \(keyName) does not belong to the first certificate in \(chainName).")
        }
    }

    /// What the person who starts the server should hear; clients decide for themselves.
    ///
    /// - Parameter now: seconds since 1970.
    public func warning(now: Double) -> String? {
        if validUntil <= now {
            return "The TLS certificate has expired on \(TLSIdentity.day(validUntil)); clients will refuse it."
        }
        if validFrom > now {
            return "The TLS certificate is not valid before \(TLSIdentity.day(validFrom)); clients will refuse it."
        }
        if validUntil < now + 7 * 86_400 { return "The TLS certificate expires on \(TLSIdentity.day(validUntil))." }
        return nil
    }

    private static func day(_ seconds: Double) -> String {
        Date(timeIntervalSince1970: seconds).formatted(.iso8601.year().month().day())
    }

    private static func read(_ file: String, option: String) throws(TLSFailure) -> String {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder), !isFolder.boolValue else {
            throw TLSFailure("There is no file \(file), which \(option) names.")
        }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw TLSFailure("The file \(file), which \(option) names, cannot be read.")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// TLS 1.2 needs a key exchange with forward secrecy and authenticated encryption, all that HTTP/2 allows
    /// (RFC 9113 §9.2.2); in TLS 1.3 everything is.
    private static let ciphers: [NIOTLSCipher] = [
        .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ]

    /// - Parameter protocols: offered by ALPN, the preferred one first.
    func makeContext(protocols: [String]) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = TLSIdentity.ciphers
        configuration.applicationProtocols = protocols
        // For the client's close_notify; the answers are with it by then.
        configuration.shutdownTimeout = .seconds(2)
        return try NIOSSLContext(configuration: configuration)
    }
}
