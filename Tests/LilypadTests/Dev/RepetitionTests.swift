import NIOCore
import Testing

@testable import lilypad

@Suite struct RepetitionTests {
    @Test func `several losses of one edge are tried again with growing pauses, and then no more`() {
        var repetition = Repetition()
        let delays = (1...8).map { _ in repetition.delay(afterLossOf: 3) }
        #expect(delays.map { $0.map { $0.nanoseconds / 1_000_000 } } == [0, 10, 20, 40, 80, 160, 320, nil])
    }

    @Test func `a second edge that is lost ends it`() {
        var repetition = Repetition()
        #expect(repetition.delay(afterLossOf: 3) == .zero)
        #expect(repetition.delay(afterLossOf: 4) == nil)
    }
}
