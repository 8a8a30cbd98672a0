import Synchronization
import Workers

/// The bytes and records of one bucket in memory.
package final class MemoryR2Store: R2Store {
    /// Bodies are handed out in chunks of this many bytes, as a disk would.
    private static let chunk = 65_536

    private let bucket: String
    private let account: MemoryR2Account

    package init(bucket: String = "bucket", account: MemoryR2Account = MemoryR2Account()) {
        self.bucket = bucket
        self.account = account
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any R2Records) throws -> Value
    ) async throws -> Value {
        try await account.read { [bucket] in try body($0.records(of: bucket)) }
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any R2Records) throws -> Value
    ) async throws -> Value {
        try await account.write { [bucket] in try body($0.records(of: bucket)) }
    }

    package func stage(_ content: BodyStream, hashing algorithm: R2HashAlgorithm?) async throws -> R2StagedBody {
        var hasher = R2Hasher(algorithm.map { [$0] } ?? [])
        var bytes: [UInt8] = []
        if let length = content.length { bytes.reserveCapacity(min(length, 1 << 20)) }
        // A producer that does not wait for anything would not notice that its reader is cancelled.
        while !Task.isCancelled, let chunk = try await content.next() {
            hasher.update(chunk)
            bytes += chunk
        }
        if Task.isCancelled {
            content.cancel()
            throw CancellationError()
        }
        let checksums = hasher.finish()
        guard !bytes.isEmpty else { return R2StagedBody(segment: nil, checksums: checksums) }
        let blob = account.withBlobs { [bytes] in $0.keep(bytes) }
        return R2StagedBody(segment: R2Segment(blob: blob, size: bytes.count), checksums: checksums)
    }

    package func release(_ staged: R2StagedBody, isSaved: Bool) {
        guard let segment = staged.segment else { return }
        account.withBlobs { $0.drop(segment) }
    }

    package func open(
        _ key: R2Key, _ choose: @escaping @Sendable (R2Record) throws -> [Range<Int>]?
    ) async throws -> (record: R2Record, body: Body?)? {
        let found = try await read { records -> (R2Record, [Range<Int>]?)? in
            guard let record = try records.record(key) else { return nil }
            return (record, try choose(record))
        }
        guard let (record, ranges) = found else { return nil }
        guard let ranges else { return (record, nil) }
        // Replaced in between: look again.
        let bytes = account.withBlobs { $0.bytes(record.segments) }
        guard bytes.count == record.segments.count else { return try await open(key, choose) }
        return (record, Self.body(ranges, of: bytes))
    }

    /// How many runs of bytes there are, for tests of what stays behind.
    package var blobCount: Int { account.withBlobs { $0.count } }

    private static func body(_ ranges: [Range<Int>], of bytes: [ArraySlice<UInt8>]) -> Body {
        let slices = ranges.flatMap { Self.slices($0, of: bytes) }
        let length = slices.reduce(0) { $0 + $1.count }
        if length <= chunk { return Body(bytes: Array(slices.joined())) }
        let reader = Mutex(slices)
        let box = Box(reader)
        return Body(
            stream: BodyStream(length: length) {
                box.value.withLock { slices in
                    while let first = slices.first {
                        let piece = first.prefix(chunk)
                        slices[0] = first.dropFirst(piece.count)
                        if slices[0].isEmpty { slices.removeFirst() }
                        if !piece.isEmpty { return Array(piece) }
                    }
                    return nil
                }
            })
    }

    private static func slices(_ range: Range<Int>, of bytes: [ArraySlice<UInt8>]) -> [ArraySlice<UInt8>] {
        var start = 0
        var slices: [ArraySlice<UInt8>] = []
        for run in bytes {
            let overlap = range.clamped(to: start..<(start + run.count))
            if !overlap.isEmpty {
                let first = run.startIndex + overlap.lowerBound - start
                slices.append(run[first..<(first + overlap.count)])
            }
            start += run.count
        }
        return slices
    }

    /// Holds a value that cannot be copied, for a closure.
    private final class Box: Sendable {
        let value: Mutex<[ArraySlice<UInt8>]>
        init(_ value: consuming Mutex<[ArraySlice<UInt8>]>) { self.value = value }
    }
}
