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
}
