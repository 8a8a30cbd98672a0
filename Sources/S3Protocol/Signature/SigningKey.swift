import Crypto

/// What a signature is good for: one day, one region, one service.
public struct SignatureScope: Hashable, Sendable {
    /// `20260131`
    public var day: String
    public var region: String
    public var service: String

    public init(day: String, region: String, service: String = "s3") {
        self.day = day
        self.region = region
        self.service = service
    }

    public var text: String { "\(day)/\(region)/\(service)/aws4_request" }
}

/// A secret key as it signs within one scope.
public struct SigningKey: Sendable {
    public let scope: SignatureScope
    private let key: SymmetricKey

    public init(secret: String, scope: SignatureScope) {
        self.scope = scope
        var key = SymmetricKey(data: Array("AWS4\(secret)".utf8))
        for part in [scope.day, scope.region, scope.service, "aws4_request"] {
            key = SymmetricKey(data: Array(HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key)))
        }
        self.key = key
    }

    /// - Returns: 64 hexadecimal digits.
    func signature(of text: String) -> String {
        SignedText.hexadecimal(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
    }

    /// Whether a signature is that of a text, in a time that says nothing about where it differs.
    func isSignature(_ signature: String, of text: String) -> Bool {
        let given = Array(signature.utf8)
        let right = Array(self.signature(of: text).utf8)
        guard given.count == right.count else { return false }
        var difference: UInt8 = 0
        for (one, other) in zip(given, right) { difference |= one ^ other }
        return difference == 0
    }

    /// - Parameter time: `20260131T120000Z`
    func signature(of request: SignedRequest, signed: [String], payload: String, time: String) -> String {
        signature(of: textToSign(request, signed: signed, payload: payload, time: time))
    }

    func textToSign(_ request: SignedRequest, signed: [String], payload: String, time: String) -> String {
        let hash = SignedText.hash(request.canonical(signed: signed, payload: payload))
        return "AWS4-HMAC-SHA256\n\(time)\n\(scope.text)\n\(hash)"
    }
}
