import Synchronization
import Workers

/// What happens, told to every open page of the dashboard as server-sent events (HTML Standard, §9.2).
final class EventHub: Sendable {
    static let mostSubscribers = 16
    /// Bytes that may wait for a page. One that falls further behind has to load everything again.
    private static let capacity = 256 * 1024
    /// Seconds between comments that keep the connection alive and notice that it has gone.
    private static let pulse = 15.0

    private struct Subscriber {
        var writer: BodyWriter
        var isBehind = false
    }

    private struct State {
        var subscribers: [Int: Subscriber] = [:]
        var next = 0
        var isOver = false
        var pulse: Task<Void, Never>?
    }

    private let state = Mutex(State())
    private let clock = ContinuousClock()

    var hasSubscribers: Bool { state.withLock { !$0.subscribers.isEmpty } }

    /// A stream of events for one page.
    ///
    /// - Parameter first: events that it gets at once.
    /// - Throws: `Problem` when there are too many pages already.
    func subscribe(first: [[UInt8]]) throws(Problem) -> BodyStream {
        let number = state.withLock { state -> Int? in
            guard !state.isOver, state.subscribers.count < EventHub.mostSubscribers else { return nil }
            state.next += 1
            return state.next
        }
        guard let number else {
            throw Problem(
                .serviceUnavailable, code: "too_many_pages", "The dashboard is open on too many pages; close some.")
        }
        let (writer, stream) = BodyStream.pipe(
            length: nil, capacity: EventHub.capacity, onRoom: { [weak self] in self?.caughtUp(number) },
            onCancel: { [weak self] in self?.leave(number) })
        var isBehind = !writer.offer(Array(": lilypad\nretry: 1000\n\n".utf8))
        for event in first where !isBehind { isBehind = !writer.offer(event) }
        state.withLock { state in
            state.subscribers[number] = Subscriber(writer: writer, isBehind: isBehind)
            if state.pulse == nil { state.pulse = beat() }
        }
        return stream
    }

    private func beat() -> Task<Void, Never> {
        Task { [weak self, clock] in
            while (try? await clock.sleep(for: .seconds(EventHub.pulse))) != nil { self?.send(Array(":\n\n".utf8)) }
        }
    }

    /// Tells all pages. The text is only made if there is somebody to read it.
    ///
    /// - Parameter id: what a page that comes back names as the last event it has seen.
    func publish(_ name: String, id: Int? = nil, _ json: @autoclosure () -> JSON) {
        guard hasSubscribers else { return }
        send(EventHub.event(name, id: id, json()))
    }

    static func event(_ name: String, id: Int? = nil, _ json: JSON) -> [UInt8] {
        // JSON has no line breaks of its own.
        Array("event: \(name)\n\(id.map { "id: \($0)\n" } ?? "")data: \(json.text)\n\n".utf8)
    }

    private func send(_ bytes: [UInt8]) {
        state.withLock { state in
            for (number, subscriber) in state.subscribers where !subscriber.isBehind {
                if !subscriber.writer.offer(bytes) { state.subscribers[number]?.isBehind = true }
            }
        }
    }

    private func caughtUp(_ number: Int) {
        state.withLock { state in
            guard state.subscribers[number]?.isBehind == true else { return }
            let hasRoom = state.subscribers[number]?.writer.offer(EventHub.event("reload", .object([]))) ?? false
            state.subscribers[number]?.isBehind = !hasRoom
        }
    }

    private func leave(_ number: Int) {
        let subscriber = state.withLock { $0.subscribers.removeValue(forKey: number) }
        // Outside of the lock: the end of the writer may call back.
        subscriber?.writer.finish()
    }

    /// Ends all streams, so that nobody waits for them.
    func close() {
        let (subscribers, pulse) = state.withLock { state in
            state.isOver = true
            defer { state.subscribers = [:] }
            return (Array(state.subscribers.values), state.pulse)
        }
        pulse?.cancel()
        for subscriber in subscribers { subscriber.writer.finish() }
    }
}
