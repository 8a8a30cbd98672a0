import NIOCore
import Synchronization

/// One file of the log. It can be read even when the store has removed it.
final class Segment: Sendable {
    let number: UInt32
    let file: OpenFile
    /// Entries that need it.
    let live = Atomic<Int>(0)
    /// Whether it says that something before it is gone.
    let hasRemovals = Atomic<Bool>(false)

    init(number: UInt32, file: OpenFile) {
        self.number = number
        self.file = file
    }

    /// What a segment begins with: whose it is, the version of the format, and its number.
    static let headerSize = 16

    static func header(number: UInt32) -> ByteBuffer {
        var header = ByteBufferAllocator().buffer(capacity: headerSize)
        header.writeStaticString("LilypadC")
        header.writeInteger(1, endianness: .little, as: UInt32.self)
        header.writeInteger(number, endianness: .little)
        return header
    }

    /// Ten digits, so that names sort as numbers do.
    static func name(_ number: UInt32) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 10 - digits.count) + digits + ".log"
    }

    static func number(name: String) -> UInt32? {
        guard name.hasSuffix(".log"), let number = UInt32(name.dropLast(4)), number > 0, self.name(number) == name
        else { return nil }
        return number
    }
}

/// The segments there are, for those who read them.
final class SegmentTable: Sendable {
    private let segments = Mutex<[UInt32: Segment]>([:])
    /// Bytes of all files.
    let used = Atomic<Int>(0)

    subscript(number: UInt32) -> Segment? {
        get { segments.withLock { $0[number] } }
    }

    func add(_ segment: Segment) { segments.withLock { $0[segment.number] = segment } }
    func remove(_ segment: Segment) { segments.withLock { $0[segment.number] = nil } }

    /// One entry needs this place no longer.
    func release(_ place: DiskPlace) {
        if !place.isNone { self[place.segment]?.live.subtract(1, ordering: .relaxed) }
    }
}

/// Goes through the records of a segment without reading the bodies, except where that is cheaper than to skip them.
struct RecordScanner {
    enum Step {
        case record(RecordHeader, description: ByteBuffer, offset: Int)
        /// A record whose description is not what was written. Those behind it can still be read.
        case damagedDescription(RecordHeader)
        /// The end of the file comes in the middle of a record, as after a crash.
        case torn
        /// There is something here that is no record; what lies behind it cannot be found.
        case damaged
        case end
    }

    private let file: OpenFile
    private let size: Int
    /// Where the next record begins; after `torn` and `damaged`, where the readable part ends.
    private(set) var offset = Segment.headerSize
    private var window = ByteBuffer()
    private var windowStart = 0

    init(_ file: OpenFile) throws(StoreFailure) {
        self.file = file
        size = try file.size
    }

    mutating func next() throws(StoreFailure) -> Step {
        if offset == size { return .end }
        guard let bytes = try read(at: offset, RecordHeader.size) else { return .torn }
        guard let header = RecordHeader(decoding: bytes) else { return .damaged }
        guard header.recordSize <= size - offset else { return .torn }
        guard let description = try read(at: offset + RecordHeader.size, header.description) else { return .torn }
        let start = offset
        offset += header.recordSize
        guard Checksum.of(description) == header.descriptionChecksum else { return .damagedDescription(header) }
        return .record(header, description: description, offset: start)
    }

    private mutating func read(at position: Int, _ count: Int) throws(StoreFailure) -> ByteBuffer? {
        if let bytes = slice(position, count) { return bytes }
        window = try file.read(at: position, count: max(count, 64 * 1024))
        windowStart = position
        return slice(position, count)
    }

    private func slice(_ position: Int, _ count: Int) -> ByteBuffer? {
        guard position >= windowStart, position + count <= windowStart + window.readableBytes else { return nil }
        return window.getSlice(at: position - windowStart, length: count)
    }
}
