/// Moments as documents have them: `2026-01-31T12:00:00.000Z`.
public enum S3Time {
    /// - Parameter seconds: since 1970.
    public static func text(_ seconds: Double) -> String {
        let milliseconds = Int((seconds * 1000).rounded())
        let (whole, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        let text = SignatureTime(seconds: whole).text.utf8
        func part(_ from: Int, _ count: Int) -> String {
            String(decoding: text.dropFirst(from).prefix(count), as: UTF8.self)
        }
        let day = "\(part(0, 4))-\(part(4, 2))-\(part(6, 2))"
        let fraction = String(String(1000 + rest).dropFirst())
        return "\(day)T\(part(9, 2)):\(part(11, 2)):\(part(13, 2)).\(fraction)Z"
    }

    /// - Returns: `nil` for anything but a day, or a moment of UTC.
    static func seconds(_ text: String) -> Double? {
        let digits = text.utf8.filter { (0x30...0x39).contains($0) }
        let rest = text.utf8.filter { !(0x30...0x39).contains($0) }
        let shape = String(decoding: rest, as: UTF8.self)
        guard ["--", "--T::Z", "--T::.Z", "--T::+:"].contains(shape) else { return nil }
        if shape == "--T::+:", !text.hasSuffix("+00:00") { return nil }
        var all = Array(digits.prefix(14))
        guard all.count == (shape == "--" ? 8 : 14) else { return nil }
        if all.count == 8 { all += Array("000000".utf8) }
        let compact = all[..<8] + [0x54] + all[8...] + [0x5A]
        return SignatureTime(String(decoding: compact, as: UTF8.self)).map { Double($0.seconds) }
    }
}
