import HTTPTypes

/// What a client says it can take: the `Accept` field, RFC 9110 §12.5.1.
///
/// ```swift
/// switch request.accept.best(of: ["application/json", "text/html"]) {
/// case "text/html": return try page()
/// case "application/json": return try document()
/// default: throw Problem(.notAcceptable, code: "not_acceptable", "This exists as JSON and as HTML.")
/// }
/// ```
public struct Accept: Sendable, Hashable {
    /// One media range with its weight.
    public struct Range: Sendable, Hashable {
        /// `*` for any.
        public var type: String
        /// `*` for any.
        public var subtype: String
        public var parameters: [MediaType.Parameter]
        /// 0 (never) to 1000 (gladly): the field's weight in thousandths, which is all its grammar can express.
        public var weight: Int

        /// How closely this range describes the type: 0 not at all, then `*/*`, `type/*`, `type/subtype`, and one more
        /// for every parameter.
        func precision(for candidate: MediaType) -> Int {
            if type == "*" { return 1 }
            guard type == candidate.type else { return 0 }
            if subtype == "*" { return 2 }
            guard subtype == candidate.subtype else { return 0 }
            let agrees = parameters.allSatisfy { parameter in
                candidate[parameter.name]?.lowercased() == parameter.value.lowercased()
            }
            return agrees ? 3 + parameters.count : 0
        }
    }

    public var ranges: [Range]

    /// Reads the value of an `Accept` field. Elements that are malformed are left out; when nothing is left, everything
    /// is acceptable, as without the field.
    public init(_ text: some StringProtocol) {
        ranges = []
        var reader = FieldReader(text)
        while !reader.isAtEnd {
            if let range = Self.range(&reader) { ranges.append(range) }
            reader.skipElement()
            reader.skipSpace()
        }
    }

    /// The candidate the client wants most; `nil` when it refuses all of them. Among equals the earlier one wins, so the
    /// list is the server's order of preference.
    public func best(of candidates: [String]) -> String? {
        var best: (candidate: String, weight: Int)?
        for candidate in candidates {
            guard let type = MediaType(candidate) else { continue }
            let weight = weight(of: type)
            if weight > best?.weight ?? 0 { best = (candidate, weight) }
        }
        return best?.candidate
    }

    /// The weight of the most precise range that describes the type, in thousandths; 0 when none does.
    public func weight(of type: MediaType) -> Int {
        guard !ranges.isEmpty else { return 1000 }
        var best = (precision: 0, weight: 0)
        for range in ranges {
            let precision = range.precision(for: type)
            if precision > best.precision { best = (precision, range.weight) }
        }
        return best.weight
    }

    private static func range(_ reader: inout FieldReader) -> Range? {
        guard let type = reader.token(), reader.take("/"), let subtype = reader.token(),
            type != "*" || subtype == "*", let all = reader.parameters()
        else { return nil }
        var weight = 1000
        var parameters: [MediaType.Parameter] = []
        // What follows the weight was once an extension of the field, and is none of the media type's parameters.
        for parameter in all {
            if parameter.name == "q" {
                guard let value = Self.weight(parameter.value) else { return nil }
                weight = value
                break
            }
            parameters.append(parameter)
        }
        return Range(
            type: type.lowercased(), subtype: subtype.lowercased(), parameters: parameters, weight: weight)
    }

    /// RFC 9110 §12.4.2: `0`, `1`, and up to three digits after the point.
    package static func weight(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, first == 0x30 || first == 0x31, bytes.count <= 5 else { return nil }
        guard bytes.count == 1 || bytes[1] == 0x2E else { return nil }
        var value = Int(first - 0x30) * 1000
        var unit = 100
        for byte in bytes.dropFirst(2) {
            guard (0x30...0x39).contains(byte) else { return nil }
            value += Int(byte - 0x30) * unit
            unit /= 10
        }
        return value <= 1000 ? value : nil
    }
}

extension Request {
    /// The `Accept` field; without one everything is acceptable.
    public var accept: Accept { Accept(headers[.accept] ?? "") }
}
