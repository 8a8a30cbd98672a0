/// The header fields of one part that mean something in a form: RFC 7578 §4.2, §4.4.
package struct MultipartHeader: Sendable, Hashable {
    package var name: String
    package var filename: String?
    package var contentType: String?

    package init(name: String, filename: String? = nil, contentType: String? = nil) {
        self.name = name
        self.filename = filename
        self.contentType = contentType
    }

    /// - Parameters:
    ///   - lines: without the empty line that ends them.
    ///   - number: of the part, for messages.
    package init(parsing lines: ArraySlice<UInt8>, number: Int) throws {
        var name: String?
        for line in Self.split(lines) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), line[..<colon].allSatisfy(ByteClass.isToken),
                colon > line.startIndex
            else { throw Problem.malformedForm("Part \(number) of the form has a malformed header line.") }
            let value = String(decoding: line[(colon + 1)...], as: UTF8.self)
            switch String(decoding: line[..<colon], as: UTF8.self).lowercased() {
            case "content-disposition":
                guard name == nil, let disposition = Self.disposition(value) else {
                    throw Problem.malformedForm(
                        "Part \(number) of the form has a Content-Disposition that is not form-data with a name.")
                }
                name = disposition.name
                filename = disposition.filename
            case "content-type":
                var reader = FieldReader(value)
                guard reader.token() != nil else { continue }
                contentType = Self.trimmed(value)
            case "content-transfer-encoding":
                // RFC 7578 §4.7 deprecates it. Taking encoded bytes for content would corrupt a file silently.
                guard ["7bit", "8bit", "binary"].contains(Self.trimmed(value).lowercased()) else {
                    throw Problem.malformedForm("Part \(number) of the form has a transfer encoding; send it as it is.")
                }
            default: break
            }
        }
        guard let name else { throw Problem.malformedForm("Part \(number) of the form has no Content-Disposition.") }
        self.name = name
    }

    private static func split(_ lines: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var result: [ArraySlice<UInt8>] = []
        var start = lines.startIndex
        var index = start
        while index < lines.endIndex {
            if lines[index] == 0x0D, index + 1 < lines.endIndex, lines[index + 1] == 0x0A {
                result.append(lines[start..<index])
                index += 2
                start = index
            } else {
                index += 1
            }
        }
        if start < lines.endIndex { result.append(lines[start...]) }
        return result
    }

    private static func trimmed(_ text: String) -> String {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        guard let start = text.firstIndex(where: { !isSpace($0) }), let end = text.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(text[start...end])
    }

    private static func disposition(_ value: String) -> (name: String, filename: String?)? {
        var reader = FieldReader(value)
        guard reader.token()?.lowercased() == "form-data", let parameters = reader.parameters(isLenient: true),
            reader.isAtEnd, let name = parameters.first(where: { $0.name == "name" })
        else { return nil }
        // `filename*` must not be used in forms (RFC 7578 §4.2) and is not read.
        let filename = parameters.first { $0.name == "filename" }
        return (unescaped(name.value), filename.map { unescaped($0.value) })
    }

    /// Browsers escape these three and nothing else (HTML standard, "multipart/form-data encoding algorithm").
    private static func unescaped(_ text: String) -> String {
        guard text.utf8.contains(0x25) else { return text }
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x25, index + 2 < bytes.count, let high = PercentCoding.hexValue(bytes[index + 1]),
                let low = PercentCoding.hexValue(bytes[index + 2]), [0x0A, 0x0D, 0x22].contains(high << 4 | low)
            {
                output.append(high << 4 | low)
                index += 3
            } else {
                output.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
