/// The host of a URL in its one form: names in lower case, addresses in their shortest text.
/// See the URL standard, "host parsing".
enum URLHost {
    /// `nil` for a host that is not one.
    static func text(_ bytes: ArraySlice<UInt8>) -> String? {
        if bytes.first == UInt8(ascii: "[") {
            guard bytes.last == UInt8(ascii: "]"), let pieces = IPv6Text.pieces(bytes.dropFirst().dropLast()) else {
                return nil
            }
            return "[\(IPv6Text.text(pieces))]"
        }
        guard let decoded = unescaped(bytes) else { return nil }
        var labels: [String] = []
        for label in decoded.split(separator: ".", omittingEmptySubsequences: false) {
            guard let ascii = Punycode.label(label.lowercased()) else { return nil }
            labels.append(ascii)
        }
        let name = labels.joined(separator: ".")
        guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !forbidden.contains($0) }) else {
            return nil
        }
        return endsInNumber(labels) ? address(labels) : name
    }

    /// Forbidden domain code points, without the controls.
    private static let forbidden = Set("#%/:<>?@[\\]^|".utf8)

    private static func unescaped(_ bytes: ArraySlice<UInt8>) -> String? {
        var output: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let high = hex(rest[rest.startIndex]), let low = hex(rest[rest.startIndex + 1])
            {
                output.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                output.append(byte)
            }
        }
        return String(validating: output, as: UTF8.self)
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    // MARK: IPv4

    private static func endsInNumber(_ labels: [String]) -> Bool {
        let last = labels.last?.isEmpty == true ? labels.dropLast().last : labels.last
        guard let last, !last.isEmpty else { return false }
        // Also a number that is too large to be one, or a host like `0xfffffffff` would pass for a name.
        let isHexadecimal = last.hasPrefix("0x") && last.utf8.dropFirst(2).allSatisfy { hex($0) != nil }
        return isHexadecimal || last.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// `127.1`, `0x7f.0.0.1` and `2130706433` are `127.0.0.1`.
    private static func address(_ labels: [String]) -> String? {
        let parts = labels.last?.isEmpty == true ? Array(labels.dropLast()) : labels
        let numbers = parts.compactMap(number)
        guard numbers.count == parts.count, (1...4).contains(numbers.count), let last = numbers.last else { return nil }
        guard numbers.dropLast().allSatisfy({ $0 < 256 }), last < 1 << (8 * (5 - numbers.count)) else { return nil }
        var value = last
        for (index, number) in numbers.dropLast().enumerated() { value += number << (8 * (3 - index)) }
        return [24, 16, 8, 0].map { String(value >> $0 & 255) }.joined(separator: ".")
    }

    /// Decimal, octal with a leading `0`, or hexadecimal with `0x`.
    private static func number(_ text: String) -> Int? {
        if text.hasPrefix("0x") {
            let digits = text.dropFirst(2)
            if digits.isEmpty { return 0 }
            return digits.first == "+" || digits.first == "-" ? nil : Int(digits, radix: 16)
        }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return text.count > 1 && text.first == "0" ? Int(text, radix: 8) : Int(text)
    }
}

/// IPv6 addresses: any spelling in, the text of RFC 5952 out.
enum IPv6Text {
    /// Eight pieces of 16 bits.
    static func pieces(_ bytes: ArraySlice<UInt8>) -> [UInt16]? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.utf8.count == bytes.count else { return nil }
        guard let gap = text.firstRange(of: "::") else {
            let all = list(text[...], mayEndInIPv4: true)
            return all?.count == 8 ? all : nil
        }
        let head = gap.lowerBound == text.startIndex ? [] : list(text[..<gap.lowerBound], mayEndInIPv4: false)
        let tail = gap.upperBound == text.endIndex ? [] : list(text[gap.upperBound...], mayEndInIPv4: true)
        guard let head, let tail, head.count + tail.count < 8 else { return nil }
        return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    /// - Parameter mayEndInIPv4: whether the last two pieces may be written as an IPv4 address, as only at the very end.
    private static func list(_ text: Substring, mayEndInIPv4: Bool) -> [UInt16]? {
        var all: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if mayEndInIPv4, index == parts.count - 1, part.contains(".") {
                let numbers = part.split(separator: ".", omittingEmptySubsequences: false).compactMap(octet)
                guard numbers.count == 4, part.utf8.count(where: { $0 == UInt8(ascii: ".") }) == 3 else { return nil }
                all += [numbers[0] << 8 | numbers[1], numbers[2] << 8 | numbers[3]]
            } else {
                // `UInt16` alone would take a sign.
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy({ PercentCoding.hexValue($0) != nil }),
                    let value = UInt16(part, radix: 16)
                else { return nil }
                all.append(value)
            }
        }
        return all
    }

    /// Decimal, without zeros in front, which some would read as octal.
    private static func octet(_ text: Substring) -> UInt16? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text == "0" || text.first != "0" else { return nil }
        return UInt8(text).map { UInt16($0) }
    }

    /// The longest run of zeros, from two on, is written as `::`; the first of several.
    static func text(_ pieces: [UInt16]) -> String {
        var best = 0..<0
        var start = 0
        while start < pieces.count {
            let run = pieces[start...].prefix { $0 == 0 }
            if run.count > max(1, best.count) { best = start..<run.endIndex }
            start = max(run.endIndex, start + 1)
        }
        let words = { (part: ArraySlice<UInt16>) in part.map { String($0, radix: 16) }.joined(separator: ":") }
        guard !best.isEmpty else { return words(pieces[...]) }
        return words(pieces[..<best.lowerBound]) + "::" + words(pieces[best.upperBound...])
    }
}

/// RFC 3492, the encoding of names outside ASCII.
enum Punycode {
    /// A label as it stands in a domain name: itself, or `xn--` and its code. `nil` when it cannot be written.
    static func label(_ label: String) -> String? {
        if label.utf8.allSatisfy({ $0 < 0x80 }) { return label }
        let scalars = label.unicodeScalars.map(\.value)
        var output = scalars.filter { $0 < 0x80 }.map { UInt8($0) }
        let basic = output.count
        if basic > 0 { output.append(UInt8(ascii: "-")) }
        var (point, delta, bias, handled) = (UInt32(128), 0, 72, basic)
        while handled < scalars.count {
            guard let next = scalars.filter({ $0 >= point }).min() else { return nil }
            let (step, overflows) = Int(next - point).multipliedReportingOverflow(by: handled + 1)
            guard !overflows, step < Int(Int32.max) else { return nil }
            delta += step
            point = next
            for scalar in scalars {
                if scalar < point { delta += 1 }
                guard scalar == point else { continue }
                append(delta, bias: bias, to: &output)
                bias = adapted(delta, count: handled + 1, isFirst: handled == basic)
                delta = 0
                handled += 1
            }
            delta += 1
            point += 1
        }
        return "xn--" + String(decoding: output, as: UTF8.self)
    }

    private static func append(_ delta: Int, bias: Int, to output: inout [UInt8]) {
        var rest = delta
        var position = 36
        while true {
            let threshold = min(max(position - bias, 1), 26)
            if rest < threshold { break }
            output.append(digit(threshold + (rest - threshold) % (36 - threshold)))
            rest = (rest - threshold) / (36 - threshold)
            position += 36
        }
        output.append(digit(rest))
    }

    private static func digit(_ value: Int) -> UInt8 {
        value < 26 ? UInt8(ascii: "a") + UInt8(value) : UInt8(ascii: "0") + UInt8(value - 26)
    }

    private static func adapted(_ delta: Int, count: Int, isFirst: Bool) -> Int {
        var rest = isFirst ? delta / 700 : delta / 2
        rest += rest / count
        var bias = 0
        while rest > 455 {
            rest /= 35
            bias += 36
        }
        return bias + 36 * rest / (rest + 38)
    }
}
