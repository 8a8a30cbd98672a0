import Synchronization
import Workers

/// The bytes and records of one bucket in memory.
package final class MemoryR2Store: R2Store {
    /// Bodies are handed out in chunks of this many bytes, as a disk would.
    private static let chunk = 65_536

    private let state = Mutex(MemoryR2Records())

    package init() {}

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any R2Records) throws -> Value
    ) async throws -> Value {
        try state.withLock { try body($0) }
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any R2Records) throws -> Value
    ) async throws -> Value {
        try state.withLock { try body($0) }
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
        let blob = state.withLock { $0.keep(bytes) }
        return R2StagedBody(segment: R2Segment(blob: blob, size: bytes.count), checksums: checksums)
    }

    package func release(_ staged: R2StagedBody, isSaved: Bool) {
        guard let segment = staged.segment else { return }
        state.withLock { $0.drop(segment) }
    }

    package func open(
        _ key: R2Key, _ choose: @escaping @Sendable (R2Object) throws -> Range<Int>?
    ) async throws -> (object: R2Object, body: Body?)? {
        try state.withLock { records in
            guard let record = records.record(key) else { return nil }
            guard let range = try choose(record.object) else { return (record.object, nil) }
            return (record.object, Self.body(range, of: records.bytes(record.segments)))
        }
    }

    /// How many runs of bytes there are, for tests of what stays behind.
    package var blobCount: Int { state.withLock { $0.blobCount } }

    private static func body(_ range: Range<Int>, of bytes: [ArraySlice<UInt8>]) -> Body {
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
        if range.count <= chunk { return Body(bytes: Array(slices.joined())) }
        let reader = Mutex(slices)
        let box = Box(reader)
        return Body(
            stream: BodyStream(length: range.count) {
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

    /// Holds a value that cannot be copied, for a closure.
    private final class Box: Sendable {
        let value: Mutex<[ArraySlice<UInt8>]>
        init(_ value: consuming Mutex<[ArraySlice<UInt8>]>) { self.value = value }
    }
}
