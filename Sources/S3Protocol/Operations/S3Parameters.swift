/// The parameters of a query: names and values, decoded. A plus sign is one.
public struct S3Parameters: Sendable {
    private let all: [(name: String, value: String)]

    public init(_ query: String?) { all = SignedRequest.parameters(query) }

    public var names: [String] { all.map(\.name) }

    public func has(_ name: String) -> Bool { all.contains { $0.name == name } }

    /// The first value of a name.
    public subscript(name: String) -> String? { all.first { $0.name == name }?.value }

    /// Names that belong to the signature or to the client itself.
    static func isIgnored(_ name: String) -> Bool {
        // R2 release notes, 2023-12-11 and 2024-06-06.
        name == "x-id" || name == "x-purpose" || name.lowercased().utf8.starts(with: "x-amz-".utf8)
    }
}
