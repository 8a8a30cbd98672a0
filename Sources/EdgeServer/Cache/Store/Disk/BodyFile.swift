import CZlib
import NIOCore

#if canImport(Glibc)
    import Glibc
#endif

/// A body in a file of its own: the bytes, and behind them a checksum for each 64 KiB, so that a range can be checked
/// without reading all of it.
package struct BodyFile: Sendable, Hashable {
    let path: String
    /// Its name, which says nothing about what it holds.
    let number: UInt64
    let size: Int
    /// Of the checksums.
    let checksum: UInt32

    /// The bytes that it takes on disk.
    static func bytes(size: Int) -> Int { size + BlockChecksums.count(size: size) * 4 }

    /// Blocks. Checks that it is the file that was written.
    func open() throws(StoreFailure) -> OpenBody {
        let file = try OpenFile(path: path, flags: O_RDONLY)
        guard try file.size == BodyFile.bytes(size: size) else { throw .damaged }
        var table = try file.read(at: size, count: BlockChecksums.count(size: size) * 4)
        guard Checksum.of(table) == checksum else { throw .damaged }
        var sums: [UInt32] = []
        sums.reserveCapacity(table.readableBytes / 4)
        while let sum = table.readInteger(endianness: .little, as: UInt32.self) { sums.append(sum) }
        return OpenBody(file: file, size: size, sums: sums)
    }
}

/// A body file while somebody reads it. It can be read even when the store has removed it.
final class OpenBody: Sendable {
    private let file: OpenFile
    private let size: Int
    private let sums: [UInt32]

    fileprivate init(file: OpenFile, size: Int, sums: [UInt32]) {
        self.file = file
        self.size = size
        self.sums = sums
    }

    /// Blocks. The bytes are checked before they are handed out.
    func read(at offset: Int, count: Int) throws(StoreFailure) -> ByteBuffer {
        let block = BlockChecksums.block
        let first = offset / block
        let start = first * block
        let end = min(size, (offset + count + block - 1) / block * block)
        let bytes = try file.read(at: start, count: end - start)
        guard bytes.readableBytes == end - start else { throw .damaged }
        for index in first..<((end + block - 1) / block) {
            let from = index * block - start
            guard let part = bytes.getSlice(at: from, length: min(block, end - start - from)), index < sums.count,
                Checksum.of(part) == sums[index]
            else { throw .damaged }
        }
        guard let wanted = bytes.getSlice(at: offset - start, length: count) else { throw .damaged }
        return wanted
    }
}

/// CRC-32: finds what a disk or a crash has damaged. Nobody who could forge it may write these files.
enum Checksum {
    static func of(_ bytes: ByteBuffer, after sum: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeReadableBytes { of($0, after: sum) }
    }

    static func of(_ bytes: UnsafeRawBufferPointer, after sum: UInt32 = 0) -> UInt32 {
        guard let start = bytes.bindMemory(to: UInt8.self).baseAddress else { return sum }
        return UInt32(truncatingIfNeeded: crc32_z(UInt(sum), start, bytes.count))
    }
}

/// The checksums of the blocks of a body, as it comes in.
struct BlockChecksums: Sendable {
    static let block = 64 * 1024
    private(set) var finished: [UInt32] = []
    private var current: UInt32 = 0
    private var filled = 0

    static func count(size: Int) -> Int { (size + block - 1) / block }

    mutating func add(_ bytes: ByteBuffer) {
        var bytes = bytes
        while let part = bytes.readSlice(length: min(bytes.readableBytes, BlockChecksums.block - filled)),
            part.readableBytes > 0
        {
            current = Checksum.of(part, after: current)
            filled += part.readableBytes
            if filled == BlockChecksums.block { endBlock() }
        }
    }

    /// The table that lies behind the body.
    mutating func table() -> ByteBuffer {
        if filled > 0 { endBlock() }
        var table = ByteBuffer()
        for sum in finished { table.writeInteger(sum, endianness: .little) }
        return table
    }

    private mutating func endBlock() {
        finished.append(current)
        current = 0
        filled = 0
    }
}
