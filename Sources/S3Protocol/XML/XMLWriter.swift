/// Writes the documents of the S3 interface.
///
/// A character that XML 1.0 has no place for is written as its number, as S3 does; a client that can have such keys asks for
/// `encoding-type=url`.
public struct XMLWriter: Sendable {
    public static let namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

    public private(set) var bytes: [UInt8] = Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".utf8)

    public init() {}

    /// A whole document.
    ///
    /// - Parameter namespace: of the root; `nil` for none.
    public static func document(
        _ root: String, namespace: String? = XMLWriter.namespace, _ content: (inout XMLWriter) -> Void
    ) -> [UInt8] {
        var writer = XMLWriter()
        writer.open(root, namespace.map { " xmlns=\"\($0)\"" } ?? "")
        content(&writer)
        writer.close(root)
        return writer.bytes
    }

    public mutating func element(_ name: String, _ content: (inout XMLWriter) -> Void) {
        open(name, "")
        content(&self)
        close(name)
    }

    public mutating func element(_ name: String, attributes: String, _ content: (inout XMLWriter) -> Void) {
        open(name, " \(attributes)")
        content(&self)
        close(name)
    }

    /// - Parameter text: `nil` leaves the element out.
    public mutating func text(_ name: String, _ text: String?) {
        guard let text else { return }
        open(name, "")
        escape(text)
        close(name)
    }

    public mutating func text(_ name: String, _ number: Int) { text(name, String(number)) }
    public mutating func text(_ name: String, _ flag: Bool) { text(name, flag ? "true" : "false") }

    /// Text directly in the element that is open.
    public mutating func raw(_ text: String) { escape(text) }

    private mutating func open(_ name: String, _ attributes: String) {
        bytes.append(0x3C)
        bytes += name.utf8
        bytes += attributes.utf8
        bytes.append(0x3E)
    }

    private mutating func close(_ name: String) {
        bytes += [0x3C, 0x2F]
        bytes += name.utf8
        bytes.append(0x3E)
    }

    private mutating func escape(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case 0x26: bytes += "&amp;".utf8
            case 0x3C: bytes += "&lt;".utf8
            case 0x3E: bytes += "&gt;".utf8
            case 0x22: bytes += "&quot;".utf8
            case 0x09, 0x0A: bytes.append(byte)
            case 0x00...0x1F, 0x7F: bytes += "&#x\(String(byte, radix: 16));".utf8
            default: bytes.append(byte)
            }
        }
    }
}
