/// What a list of objects is to hold.
public struct S3ListQuery: Sendable, Hashable {
    public var prefix: String
    public var delimiter: String
    /// 0 to 1000.
    public var maxKeys: Int
    /// Whether keys in the answer are percent-encoded.
    public var encodesURL: Bool
    /// Of version 1.
    public var marker: String
    /// Of version 2.
    public var startAfter: String?
    public var continuationToken: String?
    public var fetchesOwner: Bool

    private static let known: Set<String> = [
        "prefix", "delimiter", "max-keys", "encoding-type", "marker", "start-after", "continuation-token",
        "fetch-owner", "list-type",
    ]

    /// - Throws: `S3Error`: 501 for a parameter that R2 has not got.
    public init(_ parameters: S3Parameters) throws(S3Error) {
        for name in parameters.names where !S3ListQuery.known.contains(name) && !S3Parameters.isIgnored(name) {
            throw .notImplemented("parameter", name, parameters[name] ?? "")
        }
        prefix = parameters["prefix"] ?? ""
        delimiter = parameters["delimiter"] ?? ""
        maxKeys = try S3ListQuery.count(parameters["max-keys"], "max-keys")
        encodesURL = try S3ListQuery.encoding(parameters)
        marker = parameters["marker"] ?? ""
        startAfter = parameters["start-after"]
        continuationToken = parameters["continuation-token"]
        fetchesOwner = parameters["fetch-owner"]?.lowercased() == "true"
    }

    /// A number of entries, from 0 to 1000; 1000 if nothing is said.
    public static func count(_ text: String?, _ name: String) throws(S3Error) -> Int {
        guard let text, !text.isEmpty else { return 1000 }
        guard let number = Int(text), text.utf8.first != 0x2B, number >= 0 else {
            throw .invalidArgument("\(name) has to be a number from 0 to 1000.")
        }
        guard number <= 1000 else {
            throw S3Error("InvalidMaxKeys", 400, "MaxKeys params must be positive integer <= 1000.")
        }
        return number
    }

    /// The number of the part that a page begins after; 0 if nothing is said.
    public static func marker(_ text: String?) throws(S3Error) -> Int {
        guard let text, !text.isEmpty else { return 0 }
        guard let number = Int(text), text.utf8.first != 0x2B, number >= 0 else {
            throw .invalidArgument("part-number-marker has to be a number.")
        }
        return number
    }

    public static func encoding(_ parameters: S3Parameters) throws(S3Error) -> Bool {
        guard let type = parameters["encoding-type"], !type.isEmpty else { return false }
        guard type.lowercased() == "url" else { throw .invalidArgument("encoding-type is url, or is left out.") }
        return true
    }
}
