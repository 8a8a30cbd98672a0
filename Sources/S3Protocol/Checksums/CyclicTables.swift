/// A cyclic redundancy check with reflected bits, eight bytes at a time: one table for each of the eight says what a byte in
/// that place does to the register.
struct CyclicTables: Sendable {
    /// Eight tables of 256 entries, one behind the other.
    private let entries: [UInt64]
    private let mask: UInt64

    static let crc32 = CyclicTables(polynomial: 0xEDB8_8320, width: 32)
    /// Castagnoli's (RFC 3720 §12.1).
    static let crc32c = CyclicTables(polynomial: 0x82F6_3B78, width: 32)
    /// That of the NVM Express Command Set Specification, §5.2.1.3.4.
    static let crc64nvme = CyclicTables(polynomial: 0x9A6C_9329_AC4B_C9B5, width: 64)

    private init(polynomial: UInt64, width: Int) {
        mask = width == 64 ? .max : (1 << UInt64(width)) - 1
        var entries = [UInt64](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var register = UInt64(byte)
            for _ in 0..<8 { register = register & 1 == 1 ? register >> 1 ^ polynomial : register >> 1 }
            entries[byte] = register
        }
        for place in 1..<8 {
            for byte in 0..<256 {
                let before = entries[(place - 1) * 256 + byte]
                entries[place * 256 + byte] = before >> 8 ^ entries[Int(before & 0xFF)]
            }
        }
        self.entries = entries
    }

    /// The register before any content.
    var start: UInt64 { mask }

    /// What the register says in the end.
    func value(_ register: UInt64) -> UInt64 { ~register & mask }

    func update(_ register: UInt64, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var register = register
        entries.withUnsafeBufferPointer { tables in
            guard let table = tables.baseAddress else { return }
            var place = 0
            let count = bytes.count
            while place + 8 <= count {
                let word = register ^ UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
                let low =
                    table[1792 + Int(word & 0xFF)] ^ table[1536 + Int(word >> 8 & 0xFF)]
                    ^ table[1280 + Int(word >> 16 & 0xFF)] ^ table[1024 + Int(word >> 24 & 0xFF)]
                let high =
                    table[768 + Int(word >> 32 & 0xFF)] ^ table[512 + Int(word >> 40 & 0xFF)]
                    ^ table[256 + Int(word >> 48 & 0xFF)] ^ table[Int(word >> 56)]
                register = low ^ high
                place += 8
            }
            while place < count {
                register = register >> 8 ^ table[Int((register ^ UInt64(bytes[place])) & 0xFF)]
                place += 1
            }
        }
        return register
    }
}
