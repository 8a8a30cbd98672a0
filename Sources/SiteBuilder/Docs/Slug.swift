/// Heading ids as GitHub makes them: lower case, words joined by hyphens, punctuation gone, `-1` and up when repeated.
struct Slugger {
    private var seen: [String: Int] = [:]

    mutating func id(for heading: String) -> String {
        let base = Self.slug(heading)
        var id = base
        var number = seen[base] ?? 0
        // "Usage", "Usage" and "Usage 1" would otherwise share `usage-1`.
        while seen[id] != nil {
            number += 1
            id = "\(base)-\(number)"
        }
        seen[base] = number
        seen[id] = seen[id] ?? 0
        return id
    }

    private static func slug(_ heading: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(heading.utf8.count)
        for scalar in heading.unicodeScalars {
            switch scalar {
            case "a"..."z", "0"..."9", "-", "_": bytes.append(UInt8(truncatingIfNeeded: scalar.value))
            case "A"..."Z": bytes.append(UInt8(truncatingIfNeeded: scalar.value) | 0x20)
            case " ": bytes.append(UInt8(ascii: "-"))
            default:
                if scalar.value >= 0x80, keeps(scalar) { bytes.append(scalar.properties.lowercaseMapping) }
            }
        }
        return bytes.isEmpty ? "section" : String(decoding: bytes, as: UTF8.self)
    }

    private static func keeps(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber,
            .otherNumber, .nonspacingMark, .spacingMark, .enclosingMark, .connectorPunctuation:
            true
        default: false
        }
    }
}
