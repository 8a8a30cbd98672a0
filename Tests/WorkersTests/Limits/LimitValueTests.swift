import Testing

@testable import Workers

@Suite struct PlatformLimitsTests {
    @Test func `the plans differ where the platform's do`() {
        let free = PlatformLimits(.free)
        let paid = PlatformLimits(.paid)
        #expect(free.cpuMilliseconds == 10 && paid.cpuMilliseconds == 30_000)
        #expect(free.subrequests == 50 && free.serviceCalls == 1000)
        #expect(paid.subrequests == 10_000)
        #expect(free.connections == 6 && paid.connections == 6)
        #expect(free.memory == 134_217_728)
        #expect(paid.cpuMilliseconds(for: .scheduled(interval: 3599)) == 30_000)
        #expect(paid.cpuMilliseconds(for: .scheduled(interval: 3600)) == 900_000)
        #expect(free.cpuMilliseconds(for: .scheduled(interval: 86_400)) == 10)
    }

    @Test func `the configuration changes what it names`() {
        let limits = PlatformLimits(.paid).adjusted(cpuMilliseconds: 100, subrequests: 20)
        #expect(limits.cpuMilliseconds == 100)
        #expect(limits.cpuMilliseconds(for: .scheduled(interval: 86_400)) == 100)
        #expect(limits.subrequests == 20)
        #expect(limits.serviceCalls == 10_000)
        #expect(PlatformLimits(.paid).adjusted(subrequests: 50_000).serviceCalls == 50_000)
        #expect(PlatformLimits(.paid).adjusted(cpuMilliseconds: 1e9).cpuMilliseconds == 300_000)
        #expect(PlatformLimits(.paid).adjusted(cpuMilliseconds: 0, subrequests: -1) == PlatformLimits(.paid))
    }
}

@Suite struct ConnectionSlotsTests {
    @Test func `turns come in the order in which they were asked for`() {
        var slots = ConnectionSlots(most: 2)
        let asked = (1...5).map { slots.ask($0) }
        #expect(asked == [.go, .go, .wait, .wait, .wait])
        let third = slots.release()
        #expect(third == 3)
        let left = [slots.leave(4), slots.leave(3)]
        #expect(left == [true, false])
        let next = [slots.release(), slots.release()]
        #expect(next == [5, nil])
        #expect(slots.taken == 1)
        let sixth = slots.ask(6)
        #expect(sixth == .go)
        #expect(slots.peak == 5)
    }

    @Test func `who only counts does not wait`() {
        var slots = ConnectionSlots(most: 1)
        slots.takeAnyway()
        slots.takeAnyway()
        #expect(slots.peak == 2)
        let next = [slots.release(), slots.release()]
        #expect(next == [nil, nil])
        #expect(slots.taken == 0)
    }
}

@Suite struct LimitReportTests {
    @Test(arguments: [
        (LimitReport.Use(name: .memory, used: 110_000_000, limit: 134_217_728), "memory 104.9 MiB of 128 MiB"),
        (LimitReport.Use(name: .requestBody, used: 90_500_000, limit: 100_000_000), "request body 90.5 MB of 100 MB"),
        (LimitReport.Use(name: .background, used: 25, limit: 30), "background time 25 s of 30 s"),
        (LimitReport.Use(name: .serviceCalls, used: 900, limit: 1000), "service calls 900 of 1000"),
    ])
    func `a use says itself in the unit of its limit`(use: LimitReport.Use, text: String) {
        #expect(use.description == text)
    }
}
