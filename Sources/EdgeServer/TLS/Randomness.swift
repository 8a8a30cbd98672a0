import Crypto

/// Where keys and serial numbers come from: the system, or a test.
public struct Randomness: Sendable {
    private let fill: @Sendable (Int) -> [UInt8]

    /// - Parameter fill: returns as many bytes as it is asked for.
    public init(_ fill: @escaping @Sendable (Int) -> [UInt8]) { self.fill = fill }

    public static let system = Randomness { count in
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in .random(in: .min ... .max, using: &generator) }
    }

    func bytes(_ count: Int) -> [UInt8] { fill(count) }

    /// A private key: a number below the order of the curve, which all but a few in 2³² numbers of 32 bytes are.
    func makeKey() throws -> P256.Signing.PrivateKey {
        for _ in 0..<8 {
            if let key = try? P256.Signing.PrivateKey(rawRepresentation: bytes(32)) { return key }
        }
        throw TLSFailure("No key can be made: the source of randomness gives none.")
    }
}
