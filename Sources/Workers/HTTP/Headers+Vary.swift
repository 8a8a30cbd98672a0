import HTTPCaching
import HTTPTypes

extension HTTPFields {
    /// Says that the response depends on these request fields (RFC 9110 §12.5.5), each at most once. `Vary: *` stays.
    public mutating func addVary(_ names: HTTPField.Name...) {
        var listed: [String] = []
        for line in self[values: .vary] {
            for item in line.membersOfList { listed.append(item.trimmedOfBlanks.lowercased()) }
        }
        if listed.contains("*") { return }
        let missing = names.filter { !listed.contains($0.canonicalName) }
        guard !missing.isEmpty else { return }
        let added = missing.map(\.rawName).joined(separator: ", ")
        self[.vary] = self[.vary].map { $0.isEmpty ? added : "\($0), \(added)" } ?? added
    }
}
