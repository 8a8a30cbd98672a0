#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A set of ASCII bytes as two words, so that asking is a shift and a mask.
struct ByteSet: Sendable {
    private let low: UInt64
    private let high: UInt64

    init(_ members: some Sequence<UInt8>) {
        var low: UInt64 = 0
        var high: UInt64 = 0
        for byte in members where byte < 128 {
            if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
        }
        self.low = low
        self.high = high
    }

    init(_ members: String, and more: ClosedRange<UInt8>...) {
        self.init(Array(members.utf8) + more.joined())
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        if byte < 64 { return low >> UInt64(byte) & 1 == 1 }
        return byte < 128 && high >> UInt64(byte - 64) & 1 == 1
    }

    /// What JavaScript's `encodeURIComponent` leaves bare.
    static let unreserved = ByteSet("-_.!~*'()", and: .digits, .upperCase, .lowerCase)

    // The percent-encode sets of the URL standard (url.spec.whatwg.org, "percent-encoded bytes"); bytes outside ASCII
    // and control characters belong to each of them and are tested apart.
    static let escapedInPath = ByteSet(" \"#<>?`{}")
    static let escapedInQuery = ByteSet(" \"#<>")
    static let escapedInSpecialQuery = ByteSet(" \"#<>'")
    static let escapedInFragment = ByteSet(" \"<>`")
}

extension ClosedRange<UInt8> {
    static let digits: Self = 0x30...0x39
    static let upperCase: Self = 0x41...0x5A
    static let lowerCase: Self = 0x61...0x7A
}

extension UInt8 {
    static let slash: UInt8 = 0x2F
    static let backslash: UInt8 = 0x5C
    static let dot: UInt8 = 0x2E
    static let percent: UInt8 = 0x25
    static let star: UInt8 = 0x2A
    static let colon: UInt8 = 0x3A
    static let question: UInt8 = 0x3F
    static let hash: UInt8 = 0x23
    static let newline: UInt8 = 0x0A

    var isASCIILetter: Bool { (0x61...0x7A).contains(self | 0x20) }
    var isASCIIDigit: Bool { (0x30...0x39).contains(self) }
    /// `\w` of a JavaScript pattern.
    var isWordByte: Bool { isASCIILetter || isASCIIDigit || self == 0x5F }

    /// The value of a hexadecimal digit.
    var hexValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether `other` stands at `position`; false when it does not fit there.
    @inline(__always)
    func has(_ other: UnsafeBufferPointer<UInt8>, at position: Int) -> Bool {
        guard position >= 0, position + other.count <= count else { return false }
        guard let start = baseAddress, let otherStart = other.baseAddress else { return true }
        return memcmp(start + position, otherStart, other.count) == 0
    }

    @inline(__always)
    func has(_ other: [UInt8], at position: Int) -> Bool {
        other.withUnsafeBufferPointer { has($0, at: position) }
    }
}

extension String {
    /// The UTF-8 bytes in place; native strings are contiguous, so nothing is copied for them.
    @inline(__always)
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
        if let result = try utf8.withContiguousStorageIfAvailable(body) { return result }
        return try Array(utf8).withUnsafeBufferPointer(body)
    }

    /// `hasSuffix` by bytes: Swift's own compares by canonical equivalence, which URLs do not.
    func endsIn(_ ending: String) -> Bool {
        withBytes { bytes in ending.withBytes { bytes.has($0, at: bytes.count - $0.count) } }
    }

    /// `hasPrefix` by bytes.
    func beginsWith(_ start: String) -> Bool { withBytes { bytes in start.withBytes { bytes.has($0, at: 0) } } }

    /// Everything but the last `count` bytes, which the caller knows to be ASCII.
    func droppingLast(_ count: Int) -> String {
        String(self[..<utf8.index(utf8.endIndex, offsetBy: -count)])
    }
}

/// A string compared and hashed by its bytes. Swift's `String` treats composed and decomposed letters as equal; two
/// such file names are different files, and different URLs.
struct ExactString: Hashable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: ExactString, right: ExactString) -> Bool {
        left.text.withBytes { bytes in right.text.withBytes { bytes.count == $0.count && bytes.has($0, at: 0) } }
    }

    func hash(into hasher: inout Hasher) {
        text.withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
