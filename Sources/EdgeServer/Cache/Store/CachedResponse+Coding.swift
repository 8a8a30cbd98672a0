import HTTPCaching
import HTTPTypes
import NIOCore

/// Responses go to disk as bytes and come back as values.
extension CachedResponse {
    /// Identifies the variant among the responses of a key: the request fields that `Vary` named, with their values.
    var variantBytes: [UInt8] {
        if variant.isEmpty { return [] }
        var out = ByteBuffer()
        CachedResponse.write(variant, to: &out)
        return Array(out.readableBytesView)
    }

    func encode(into out: inout ByteBuffer) {
        out.writeInteger(UInt16(clamping: status), endianness: .little)
        out.writeInteger(requestTime.bitPattern, endianness: .little)
        out.writeInteger(responseTime.bitPattern, endianness: .little)
        switch content {
        case .complete(let size):
            out.writeInteger(UInt8(0))
            out.writeCount(size)
        case .part(let range, let size):
            out.writeInteger(UInt8(size == nil ? 1 : 2))
            out.writeCount(range.lowerBound)
            out.writeCount(range.upperBound)
            if let size { out.writeCount(size) }
        }
        CachedResponse.write(variant, to: &out)
        out.writeInteger(UInt32(clamping: fields.count), endianness: .little)
        for field in fields {
            out.writeText(field.name.rawName)
            out.writeText(field.value)
        }
    }

    /// - Parameter policy: under which it was stored; what follows from the fields is reckoned again.
    /// - Returns: `nil` unless the bytes are one head and nothing else.
    init?(decoding buffer: inout ByteBuffer, policy: CachePolicy) {
        guard let status = buffer.readInteger(endianness: .little, as: UInt16.self), (100...999).contains(status),
            let requestTime = buffer.readInteger(endianness: .little, as: UInt64.self),
            let responseTime = buffer.readInteger(endianness: .little, as: UInt64.self),
            let content = CachedResponse.readContent(&buffer), let variant = CachedResponse.readVariant(&buffer),
            let count = buffer.readInteger(endianness: .little, as: UInt32.self)
        else { return nil }
        var fields = HTTPFields()
        for _ in 0..<count {
            guard let text = buffer.readText(), let name = HTTPField.Name(text), let value = buffer.readText() else {
                return nil
            }
            fields.append(HTTPField(name: name, value: value))
        }
        let times = (Double(bitPattern: requestTime), Double(bitPattern: responseTime))
        guard buffer.readableBytes == 0, times.0.isFinite, times.1.isFinite else { return nil }
        self.init(
            status: Int(status), fields: fields, requestTime: times.0, responseTime: times.1, variant: variant,
            content: content, policy: policy)
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
        guard let kind = buffer.readInteger(as: UInt8.self), let first = buffer.readCount() else { return nil }
        if kind == 0 { return .complete(size: first) }
        guard kind <= 2, let end = buffer.readCount(), first <= end else { return nil }
        if kind == 1 { return .part(first..<end, of: nil) }
        guard let size = buffer.readCount(), end <= size else { return nil }
        return .part(first..<end, of: size)
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

    fileprivate mutating func writeCount(_ count: Int) { writeInteger(UInt64(clamping: count), endianness: .little) }

    /// A number of bytes, which is never negative.
    fileprivate mutating func readCount() -> Int? {
        readInteger(endianness: .little, as: UInt64.self).flatMap { Int(exactly: $0) }
    }
}
