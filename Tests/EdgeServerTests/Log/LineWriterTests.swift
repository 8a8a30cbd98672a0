import Foundation
import Testing

@testable import EdgeServer

@Suite struct LineWriterTests {
    /// Runs what blocks on a thread that nobody else waits for.
    private func apart<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            Foundation.Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }

    private func lines(of pipe: Pipe) async -> [Substring] {
        let reading = pipe.fileHandleForReading
        let data = await apart { reading.readDataToEndOfFile() }
        return String(decoding: data, as: UTF8.self).split(separator: "\n")
    }

    @Test func `lines of many threads come out whole and none is missing`() async throws {
        let pipe = Pipe()
        let writer = LineWriter(descriptor: pipe.fileHandleForWriting.fileDescriptor) { "dropped \($0)" }
        async let read = lines(of: pipe)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask { for line in 0..<500 { writer.write("\(number) \(line)") } }
            }
        }
        #expect(await apart { writer.finish(within: .seconds(20)) })
        try pipe.fileHandleForWriting.close()
        let lines = await read
        #expect(lines.count == 4000)
        #expect(Set(lines).count == 4000)
    }

    @Test func `a reader that has stopped costs lines, not memory or time, and is told how many`() async throws {
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        // The pipe is full from the beginning (F_GETPIPE_SZ).
        let room = Int(fcntl(descriptor, 1032))
        pipe.fileHandleForWriting.write(Data(repeating: 0x0A, count: room))
        let writer = LineWriter(descriptor: descriptor, capacity: 10_000, buffers: 1) { "dropped \($0)" }
        let line = [UInt8](repeating: 0x61, count: 99)
        for _ in 0..<10_000 { writer.write(line) }
        #expect(await apart { !writer.finish(within: .milliseconds(50)) })
        async let read = lines(of: pipe)
        #expect(await apart { writer.waitUntilFinished(within: .seconds(20)) })
        try pipe.fileHandleForWriting.close()
        let lines = await read
        let dropped = lines.compactMap { $0.hasPrefix("dropped ") ? Int($0.dropFirst(8)) : nil }.reduce(0, +)
        #expect(dropped > 9000)
        #expect(lines.count { $0.utf8.count == line.count } + dropped == 10_000)
    }
}
