/// Who a request says it comes from, and the signature that is to prove it.
public struct SignatureClaim: Sendable, Hashable {
    public let accessKeyID: String
    public let scope: SignatureScope
    /// Names of the fields that are covered, in lower case.
    public let signedFields: [String]
    public let signature: String
    let time: SignatureTime
    /// Seconds that the URL is good for; `nil` for a request that is signed in its header.
    public let lifetime: Int?

    static let algorithm = "AWS4-HMAC-SHA256"
    /// A week (R2 documentation, "Presigned URLs").
    static let longestLifetime = 604_800
    /// Seconds by which clocks may differ.
    static let mostSkew = 900

    /// The claim in the `Authorization` field, or in the query of a presigned URL.
    ///
    /// - Returns: `nil` for a request that claims nothing.
    /// - Throws: `S3Error` for a claim that cannot be read.
    public init?(_ request: SignedRequest) throws(S3Error) {
        if let field = request.field("authorization") {
            self = try SignatureClaim(field: field, request)
        } else if request.parameters.contains(where: { $0.name == "X-Amz-Signature" || $0.name == "X-Amz-Algorithm" }) {
            self = try SignatureClaim(query: request)
        } else {
            return nil
        }
    }

    private init(field: String, _ request: SignedRequest) throws(S3Error) {
        guard field.utf8.starts(with: "\(SignatureClaim.algorithm) ".utf8) else {
            throw .invalidArgument("Requests are signed with \(SignatureClaim.algorithm), and in no other way.")
        }
        var parts: [String: String] = [:]
        for item in field.utf8.dropFirst(SignatureClaim.algorithm.utf8.count).split(separator: UInt8(ascii: ",")) {
            guard let equals = item.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = SignedText.folded(String(Substring(item[..<equals])))
            parts[name] = SignedText.folded(String(Substring(item[item.index(after: equals)...])))
        }
        guard let credential = parts["Credential"], let signed = parts["SignedHeaders"],
            let signature = parts["Signature"]
        else { throw .malformedAuthorization("it needs Credential, SignedHeaders and Signature") }
        guard let time = request.field("x-amz-date").flatMap(SignatureTime.init) else {
            throw S3Error("AccessDenied", 403, "A signed request needs x-amz-date, such as 20260131T120000Z.")
        }
        try self.init(credential: credential, signed: signed, signature: signature, time: time, lifetime: nil)
    }

    private init(query request: SignedRequest) throws(S3Error) {
        var values: [String: String] = [:]
        for (name, value) in request.parameters where values[name] == nil { values[name] = value }
        guard values["X-Amz-Algorithm"] == SignatureClaim.algorithm else {
            throw .invalidArgument("X-Amz-Algorithm has to be \(SignatureClaim.algorithm).")
        }
        guard let credential = values["X-Amz-Credential"], let signed = values["X-Amz-SignedHeaders"],
            let signature = values["X-Amz-Signature"]
        else {
            throw .malformedAuthorization("the URL needs X-Amz-Credential, X-Amz-SignedHeaders and X-Amz-Signature")
        }
        guard let time = values["X-Amz-Date"].flatMap(SignatureTime.init) else {
            throw .malformedAuthorization("X-Amz-Date has to be a time such as 20260131T120000Z")
        }
        guard let lifetime = values["X-Amz-Expires"].flatMap({ Int($0) }), lifetime >= 1 else {
            throw .invalidArgument("X-Amz-Expires has to be a number of seconds, at least 1.")
        }
        guard lifetime <= SignatureClaim.longestLifetime else {
            throw .invalidArgument("X-Amz-Expires must be less than a week (in seconds); it takes up to 604800.")
        }
        try self.init(credential: credential, signed: signed, signature: signature, time: time, lifetime: lifetime)
    }

    private init(
        credential: String, signed: String, signature: String, time: SignatureTime, lifetime: Int?
    ) throws(S3Error) {
        let parts = credential.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
            String(Substring($0))
        }
        guard parts.count == 5, !parts[0].isEmpty, parts[4] == "aws4_request" else {
            throw .malformedAuthorization("the credential is KEY/DAY/REGION/s3/aws4_request")
        }
        guard parts[3] == "s3" else { throw .malformedAuthorization("the service is s3, not “\(parts[3])”") }
        // R2 documentation, "S3 API compatibility", "Bucket region".
        guard ["auto", "", "us-east-1"].contains(parts[2]) else {
            throw S3Error(
                "InvalidRegionName", 400, "The region “\(parts[2])” is not there; it has to be auto or us-east-1.")
        }
        guard parts[1] == time.day else { throw .malformedAuthorization("its day is not the day of the request") }
        let names = signed.utf8.split(separator: UInt8(ascii: ";")).map { String(Substring($0)).lowercased() }
        guard names.contains("host") else { throw .malformedAuthorization("SignedHeaders has to name host") }
        accessKeyID = parts[0]
        scope = SignatureScope(day: parts[1], region: parts[2])
        signedFields = names
        self.signature = signature
        self.time = time
        self.lifetime = lifetime
    }
}

extension SignatureClaim {
    /// Proves the claim, or refuses the request.
    ///
    /// - Parameters:
    ///   - secret: of `accessKeyID`.
    ///   - payload: what `x-amz-content-sha256` says; `nil` where it says nothing.
    ///   - now: seconds since 1970.
    /// - Returns: the key, for the signatures of chunks.
    public func verify(
        _ request: SignedRequest, secret: String, payload: String?, now: Double
    ) throws(S3Error) -> SigningKey {
        let key = SigningKey(secret: secret, scope: scope)
        let text = key.textToSign(
            request, signed: signedFields, payload: payload ?? "UNSIGNED-PAYLOAD", time: time.text)
        guard key.isSignature(signature, of: text) else { throw .signatureDoesNotMatch }
        let age = now - Double(time.seconds)
        if let lifetime {
            if age < -Double(SignatureClaim.mostSkew) { throw .skewed }
            if age > Double(lifetime) { throw .expired }
        } else if abs(age) > Double(SignatureClaim.mostSkew) {
            throw .skewed
        }
        return key
    }

    /// The time as the signatures of chunks name it.
    public var timestamp: String { time.text }
}
