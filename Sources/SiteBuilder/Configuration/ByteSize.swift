/// Sizes as people write them: `110 kB` is 110,000 bytes and `110 KiB` is 112,640.
enum ByteSize {
    /// `nil` for anything but a number, at most one decimal point, and a unit. Units go by their letters, not their case:
    /// `KB` is read as `kB`.
    static func parse(_ text: String) -> Int? {
        let trimmed = text.filter { $0 != " " && $0 != "_" }
        let number = trimmed.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let units = ["": 1, "b": 1, "kb": 1000, "mb": 1_000_000, "kib": 1024, "mib": 1_048_576]
        guard let unit = units[trimmed.dropFirst(number.count).lowercased()], let value = Double(number),
            value >= 0, value * Double(unit) < 1e15
        else { return nil }
        return Int((value * Double(unit)).rounded())
    }

    /// For tables and sentences: `312 B`, `4.1 kB`, `187 kB`, `2.31 MB`.
    static func text(_ bytes: Int) -> String {
        switch bytes {
        case ..<1000: "\(bytes) B"
        case ..<99_950: "\(decimal(bytes, unit: 1000, digits: 1)) kB"
        case ..<999_500: "\(decimal(bytes, unit: 1000, digits: 0)) kB"
        default: "\(decimal(bytes, unit: 1_000_000, digits: 2)) MB"
        }
    }

    private static func decimal(_ bytes: Int, unit: Int, digits: Int) -> String {
        let scale = [1, 10, 100][digits]
        let scaled = (bytes * scale + unit / 2) / unit
        guard digits > 0 else { return String(scaled) }
        let rest = String(scaled % scale)
        return "\(scaled / scale)." + String(repeating: "0", count: digits - rest.count) + rest
    }
}
