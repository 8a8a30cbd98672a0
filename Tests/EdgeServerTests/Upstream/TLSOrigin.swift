import Crypto
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import SwiftASN1
import X509

/// An origin with a certificate of its own, which it signs itself. It answers every request with the same bytes.
final class TLSOrigin: Sendable {
    /// How a connection ends after an answer.
    enum Ending: Sendable {
        case none
        /// With the closing alert.
        case closed
        /// Without it, as when somebody on the way cuts the connection.
        case cut
    }

    let port: Int
    /// A file with its certificate, for those who trust it.
    let authorityPath: String
    private let channel: any Channel

    init(names: [String] = ["localhost"], address: [UInt8]? = nil, answer: String, ending: Ending = .none) async throws
    {
        let key = P256.Signing.PrivateKey()
        let certificate = try TLSOrigin.certificate(key, names: names, address: address)
        let pem = try certificate.serializeAsPEM().pemString
        authorityPath = "/tmp/lilypad-\(UInt64.random(in: .min ... .max)).pem"
        try Data(pem.utf8).write(to: URL(fileURLWithPath: authorityPath))
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(try NIOSSLCertificate(bytes: Array(pem.utf8), format: .pem))],
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.pemRepresentation.utf8), format: .pem)))
        configuration.applicationProtocols = ["http/1.1"]
        let context = try NIOSSLContext(configuration: configuration)
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let tls = NIOSSLServerHandler(context: context)
                    let script = Script(answer: answer, ending: ending)
                    try channel.pipeline.syncOperations.addHandlers([Wire(), tls, script])
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    deinit {
        channel.close(promise: nil)
        try? FileManager.default.removeItem(atPath: authorityPath)
    }

    private static func certificate(
        _ key: P256.Signing.PrivateKey, names: [String], address: [UInt8]?
    ) throws -> Certificate {
        let subject = try DistinguishedName { CommonName("Lilypad test") }
        var alternatives = names.map { GeneralName.dnsName($0) }
        if let address { alternatives.append(.ipAddress(ASN1OctetString(contentBytes: address[...]))) }
        let extensions = try Certificate.Extensions {
            Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
            SubjectAlternativeNames(alternatives)
        }
        let privateKey = Certificate.PrivateKey(key)
        return try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: privateKey.publicKey,
            notValidBefore: Date().addingTimeInterval(-3600), notValidAfter: Date().addingTimeInterval(3600),
            issuer: subject, subject: subject, signatureAlgorithm: .ecdsaWithSHA256, extensions: extensions,
            issuerPrivateKey: privateKey)
    }

    /// Sits below TLS, where a connection can be cut without a word.
    private final class Wire: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
    }

    private final class Script: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let answer: String
        private let ending: Ending
        private var received = ""

        init(answer: String, ending: Ending) {
            self.answer = answer
            self.ending = ending
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received += String(buffer: unwrapInboundIn(data))
            guard received.contains("\r\n\r\n") else { return }
            received = ""
            let done = context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer))).assumeIsolated()
            done.whenComplete { [ending] _ in
                switch ending {
                case .none: break
                case .closed: context.close(promise: nil)
                case .cut: (try? context.pipeline.syncOperations.context(handlerType: Wire.self))?.close(promise: nil)
                }
            }
        }
    }
}
