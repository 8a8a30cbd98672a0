import HTTPCaching

/// The codings in which a file may lie ready.
enum ContentCoding: String, Sendable, Hashable {
    case brotli = "br"
    case gzip
    case identity

    /// Chooses by `Accept-Encoding` (RFC 9110 §12.5.3): the highest weight wins, the smaller coding wins a tie.
    ///
    /// - Parameter field: the field's value, `nil` when the request has none. Then nothing is packed: a client that does not
    ///   say what it unpacks usually unpacks nothing.
    static func choose(_ field: String?, from available: [ContentCoding]) -> ContentCoding {
        guard let field, !available.isEmpty else { return .identity }
        var weights: [ContentCoding: Int] = [:]
        var wildcard: Int?
        for element in field.split(separator: ",") {
            let parts = element.split(separator: ";", omittingEmptySubsequences: false)
            let name = String(parts[0].trimmedOfBlanks)
            let weight = parts.count > 1 ? quality(parts[1...]) : 1000
            if name.isField("br") {
                weights[.brotli] = weight
            } else if name.isField("gzip") || name.isField("x-gzip") {
                weights[.gzip] = weight
            } else if name.isField("identity") {
                weights[.identity] = weight
            } else if name == "*" {
                wildcard = weight
            }
        }
        var best = ContentCoding.identity
        // Identity is acceptable unless excluded, but any packed coding the client names is better.
        var bestWeight = weights[.identity] ?? (wildcard == 0 ? 0 : 1)
        for coding in available {
            let weight = weights[coding] ?? wildcard ?? 0
            if weight > 0, weight >= bestWeight, best == .identity || weight > bestWeight {
                best = coding
                bestWeight = weight
            }
        }
        return best
    }

    /// The weight in thousandths; malformed weights count as 0, so that nothing is sent that was not asked for.
    private static func quality(_ parameters: ArraySlice<Substring>) -> Int {
        for parameter in parameters {
            let text = parameter.trimmedOfBlanks
            guard text.utf8.count >= 2, text.utf8.first.map({ $0 | 0x20 }) == 0x71 else { continue }
            let rest = text.dropFirst().trimmedOfBlanks
            guard rest.utf8.first == 0x3D else { continue }
            return thousandths(rest.dropFirst().trimmedOfBlanks)
        }
        return 1000
    }

    private static func thousandths(_ text: Substring) -> Int {
        let digits = Array(text.utf8)
        guard let first = digits.first, first == 0x30 || first == 0x31, digits.count <= 5 else { return 0 }
        guard digits.count > 1 else { return first == 0x31 ? 1000 : 0 }
        guard digits[1] == 0x2E else { return 0 }
        var value = 0
        var scale = 100
        for digit in digits.dropFirst(2) {
            guard (0x30...0x39).contains(digit) else { return 0 }
            value += Int(digit - 0x30) * scale
            scale /= 10
        }
        return first == 0x31 ? 1000 : value
    }
}
