import Foundation
import Testing

@testable import EdgeServer

@Suite struct LineWriterTests {
    @Test func `lines of many threads come out whole and none is missing`() async throws {
        let pipe = Pipe()
        let writer = LineWriter(descriptor: pipe.fileHandleForWriting.fileDescriptor) { "dropped \($0)" }
        let reading = Task.detached { pipe.fileHandleForReading.readDataToEndOfFile() }
        await withTaskGroup(of: Void.self) { group in
            for writerNumber in 0..<8 {
                group.addTask { for number in 0..<500 { writer.write("\(writerNumber) \(number)") } }
            }
        }
        #expect(writer.finish(within: .seconds(20)))
        try pipe.fileHandleForWriting.close()
        let lines = String(decoding: await reading.value, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 4000)
        #expect(Set(lines).count == 4000)
    }

    @Test func `a reader that has stopped costs lines, not memory or time, and is told how many`() async throws {
        let pipe = Pipe()
        let writer = LineWriter(
            descriptor: pipe.fileHandleForWriting.fileDescriptor, capacity: 10_000, buffers: 1
        ) { "dropped \($0)" }
        let line = [UInt8](repeating: 0x61, count: 99)
        // A pipe holds 64 KiB: beyond it and the buffer nothing has room.
        for _ in 0..<100_000 { writer.write(line) }
        #expect(!writer.finish(within: .milliseconds(50)))
        var text = ""
        var (written, dropped) = (0, 0)
        while written + dropped < 100_000 {
            text += String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
            let lines = text.split(separator: "\n")
            dropped = lines.compactMap { $0.hasPrefix("dropped ") ? Int($0.dropFirst(8)) : nil }.reduce(0, +)
            written = lines.count { $0.utf8.count == line.count }
        }
        #expect(dropped > 50_000)
    }
}
