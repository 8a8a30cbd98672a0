extension TOMLNode {
    /// The value as compact JSON with sorted keys, the form in which variables other than texts reach a Worker. Dates
    /// become strings; JSON has no infinities, which become `null`.
    public var json: String {
        switch self {
        case .string(let text), .date(let text): return JSONText.string(text)
        case .integer(let number): return String(number)
        case .float(let number): return number.isFinite ? Self.shortest(number) : "null"
        case .boolean(let value): return value ? "true" : "false"
        case .array(let elements): return "[" + elements.map(\.json).joined(separator: ",") + "]"
        case .table(let table):
            let members = table.sorted { $0.key < $1.key }.map { "\(JSONText.string($0.key)):\($0.value.json)" }
            return "{" + members.joined(separator: ",") + "}"
        }
    }

    /// Whole numbers as JavaScript writes them, without `.0`.
    private static func shortest(_ number: Double) -> String {
        let text = String(number)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
