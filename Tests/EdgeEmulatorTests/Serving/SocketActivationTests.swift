import EdgeServer
import Testing

@testable import EdgeEmulator

@Suite struct SocketActivationTests {
    @Test(
        "sockets are taken that are meant for this process",
        arguments: [
            ([:], []), (["LISTEN_FDS": "1"], []), (["LISTEN_PID": "7"], []),
            (["LISTEN_PID": "8", "LISTEN_FDS": "1"], []),
            (["LISTEN_PID": "7", "LISTEN_FDS": "1"], [3]), (["LISTEN_PID": "7", "LISTEN_FDS": "3"], [3, 4, 5]),
            (["LISTEN_PID": "7", "LISTEN_FDS": "0"], []),
            (["LISTEN_PID": "7", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "web"], [3]),
            (["LISTEN_PID": "07", "LISTEN_FDS": "1"], []),
        ] as [([String: String], [Int32])])
    func takes(environment: [String: String], descriptors: [Int32]) throws {
        #expect(try SocketActivation(environment, process: 7).descriptors == descriptors)
    }

    @Test("a number that is none is refused", arguments: ["", "x", "-1", "+1", "65", "1.0", "99999999999"])
    func refuses(count: String) {
        #expect(throws: StartFailure.self) {
            try SocketActivation(["LISTEN_PID": "7", "LISTEN_FDS": count], process: 7)
        }
    }
}
