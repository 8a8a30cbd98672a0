import Testing
import Workers

@Suite struct BodyTests {
    private func streamed(_ chunks: String..., length: Int? = nil) -> Body {
        Body(stream: BodyStream(chunks: chunks.map { Array($0.utf8) }, length: length))
    }

    @Test func `a body is read once, also through a copy`() async throws {
        for body in ["text", streamed("te", "xt")] as [Body] {
            let copy = body
            #expect(try await body.text() == "text")
            #expect(copy.isUsed)
            let error = await #expect(throws: WorkersError.self) { try await copy.text() }
            #expect(
                error?.message
                    == "Body has already been used. It can only be used once. Use tee() first if you need to read it twice."
            )
            #expect(throws: WorkersError.self) { try body.clone() }
        }
    }

    @Test func `no body can be read any number of times`() async throws {
        #expect(try await Body.empty.text() == "")
        #expect(try await Body.empty.text() == "")
        #expect(!Body.empty.isUsed)
        #expect(Body.empty.length == 0)
    }

    @Test func `a clone is read by itself`() async throws {
        for body in ["text", streamed("te", "xt")] as [Body] {
            let clone = try body.clone()
            let third = try clone.clone()
            #expect(try await body.text() == "text")
            #expect(try await clone.text() == "text")
            #expect(try await third.text() == "text")
        }
    }

    @Test func `a request with a used body cannot be cloned`() async throws {
        let request = Request(.post, RequestURL(authority: "x", path: "/"), body: "x")
        _ = try await request.bytes()
        let error = #expect(throws: WorkersError.self) { try request.clone() }
        #expect(error?.message == "Cannot reconstruct a Request with a used body.")
    }

    @Test func `a stream that was read from cannot become a body`() async throws {
        let stream = BodyStream(chunks: [[1], [2]])
        _ = try await stream.next()
        let error = await #expect(throws: WorkersError.self) { try await Body(stream: stream).bytes() }
        #expect(error?.message.contains("disturbed") == true)
    }

    @Test(arguments: [(3, "did not see all"), (1, "too many bytes")])
    func `a declared length is kept`(length: Int, message: String) async throws {
        let error = await #expect(throws: WorkersError.self) { try await streamed("ab", length: length).text() }
        #expect(error?.message.contains(message) == true)
    }

    @Test func `a limit stops the reading`() async throws {
        let cancelled = Flag()
        let endless = BodyStream(onCancel: { cancelled.raise() }, next: { [UInt8](repeating: 0, count: 1000) })
        await #expect(throws: BodyTooLarge(limit: 5000)) { try await Body(stream: endless).bytes(limit: 5000) }
        #expect(cancelled.isRaised)
        await #expect(throws: BodyTooLarge(limit: 2)) { try await Body(text: "abc").bytes(limit: 2) }
        await #expect(throws: BodyTooLarge(limit: 2)) { try await streamed("abc", length: 3).bytes(limit: 2) }
    }

    @Test func `letting go of a stream tells its producer`() async throws {
        let cancelled = Flag()
        do {
            let body = Body(stream: BodyStream(onCancel: { cancelled.raise() }, next: { [1] }))
            _ = try await body.stream().next()
        }
        #expect(cancelled.isRaised)
    }

    @Test func `a reader that is cancelled while it waits tells the producer`() async throws {
        let (writer, stream) = BodyStream.pipe()
        let reader = Task { try await stream.next() }
        reader.cancel()
        await #expect(throws: CancellationError.self) { try await reader.value }
        #expect(writer.isCancelled)
        #expect(try await stream.next() == nil)
    }

    @Test func `a stream that was read to its end is not cancelled`() async throws {
        let cancelled = Flag()
        _ = try await BodyStream(onCancel: { cancelled.raise() }, next: { nil }).next()
        #expect(!cancelled.isRaised)
    }
}

@Suite struct PipeTests {
    @Test func `a writer waits for its reader`() async throws {
        let (writer, stream) = BodyStream.pipe(capacity: 10)
        let written = Counter()
        let task = Task {
            for _ in 0..<20 {
                try await writer.write([1, 2, 3, 4])
                written.add()
            }
            writer.finish()
        }
        while written.value < 2 { await Task.yield() }
        for _ in 0..<50 { await Task.yield() }
        // Two chunks of four bytes fit, the third fills the pipe and waits.
        #expect(written.value == 2)
        var size = 0
        for try await chunk in stream { size += chunk.count }
        #expect(size == 80)
        try await task.value
    }

    @Test func `a writer learns that its reader has gone`() async throws {
        let (writer, stream) = BodyStream.pipe(capacity: 1)
        let task = Task { while true { try await writer.write([1]) } }
        _ = try await stream.next()
        stream.cancel()
        await #expect(throws: BodyCancelled.self) { try await task.value }
        #expect(writer.isCancelled)
    }

    @Test func `a cancelled writer and a cancelled reader stop waiting`() async throws {
        let (writer, stream) = BodyStream.pipe(capacity: 1)
        let writing = Task { while true { try await writer.write([1]) } }
        writing.cancel()
        await #expect(throws: CancellationError.self) { try await writing.value }
        let (_, other) = BodyStream.pipe()
        let reading = Task { try await other.next() }
        reading.cancel()
        await #expect(throws: (any Error).self) { try await reading.value }
        _ = stream
    }

    @Test func `a writer that is let go before the end fails the stream`() async throws {
        var (writer, stream): (BodyWriter?, BodyStream) = BodyStream.pipe()
        try await writer?.write([1])
        writer = nil
        #expect(try await stream.next() == [1])
        await #expect(throws: WorkersError.self) { try await stream.next() }
    }

    @Test func `an error comes after what was written before it`() async throws {
        struct Broken: Error {}
        let (writer, stream) = BodyStream.pipe()
        try await writer.write([1])
        writer.fail(Broken())
        #expect(try await stream.next() == [1])
        await #expect(throws: Broken.self) { try await stream.next() }
    }

    @Test func `many writers and a slow reader lose nothing`() async throws {
        let (writer, stream) = BodyStream.pipe(capacity: 64)
        let sum = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for try await chunk in stream { sum.add(chunk.count) } }
            try await withThrowingTaskGroup(of: Void.self) { writers in
                for _ in 0..<8 {
                    writers.addTask { for size in 1...100 { try await writer.write(.init(repeating: 0, count: size)) } }
                }
                try await writers.waitForAll()
            }
            writer.finish()
            try await group.waitForAll()
        }
        #expect(sum.value == 8 * 5050)
    }
}

@Suite struct TeeTests {
    @Test func `both branches get everything, at their own pace`() async throws {
        let (writer, stream) = BodyStream.pipe(capacity: 8)
        let (left, right) = try stream.tee()
        async let first = Body(stream: left).bytes()
        async let second = Body(stream: right).bytes()
        for number in 0..<100 { try await writer.write([UInt8(number)]) }
        writer.finish()
        #expect(try await first == (0..<100).map { UInt8($0) })
        #expect(try await second == (0..<100).map { UInt8($0) })
    }

    @Test func `cancelling one branch leaves the other, cancelling both ends the source`() async throws {
        let cancelled = Flag()
        let (left, right) = try BodyStream(onCancel: { cancelled.raise() }, next: { [7] }).tee()
        _ = try await left.next()
        left.cancel()
        #expect(try await right.next() == [7])
        #expect(try await right.next() == [7])
        #expect(!cancelled.isRaised)
        right.cancel()
        #expect(cancelled.isRaised)
    }

    @Test func `a reader that falls too far behind fails both`() async throws {
        let (left, right) = try BodyStream(next: { [UInt8](repeating: 0, count: 600) }).tee(limit: 1000)
        _ = try await left.next()
        await #expect(throws: WorkersError.self) {
            _ = try await left.next()
            _ = try await left.next()
        }
        #expect(try await right.next() != nil)
    }

    @Test func `a cancelled reader does not tear the chunk from the other`() async throws {
        let (writer, stream) = BodyStream.pipe()
        let (left, right) = try stream.tee()
        let reading = Task { try await left.next() }
        reading.cancel()
        await #expect(throws: (any Error).self) { try await reading.value }
        try await writer.write([1])
        writer.finish()
        #expect(try await Body(stream: right).bytes() == [1])
    }
}
