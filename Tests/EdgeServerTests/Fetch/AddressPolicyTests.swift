import NIOCore
import Testing

@testable import EdgeServer

@Suite struct AddressPolicyTests {
    @Test(arguments: [
        ("8.8.8.8", AddressPolicy.Network.everywhere), ("127.0.0.1", .loopback), ("127.255.0.3", .loopback),
        ("0.0.0.0", .loopback), ("10.1.2.3", .privateUse), ("172.16.0.1", .privateUse), ("172.32.0.1", .everywhere),
        ("192.168.1.1", .privateUse), ("100.64.0.1", .privateUse), ("169.254.169.254", .linkLocal),
        ("100.100.100.200", .linkLocal), ("168.63.129.16", .linkLocal), ("224.0.0.1", .multicast),
        ("255.255.255.255", .multicast), ("::1", .loopback), ("::", .loopback), ("fe80::1", .linkLocal),
        ("fd00:ec2::254", .linkLocal), ("fd20:ce::254", .linkLocal), ("fd12::1", .privateUse),
        ("ff02::1", .multicast), ("2606:4700::1", .everywhere), ("::ffff:127.0.0.1", .loopback),
        ("::ffff:169.254.169.254", .linkLocal), ("::10.0.0.1", .privateUse), ("64:ff9b::a9fe:a9fe", .linkLocal),
        ("2002:7f00:1::", .loopback), ("::ffff:8.8.8.8", .everywhere),
    ])
    func `every address is of one kind`(text: String, network: AddressPolicy.Network) throws {
        let address = try SocketAddress(ipAddress: text, port: 80)
        let policy = AddressPolicy(refusing: Set(AddressPolicy.Network.allCases))
        #expect(policy.refusal(of: address) == network)
        #expect(AddressPolicy(refusing: []).refusal(of: address) == nil)
    }

    @Test func `names for this machine need no look-up, others do`() {
        for host in ["localhost", "LOCALHOST.", "api.localhost", "127.0.0.1", "[::1]"] {
            #expect(AddressPolicy.production.refusal(ofHost: host) == .loopback)
            #expect(AddressPolicy.emulator.refusal(ofHost: host) == nil)
        }
        #expect(AddressPolicy.production.refusal(ofHost: "example.com") == nil)
        #expect(AddressPolicy.production.refusal(ofHost: "10.0.0.1") == nil)
        #expect(AddressPolicy.publicOnly.refusal(ofHost: "10.0.0.1") == .privateUse)
        #expect(AddressPolicy.emulator.refusal(ofHost: "169.254.169.254") == .linkLocal)
    }
}
