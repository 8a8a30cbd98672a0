import NIOCore
import NIOHTTP1

/// Puts bytes one behind the other into memory whose size was reckoned beforehand: a head has dozens of small parts, and
/// asking a buffer for room before each of them takes longer than copying it.
struct ByteWriter: ~Copyable {
    private let memory: UnsafeMutableRawBufferPointer
    fileprivate private(set) var count = 0

    fileprivate init(_ memory: UnsafeMutableRawBufferPointer) { self.memory = memory }

    mutating func add(_ text: StaticString) {
        add(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
    }

    /// Adds the value of a field, which may stand for bytes that are no UTF-8.
    mutating func addValue(_ value: String) {
        var value = value
        value.withUTF8 { bytes in
            // Never more bytes than the text has, so it fits.
            if bytes.contains(FieldText.lead) {
                add(FieldText.bytes(bytes))
            } else {
                add(UnsafeRawBufferPointer(bytes))
            }
        }
    }

    mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }

    mutating func add(_ number: Int) { add(String(number)) }

    private mutating func add(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, let start = memory.baseAddress else { return }
        precondition(bytes.count <= memory.count - count, "the size of a head was reckoned wrong")
        (start + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }
}

extension ByteWriter {
    mutating func addStatus(_ status: Int) {
        if status == 200 { return add("HTTP/1.1 200 OK\r\n" as StaticString) }
        add("HTTP/1.1 " as StaticString)
        add(status)
        add(" " as StaticString)
        add(ResponseHead.reason(status))
        add("\r\n" as StaticString)
    }

    mutating func addField(_ name: String, _ value: String) {
        add(name)
        add(": " as StaticString)
        addValue(value)
        add("\r\n" as StaticString)
    }

    mutating func add(_ late: LateFields) {
        add("age: " as StaticString)
        add(late.age)
        if let ttl = late.ttl {
            add("\r\ncache-status: Lilypad; hit; ttl=" as StaticString)
            add(ttl)
        }
        add("\r\n" as StaticString)
    }

    mutating func addLength(_ length: Int) {
        add("content-length: " as StaticString)
        add(length)
        add("\r\n" as StaticString)
    }
}

extension ByteBuffer {
    /// Appends what `fill` writes.
    mutating func writeBytes(atMost size: Int, _ fill: (inout ByteWriter) -> Void) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: size) { memory in
            var writer = ByteWriter(memory)
            fill(&writer)
            return writer.count
        }
    }

    /// Appends fields with the empty line that ends them. Those that would break the framing are left out.
    mutating func writeFields(_ fields: HTTPHeaders) {
        let safe = fields.filter { ResponseHead.isSafe($0.name, $0.value) }
        let size = safe.reduce(2) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        writeBytes(atMost: size) { out in
            for (name, value) in safe { out.addField(name, value) }
            out.add("\r\n" as StaticString)
        }
    }
}
