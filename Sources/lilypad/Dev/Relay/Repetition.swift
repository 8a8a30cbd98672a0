import NIOCore

/// Whether a request whose edge went away before the first byte of an answer asks again, and when.
///
/// A killed edge is found out in steps: its connections close, its socket still takes new ones for some milliseconds, then
/// it refuses. So several losses of one edge are one event. Losing a second edge is not: the request may be what kills it.
struct Repetition {
    private static let most = 7
    private var generation: Int?
    private var losses = 0

    /// - Returns: how long to wait before the next try, 0.6 s in all; `nil` when there is none.
    mutating func delay(afterLossOf edge: Int) -> TimeAmount? {
        guard losses < Repetition.most, (generation ?? edge) == edge else { return nil }
        generation = edge
        losses += 1
        return losses == 1 ? .zero : .milliseconds(10 << (losses - 2))
    }
}
