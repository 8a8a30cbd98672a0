import Testing

@testable import lilypad

@Suite struct GateStateTests {
    private let first = GateState.Upstream(path: "/one", generation: 1)
    private let second = GateState.Upstream(path: "/two", generation: 2)

    @Test func `requests wait until an edge listens, and then ask again in their order`() {
        var gate = GateState(limit: 3)
        #expect(gate.enter() == .hold(ticket: 1))
        #expect(gate.enter() == .hold(ticket: 2))
        #expect(gate.open(first) == [1, 2])
        #expect(gate.enter() == .pass(first))
        #expect(gate.waitingCount == 0)
    }

    @Test func `only so many may wait, and one that leaves makes room`() {
        var gate = GateState(limit: 2)
        #expect(gate.enter() == .hold(ticket: 1))
        #expect(gate.enter() == .hold(ticket: 2))
        #expect(gate.enter() == .full)
        gate.leave(ticket: 1)
        #expect(gate.enter() == .hold(ticket: 3))
        #expect(gate.open(first) == [2, 3])
    }

    @Test func `a swap holds what comes meanwhile`() {
        var gate = GateState(limit: 2)
        _ = gate.open(first)
        gate.hold()
        #expect(!gate.isOpen)
        #expect(gate.enter() == .hold(ticket: 1))
        #expect(gate.open(second) == [1])
        #expect(gate.enter() == .pass(second))
    }

    @Test func `a lost edge closes the gate, one that was replaced does not`() {
        var gate = GateState(limit: 2)
        _ = gate.open(second)
        gate.lost(first)
        #expect(gate.enter() == .pass(second))
        gate.lost(second)
        #expect(gate.enter() == .hold(ticket: 1))
    }

    @Test func `with no edge to come the waiting hear why`() {
        var gate = GateState(limit: 2)
        let outage = GateState.Outage(code: "build_failed", message: "It does not compile.")
        #expect(gate.enter() == .hold(ticket: 1))
        #expect(gate.shut(outage) == [1])
        #expect(gate.enter() == .down(outage))
        gate.hold()
        #expect(gate.enter() == .hold(ticket: 2))
    }
}
