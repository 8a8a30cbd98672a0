import Crypto

/// The chain of signatures over the chunks of a body: each covers the one before, so that none can be left out, repeated or
/// exchanged.
public struct ChunkSignatures: Sendable {
    private let key: SigningKey
    private let time: String
    private var previous: String

    /// - Parameters:
    ///   - seed: the signature of the request.
    ///   - time: `20260131T120000Z`
    public init(key: SigningKey, time: String, seed: String) {
        self.key = key
        self.time = time
        previous = seed
    }

    private static let emptyHash = SignedText.hash("")

    /// - Parameter hash: of the chunk, in hexadecimal digits.
    mutating func isNext(_ signature: String, hash: String) -> Bool {
        let text = "AWS4-HMAC-SHA256-PAYLOAD\n\(time)\n\(key.scope.text)\n\(previous)\n\(Self.emptyHash)\n\(hash)"
        return accept(signature, text)
    }

    /// - Parameter trailers: `name:value` and a line feed for each.
    mutating func isTrailer(_ signature: String, trailers: String) -> Bool {
        let hash = SignedText.hash(trailers)
        return accept(signature, "AWS4-HMAC-SHA256-TRAILER\n\(time)\n\(key.scope.text)\n\(previous)\n\(hash)")
    }

    /// The signature of the next chunk, for whoever sends it.
    mutating func next(hash: String) -> String {
        let text = "AWS4-HMAC-SHA256-PAYLOAD\n\(time)\n\(key.scope.text)\n\(previous)\n\(Self.emptyHash)\n\(hash)"
        previous = key.signature(of: text)
        return previous
    }

    private mutating func accept(_ signature: String, _ text: String) -> Bool {
        guard key.isSignature(signature, of: text) else { return false }
        previous = signature
        return true
    }
}
