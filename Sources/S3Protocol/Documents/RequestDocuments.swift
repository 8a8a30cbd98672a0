/// Reading the documents that requests bring. Elements that are not known are refused, as R2 does.
enum S3DocumentReader {
    static func root(_ bytes: [UInt8], _ name: String) throws(S3Error) -> XMLElement {
        do {
            let root = try XMLReader.parse(bytes)
            guard root.name == name else { throw S3Error.malformedXML("its root is <\(root.name)>, not <\(name)>") }
            return root
        } catch let error as S3Error {
            throw error
        } catch {
            throw .malformedXML("\(error)")
        }
    }

    static func check(_ element: XMLElement, allows names: Set<String>) throws(S3Error) {
        for child in element.children where !names.contains(child.name) {
            throw .malformedXML("<\(child.name)> has no place in <\(element.name)>")
        }
    }

    static func number(_ element: XMLElement) throws(S3Error) -> Int {
        guard let number = Int(element.trimmed), element.trimmed.utf8.first != 0x2B else {
            throw .malformedXML("<\(element.name)> has to hold a number")
        }
        return number
    }
}

extension S3Error {
    public static func malformedXML(_ reason: String) -> S3Error {
        S3Error("MalformedXML", 400, "The document of the request is not as it has to be: \(reason).")
    }
}

/// `<Delete>`: up to a thousand objects to be removed.
public struct DeleteRequest: Sendable, Hashable {
    public struct Object: Sendable, Hashable {
        public var key: String
        public var etag: String?
    }

    public static let most = 1000

    public var objects: [Object]
    /// Only what could not be removed is reported.
    public var isQuiet: Bool

    public init(_ bytes: [UInt8]) throws(S3Error) {
        let root = try S3DocumentReader.root(bytes, "Delete")
        try S3DocumentReader.check(root, allows: ["Object", "Quiet"])
        isQuiet = root["Quiet"]?.trimmed.lowercased() == "true"
        objects = try root.all("Object").map { (element) throws(S3Error) in
            try S3DocumentReader.check(element, allows: ["Key", "VersionId", "ETag", "LastModifiedTime", "Size"])
            if let version = element["VersionId"]?.trimmed, !version.isEmpty, version != "null" {
                throw .notImplemented("element", "VersionId", version)
            }
            guard let key = element.text("Key") else { throw .malformedXML("an <Object> has no <Key>") }
            return Object(key: key, etag: element["ETag"]?.trimmed)
        }
        guard (1...DeleteRequest.most).contains(objects.count) else {
            throw .malformedXML("it names \(objects.count) objects; 1 to \(DeleteRequest.most) can be removed at once")
        }
    }
}

/// `<CompleteMultipartUpload>`: the parts that make the object.
public struct CompleteMultipartUploadRequest: Sendable, Hashable {
    public struct Part: Sendable, Hashable {
        public var number: Int
        /// Without quotes.
        public var etag: String
        public var checksum: S3Checksum?
    }

    public var parts: [Part]

    private static let elements = Set(["PartNumber", "ETag"] + S3ChecksumAlgorithm.allCases.map(\.elementName))

    public init(_ bytes: [UInt8]) throws(S3Error) {
        let root = try S3DocumentReader.root(bytes, "CompleteMultipartUpload")
        try S3DocumentReader.check(root, allows: ["Part"])
        parts = try root.children.map { (element) throws(S3Error) in
            try S3DocumentReader.check(element, allows: Self.elements)
            guard let number = element["PartNumber"], let etag = element["ETag"] else {
                throw .malformedXML("a <Part> needs <PartNumber> and <ETag>")
            }
            return Part(
                number: try S3DocumentReader.number(number), etag: Self.unquoted(etag.trimmed),
                checksum: try Self.checksum(element))
        }
        guard !parts.isEmpty else { throw .malformedXML("it names no <Part>") }
        guard parts.count <= 10_000 else { throw .malformedXML("it names more than 10000 parts") }
    }

    private static func checksum(_ element: XMLElement) throws(S3Error) -> S3Checksum? {
        for algorithm in S3ChecksumAlgorithm.allCases {
            guard let text = element[algorithm.elementName]?.trimmed, !text.isEmpty else { continue }
            guard let checksum = S3Checksum(algorithm, base64: text) else {
                throw S3Error("InvalidDigest", 400, "<\(algorithm.elementName)> is no \(algorithm.rawValue) in base64.")
            }
            return checksum
        }
        return nil
    }

    /// R2 release notes, 2022-07-06: the quotes may be left out.
    private static func unquoted(_ text: String) -> String {
        let bytes = text.utf8
        guard bytes.count >= 2, bytes.first == 0x22, bytes.last == 0x22 else { return text }
        return String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self)
    }
}

extension S3ChecksumAlgorithm {
    /// In documents: `ChecksumCRC32`.
    public var elementName: String { "Checksum\(rawValue)" }
}

/// `<CreateBucketConfiguration>`: where the bucket is to lie.
public struct CreateBucketRequest: Sendable, Hashable {
    /// A hint such as `WEUR`; `nil` for `auto` and what means the same.
    public var location: String?

    public init(_ bytes: [UInt8]) throws(S3Error) {
        guard !bytes.isEmpty else { return }
        let root = try S3DocumentReader.root(bytes, "CreateBucketConfiguration")
        let text = root["LocationConstraint"]?.trimmed ?? ""
        if ["", "auto", "us-east-1"].contains(text) { return }
        let hints: Set<String> = ["WNAM", "ENAM", "WEUR", "EEUR", "APAC", "OC"]
        guard hints.contains(text.uppercased()) else {
            throw S3Error(
                "InvalidLocationConstraint", 400,
                "The location is auto, or one of wnam, enam, weur, eeur, apac and oc, not “\(text)”.")
        }
        location = text.uppercased()
    }
}
