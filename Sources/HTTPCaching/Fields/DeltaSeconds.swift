/// RFC 9111 §1.2.2.
package enum DeltaSeconds {
    /// 68 years, which is as long as any cache needs.
    package static let longest = 2_147_483_648.0

    /// Digits only; `nil` for anything else.
    package static func parse(_ text: some StringProtocol) -> Double? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return min(Double(String(text)) ?? longest, longest)
    }
}
