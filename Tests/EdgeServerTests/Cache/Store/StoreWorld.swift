import Foundation
import HTTPCaching
import HTTPTypes
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import EdgeServer

/// Both kinds of store: what one does the other does, too.
enum StoreKind: CaseIterable, Sendable { case memory, disk }

/// A store with what its tests need, and a folder that is removed at the end.
struct StoreWorld: Sendable {
    let store: ResponseStore
    let folder: String
    let troubles: Troubles

    final class Troubles: Sendable {
        private let seen = Mutex<[StoreTrouble]>([])
        var all: [StoreTrouble] { seen.withLock { $0 } }
        func add(_ trouble: StoreTrouble) { seen.withLock { $0.append(trouble) } }
    }

    static func options(_ kind: StoreKind, folder: String) -> ResponseStore.Options {
        var options = ResponseStore.Options()
        options.memoryBytes = 8 << 20
        options.diskBytes = 32 << 20
        options.largestInMemory = 64 << 10
        // Hundreds of stores are opened here, and each shard takes its time.
        options.shards = 4
        options.folder = kind == .disk ? folder : nil
        return options
    }

    static func open(
        _ kind: StoreKind, folder: String, _ change: (inout ResponseStore.Options) -> Void = { _ in }
    ) async throws -> StoreWorld {
        var options = options(kind, folder: folder)
        let troubles = Troubles()
        options.onTrouble = { troubles.add($0) }
        change(&options)
        let store = try ResponseStore(options: options, now: { 1000 })
        await store.flush()
        return StoreWorld(store: store, folder: folder, troubles: troubles)
    }

    static func run(
        _ kind: StoreKind, _ change: (inout ResponseStore.Options) -> Void = { _ in },
        _ body: (StoreWorld) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            let world = try await open(kind, folder: folder, change)
            try await body(world)
            await world.store.close()
        }
    }

    static func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = NSTemporaryDirectory() + "lilypad-store-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    static let loop = MultiThreadedEventLoopGroup.singleton.next()
}

func key(_ primary: String, _ namespace: String = "proxy") -> StoreKey {
    StoreKey(namespace: namespace, primary: primary)
}

func head(_ text: String = "", variant: String? = nil) -> CachedResponse {
    CachedResponse(
        status: 200, fields: [.contentType: "text/plain", .eTag: "\"\(text)\""], requestTime: 999, responseTime: 999.5,
        variant: variant.map { [VariantField(name: "accept-language", value: $0)] } ?? [],
        content: .complete(size: text.utf8.count), policy: .rfc)
}

extension CachedResponse {
    var tag: String? { fields[.eTag].map { String($0.dropFirst().dropLast()) } }
}

extension StoreWorld {
    /// Stores a response, and waits until it is in place.
    @discardableResult
    func put(_ key: StoreKey, _ text: String, variant: String? = nil, tags: [String] = []) async -> Entry? {
        await put(key, bytes: ByteBuffer(string: text), head: EdgeServerTests.head(text, variant: variant), tags: tags)
    }

    @discardableResult
    func put(_ key: StoreKey, bytes: ByteBuffer, head: CachedResponse, tags: [String] = []) async -> Entry? {
        let writer = store.begin(key)
        _ = writer.write(bytes)
        return await withCheckedContinuation { continuation in
            writer.commit(head: head, tags: tags) { continuation.resume(returning: $0) }
        }
    }

    func entries(_ key: StoreKey) async -> [Entry] {
        await withCheckedContinuation { continuation in store.load(key) { continuation.resume(returning: $0) } }
    }

    /// The entity tags of what a key has.
    func tags(_ key: StoreKey) async -> [String] { await entries(key).compactMap(\.head.tag) }

    func has(_ key: StoreKey) async -> Bool { await !entries(key).isEmpty }

    func content(_ entry: Entry, range: Range<Int>? = nil) async throws -> ByteBuffer {
        try await StoreWorld.readAll { BodyReader(entry, range: range, on: StoreWorld.loop) }
    }

    static func readAll(_ make: @escaping @Sendable () -> BodyReader) async throws -> ByteBuffer {
        let promise = loop.makePromise(of: ByteBuffer.self)
        loop.execute { Collector(make(), promise).next() }
        return try await promise.futureResult.get()
    }

    /// Waits until something is so, for ten seconds at most.
    static func eventually(_ condition: () async -> Bool) async -> Bool {
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            if await condition() { return true }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return await condition()
    }
}

/// Reads a body to its end.
private final class Collector {
    private let reader: BodyReader
    private let promise: EventLoopPromise<ByteBuffer>
    private var all = ByteBuffer()

    init(_ reader: BodyReader, _ promise: EventLoopPromise<ByteBuffer>) {
        self.reader = reader
        self.promise = promise
    }

    func next() {
        reader.read { [self] piece in
            switch piece {
            case .success(let bytes?):
                all.writeImmutableBuffer(bytes)
                // A reader that answers at once must not pile up calls.
                StoreWorld.loop.assumeIsolated().execute { self.next() }
            case .success(nil): promise.succeed(all)
            case .failure(let failure): promise.fail(failure)
            }
        }
    }
}

/// Bytes that no other seed has in the same place.
func pattern(_ size: Int, seed: UInt64) -> ByteBuffer {
    var buffer = ByteBufferAllocator().buffer(capacity: size + 8)
    buffer.writeInteger(seed)
    var start = Int(truncatingIfNeeded: (seed &* 7919) % 65_521)
    while buffer.readableBytes < size {
        let count = min(noise.readableBytes - start, size + 8 - buffer.readableBytes)
        if let part = noise.getSlice(at: start, length: count) { buffer.writeImmutableBuffer(part) }
        start = 0
    }
    return buffer.readSlice(length: size) ?? ByteBuffer()
}

private let noise: ByteBuffer = {
    var random = SeededRandom(seed: 1)
    var buffer = ByteBuffer()
    for _ in 0..<16_384 { buffer.writeInteger(random.next()) }
    return buffer
}()
