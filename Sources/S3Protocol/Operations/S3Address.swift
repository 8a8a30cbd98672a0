/// Which bucket and which object a URL names.
public struct S3Address: Sendable, Hashable {
    /// `nil` for the account.
    public var bucket: String?
    /// `nil` for the bucket itself.
    public var key: String?

    /// - Parameters:
    ///   - host: as sent, with its port. `bucket.localhost` and `bucket.s3.localhost` name a bucket, every other name of
    ///     this machine none.
    ///   - path: as sent. It is decoded once, and nothing of it is put into another form: keys may have empty segments, and
    ///     segments of dots.
    public init(host: String, path: String) throws(S3Error) {
        guard path.utf8.first == 0x2F else { throw S3Address.unreadable }
        let rest = path.utf8.dropFirst()
        if let name = S3Address.bucket(host) {
            bucket = name
            key = try S3Address.decoded(rest)
        } else if let slash = rest.firstIndex(of: 0x2F) {
            bucket = try S3Address.decoded(rest[..<slash]) ?? ""
            key = try S3Address.decoded(rest[rest.index(after: slash)...])
        } else {
            bucket = try S3Address.decoded(rest)
            key = nil
        }
    }

    private static let unreadable = S3Error("InvalidURI", 400, "The path of the URL cannot be decoded.")

    private static func bucket(_ host: String) -> String? {
        let name = host.lowercased().utf8.prefix { $0 != 0x3A }
        for suffix in [".s3.localhost", ".localhost"] where name.count > suffix.utf8.count {
            guard name.suffix(suffix.utf8.count).elementsEqual(suffix.utf8) else { continue }
            let bucket = String(decoding: name.dropLast(suffix.utf8.count), as: UTF8.self)
            return bucket == "s3" ? nil : bucket
        }
        return nil
    }

    /// - Returns: `nil` for nothing.
    private static func decoded(_ text: some Collection<UInt8>) throws(S3Error) -> String? {
        if text.isEmpty { return nil }
        let source = Array(text)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(source.count)
        var place = 0
        while place < source.count {
            guard source[place] == 0x25 else {
                bytes.append(source[place])
                place += 1
                continue
            }
            guard place + 2 < source.count, let high = SignedText.value(source[place + 1]),
                let low = SignedText.value(source[place + 2])
            else { throw unreadable }
            bytes.append(high << 4 | low)
            place += 3
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw unreadable }
        return text
    }
}

/// The source of a copy: `/bucket/key`, percent-encoded.
public struct S3CopySource: Sendable, Hashable {
    public var bucket: String
    public var key: String

    /// - Parameter field: `x-amz-copy-source`; the slash in front may be left out.
    public init(_ field: String) throws(S3Error) {
        if let mark = field.utf8.firstIndex(of: 0x3F) {
            let query = S3Parameters(String(field.utf8[mark...].dropFirst()))
            if let version = query["versionId"] { throw .notImplemented("parameter", "versionId", version) }
        }
        let path = String(decoding: field.utf8.prefix { $0 != 0x3F }, as: UTF8.self)
        let address = try S3Address(host: "localhost", path: path.utf8.first == 0x2F ? path : "/\(path)")
        guard let bucket = address.bucket, !bucket.isEmpty, let key = address.key else {
            throw .invalidArgument("x-amz-copy-source has to be /bucket/key, percent-encoded.")
        }
        self.bucket = bucket
        self.key = key
    }

    /// The bytes that `x-amz-copy-source-range` names: `bytes=0-99`, both ends in it.
    public static func range(_ field: String) throws(S3Error) -> Range<Int> {
        let refusal = S3Error.invalidArgument("x-amz-copy-source-range has to be bytes=FIRST-LAST.")
        guard field.utf8.starts(with: "bytes=".utf8) else { throw refusal }
        let ends = field.utf8.dropFirst(6).split(separator: 0x2D, omittingEmptySubsequences: false)
        guard ends.count == 2, let first = number(ends[0]), let last = number(ends[1]), first <= last, last < .max
        else {
            throw refusal
        }
        return first..<(last + 1)
    }

    private static func number(_ text: Substring.UTF8View) -> Int? {
        guard !text.isEmpty, text.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(Substring(text))
    }
}
