/// A text that must not reach a log, a listing or a crash report by accident.
///
/// Printing, interpolating or dumping it shows dots; `reveal()` is the only way to the text, and easy to search for.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    public init(_ text: String) { self.text = text }

    public func reveal() -> String { text }

    public var description: String { "••••" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// A line of a file with the user and password of every URL (`postgres://user:password@host`) replaced by dots.
    static func withoutPasswords(_ line: String) -> String {
        var result = ""
        var rest = Substring(line)
        while let colon = rest.firstRange(of: "://") {
            result += rest[..<colon.upperBound]
            rest = rest[colon.upperBound...]
            let authority = rest.prefix { !"/\"' ".contains($0) }
            guard let at = authority.lastIndex(of: "@"), authority[..<at].contains(":") else { continue }
            result += "••••"
            rest = rest[at...]
        }
        return result + rest
    }
}
