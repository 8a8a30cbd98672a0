/// A cyclic redundancy check with reflected bits whose register begins and ends inverted, as the three of S3 do. Whoever
/// needs it for long content takes a faster one; here it joins the checks of parts.
struct CyclicCheck {
    private let polynomial: UInt64
    private let width: Int

    /// `nil` for an algorithm that is no cyclic check.
    init?(_ algorithm: R2ObjectChecksum.Algorithm) {
        switch algorithm {
        case .crc32: (polynomial, width) = (0xEDB8_8320, 32)
        case .crc32c: (polynomial, width) = (0x82F6_3B78, 32)
        case .crc64nvme: (polynomial, width) = (0x9A6C_9329_AC4B_C9B5, 64)
        case .sha1, .sha256: return nil
        }
    }

    private var mask: UInt64 { width == 64 ? .max : (1 << UInt64(width)) - 1 }

    func digest(_ bytes: [UInt8]) -> [UInt8] {
        var register = mask
        for byte in bytes {
            register ^= UInt64(byte)
            for _ in 0..<8 { register = register & 1 == 1 ? register >> 1 ^ polynomial : register >> 1 }
        }
        return text(register ^ mask)
    }

    /// The check of what the runs are together, out of the check and the size of each.
    func joined(_ runs: [(bytes: [UInt8], size: Int)]) -> [UInt8] {
        // Nothing has the check 0.
        let whole = runs.reduce(UInt64(0)) { whole, run in
            shifted(whole, byBytes: run.size) ^ run.bytes.reduce(0) { $0 << 8 | UInt64($1) }
        }
        return text(whole)
    }

    private func text(_ register: UInt64) -> [UInt8] {
        stride(from: width - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: register >> UInt64($0)) }
    }

    /// The register after so many zero bytes: a product of polynomials, with the power found by squaring.
    private func shifted(_ register: UInt64, byBytes count: Int) -> UInt64 {
        // x⁸; the highest bit is 1.
        var power = UInt64(1) << UInt64(width - 9)
        var (result, count) = (register, count)
        while count > 0 {
            if count & 1 == 1 { result = product(result, power) }
            power = product(power, power)
            count >>= 1
        }
        return result
    }

    private func product(_ left: UInt64, _ right: UInt64) -> UInt64 {
        var (product, left) = (UInt64(0), left)
        for bit in stride(from: width - 1, through: 0, by: -1) {
            if right >> UInt64(bit) & 1 == 1 { product ^= left }
            left = left & 1 == 1 ? left >> 1 ^ polynomial : left >> 1
        }
        return product
    }
}
