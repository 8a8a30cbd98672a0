import HTTPTypes
import NIOCore

extension StoredHead {
    /// Identifies the variant among the responses of a key: the request fields that `Vary` named, with their values.
    var variantBytes: [UInt8] {
        if variant.isEmpty { return [] }
        var out = ByteBuffer()
        StoredHead.write(variant, to: &out)
        return Array(out.readableBytesView)
    }

    func encode(into out: inout ByteBuffer) {
        out.writeInteger(UInt16(clamping: status), endianness: .little)
        out.writeInteger(requestTime.bitPattern, endianness: .little)
        out.writeInteger(responseTime.bitPattern, endianness: .little)
        switch content {
        case .complete: out.writeInteger(UInt8(0))
        case .part(let range, let size):
            out.writeInteger(UInt8(1))
            for number in [range.lowerBound, range.upperBound, size ?? .max] {
                out.writeInteger(UInt64(clamping: number), endianness: .little)
            }
        }
        StoredHead.write(variant, to: &out)
        out.writeInteger(UInt32(clamping: fields.count), endianness: .little)
        for field in fields {
            out.writeText(field.name.rawName)
            out.writeText(field.value)
        }
    }

    /// - Returns: `nil` unless the bytes are one head and nothing else.
    init?(decoding buffer: inout ByteBuffer) {
        guard let status = buffer.readInteger(endianness: .little, as: UInt16.self), (100...999).contains(status),
            let requestTime = buffer.readInteger(endianness: .little, as: UInt64.self),
            let responseTime = buffer.readInteger(endianness: .little, as: UInt64.self),
            let content = StoredHead.readContent(&buffer), let variant = StoredHead.readVariant(&buffer),
            let count = buffer.readInteger(endianness: .little, as: UInt32.self)
        else { return nil }
        var fields = HTTPFields()
        for _ in 0..<count {
            guard let text = buffer.readText(), let name = HTTPField.Name(text), let value = buffer.readText() else {
                return nil
            }
            fields.append(HTTPField(name: name, value: value))
        }
        guard buffer.readableBytes == 0 else { return nil }
        self.init(
            status: Int(status), fields: fields, requestTime: Double(bitPattern: requestTime),
            responseTime: Double(bitPattern: responseTime), variant: variant, content: content)
        guard self.requestTime.isFinite, self.responseTime.isFinite else { return nil }
    }

    private static func write(_ variant: [VariantField], to out: inout ByteBuffer) {
        out.writeInteger(UInt32(clamping: variant.count), endianness: .little)
        for field in variant {
            out.writeText(field.name)
            out.writeInteger(UInt8(field.value == nil ? 0 : 1))
            if let value = field.value { out.writeText(value) }
        }
    }

    private static func readVariant(_ buffer: inout ByteBuffer) -> [VariantField]? {
        guard let count = buffer.readInteger(endianness: .little, as: UInt32.self) else { return nil }
        var variant: [VariantField] = []
        for _ in 0..<count {
            guard let name = buffer.readText(), let isPresent = buffer.readInteger(as: UInt8.self), isPresent < 2
            else { return nil }
            var value: String?
            if isPresent == 1 {
                guard let text = buffer.readText() else { return nil }
                value = text
            }
            variant.append(VariantField(name: name, value: value))
        }
        return variant
    }

    private static func readContent(_ buffer: inout ByteBuffer) -> Content? {
        switch buffer.readInteger(as: UInt8.self) {
        case 0: return .complete
        case 1:
            guard let lower = buffer.readCount(), let upper = buffer.readCount(), let size = buffer.readCount(),
                lower <= upper, upper <= size
            else { return nil }
            return .part(lower..<upper, of: size == .max ? nil : size)
        default: return nil
        }
    }
}

extension ByteBuffer {
    /// A text behind its length in four bytes.
    mutating func writeText(_ text: String) {
        writeInteger(UInt32(clamping: text.utf8.count), endianness: .little)
        writeString(text)
    }

    mutating func readText() -> String? {
        guard let bytes = readCounted() else { return nil }
        return String(buffer: bytes)
    }

    mutating func readCounted() -> ByteBuffer? {
        guard let count = readInteger(endianness: .little, as: UInt32.self) else { return nil }
        return readSlice(length: Int(count))
    }

    /// A number of bytes, which is never negative.
    fileprivate mutating func readCount() -> Int? {
        readInteger(endianness: .little, as: UInt64.self).flatMap { Int(exactly: $0) }
    }
}
