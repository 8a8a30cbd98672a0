import NIOCore
import NIOHTTP1
import Testing

@testable import EdgeServer

/// A request, and who is found to have sent it: `address scheme host`. Trusted are 10.0.0.0/8 and fd00::/8.
struct ClientCase: Sendable, CustomTestStringConvertible {
    var peer: String
    var fields: [(name: String, value: String)]
    var client: String

    init(_ peer: String, _ fields: KeyValuePairs<String, String>, _ client: String) {
        self.peer = peer
        self.fields = fields.map { ($0.key, $0.value) }
        self.client = client
    }

    var testDescription: String {
        "\(peer) \(fields.map { "\($0.name): \($0.value)" }.joined(separator: " | "))"
    }
}

@Suite struct ClientIdentityTests {
    private func found(_ test: ClientCase, _ rules: ClientRules) throws -> String {
        let peer = ConnectionPeer(try SocketAddress(ipAddress: test.peer, port: 1), rules: rules, scheme: "http")
        let identity = peer.identity(HTTPHeaders(test.fields), host: "own.example")
        return "\(identity.address) \(identity.scheme) \(identity.host)"
    }

    private static func believing(_ field: ClientField? = nil) throws -> ClientRules {
        ClientRules(proxies: try TrustedProxies("10.0.0.0/8,fd00::/8"), field: field)
    }

    private static let untrusted: [ClientCase] = [
        .init("192.0.2.9", ["X-Forwarded-For": "1.1.1.1"], "192.0.2.9 http own.example"),
        .init("192.0.2.9", ["Forwarded": "for=1.1.1.1;proto=https;host=evil"], "192.0.2.9 http own.example"),
        .init("192.0.2.9", ["CF-Connecting-IP": "1.1.1.1"], "192.0.2.9 http own.example"),
        .init("192.0.2.9", ["X-Real-IP": "1.1.1.1"], "192.0.2.9 http own.example"),
        .init("192.0.2.9", ["X-Forwarded-Proto": "https"], "192.0.2.9 http own.example"),
        .init("192.0.2.9", ["X-Forwarded-Host": "evil"], "192.0.2.9 http own.example"),
        .init("192.0.2.9", ["CF-Visitor": "{\"scheme\":\"https\"}"], "192.0.2.9 http own.example"),
        .init("2001:db8::9", ["X-Forwarded-For": "10.0.0.1"], "2001:db8::9 http own.example"),
        .init("11.0.0.1", ["X-Forwarded-For": "1.1.1.1"], "11.0.0.1 http own.example"),
        .init("::ffff:192.0.2.9", ["X-Forwarded-For": "1.1.1.1"], "192.0.2.9 http own.example"),
    ]

    @Test("fields of a peer that is not trusted say nothing", arguments: untrusted)
    func ignores(test: ClientCase) throws {
        try #expect(found(test, Self.believing()) == test.client)
    }

    private static let chains: [ClientCase] = [
        .init("10.0.0.1", [:], "10.0.0.1 http own.example"),
        .init("10.0.0.1", ["X-Forwarded-For": "192.0.2.1"], "192.0.2.1 http own.example"),
        .init("::ffff:10.0.0.1", ["X-Forwarded-For": "192.0.2.1"], "192.0.2.1 http own.example"),
        .init("fd00::1", ["X-Forwarded-For": "2001:db8::1"], "2001:db8::1 http own.example"),
        // A client that writes a beginning of its own.
        .init("10.0.0.1", ["X-Forwarded-For": "6.6.6.6, 192.0.2.1"], "192.0.2.1 http own.example"),
        .init("10.0.0.1", ["X-Forwarded-For": "127.0.0.1,10.0.0.9, 192.0.2.1"], "192.0.2.1 http own.example"),
        .init("10.0.0.1", ["X-Forwarded-For": "6.6.6.6, 192.0.2.1, 10.0.0.2"], "192.0.2.1 http own.example"),
        .init("10.0.0.1", ["X-Forwarded-For": "6.6.6.6, 192.0.2.1, 10.0.0.3, 10.0.0.2"], "192.0.2.1 http own.example"),
        .init(
            "10.0.0.1", ["X-Forwarded-For": "6.6.6.6", "x-forwarded-for": "192.0.2.1"], "192.0.2.1 http own.example"),
        .init("10.0.0.1", ["X-Forwarded-For": "\"6.6.6.6, 192.0.2.1"], "192.0.2.1 http own.example"),
        // Nobody but proxies: the first of them began it.
        .init("10.0.0.1", ["X-Forwarded-For": "10.0.0.3, 10.0.0.2"], "10.0.0.3 http own.example"),
        // What cannot be read ends the way at the last one that can.
        .init("10.0.0.1", ["X-Forwarded-For": "6.6.6.6, unknown"], "10.0.0.1 http own.example"),
        .init("10.0.0.1", ["X-Forwarded-For": "6.6.6.6, unknown, 10.0.0.2"], "10.0.0.2 http own.example"),
        .init("10.0.0.1", ["X-Forwarded-For": "6.6.6.6, 10.0.0.2\t10.0.0.3"], "10.0.0.1 http own.example"),
        .init("10.0.0.1", ["X-Forwarded-For": ""], "10.0.0.1 http own.example"),
        .init("10.0.0.1", ["X-Forwarded-For": ", ,192.0.2.1, ,"], "192.0.2.1 http own.example"),
        .init("10.0.0.1", ["X-Forwarded-For": "6.6.6.6, 192.0.2.1:4711"], "192.0.2.1 http own.example"),
        .init("10.0.0.1", ["X-Forwarded-For": "6.6.6.6, [2001:db8::1]:80"], "2001:db8::1 http own.example"),
        .init("10.0.0.1", ["X-Forwarded-For": "::ffff:192.0.2.1"], "192.0.2.1 http own.example"),
        // The standard field.
        .init("10.0.0.1", ["Forwarded": "for=192.0.2.1"], "192.0.2.1 http own.example"),
        .init("10.0.0.1", ["Forwarded": "for=6.6.6.6, for=192.0.2.1"], "192.0.2.1 http own.example"),
        .init("10.0.0.1", ["Forwarded": "for=6.6.6.6", "forwarded": "for=192.0.2.1"], "192.0.2.1 http own.example"),
        .init("10.0.0.1", ["Forwarded": "for=192.0.2.1, for=10.0.0.2"], "192.0.2.1 http own.example"),
        .init("10.0.0.1", ["Forwarded": "for=\"[2001:db8::1]:9\""], "2001:db8::1 http own.example"),
        .init("10.0.0.1", ["Forwarded": "for=6.6.6.6, for=unknown"], "10.0.0.1 http own.example"),
        .init("10.0.0.1", ["Forwarded": "for=6.6.6.6, for=_x, for=10.0.0.2"], "10.0.0.2 http own.example"),
        .init("10.0.0.1", ["Forwarded": "for=6.6.6.6, proto=https"], "10.0.0.1 https own.example"),
        .init("10.0.0.1", ["Forwarded": "for=\"6.6.6.6, for=192.0.2.1"], "10.0.0.1 http own.example"),
        // One address, twice or unreadable, is none.
        .init("10.0.0.1", ["CF-Connecting-IP": "192.0.2.1"], "192.0.2.1 http own.example"),
        .init("10.0.0.1", ["CF-Connecting-IP": "192.0.2.1, 6.6.6.6"], "10.0.0.1 http own.example"),
        .init(
            "10.0.0.1", ["CF-Connecting-IP": "192.0.2.1", "cf-connecting-ip": "6.6.6.6"], "10.0.0.1 http own.example"),
        .init("10.0.0.1", ["X-Real-IP": "2001:db8::1"], "2001:db8::1 http own.example"),
        .init("10.0.0.1", ["X-Real-IP": "nonsense"], "10.0.0.1 http own.example"),
    ]

    @Test("the way is followed from its end to the first that is no proxy", arguments: chains)
    func follows(test: ClientCase) throws {
        try #expect(found(test, Self.believing()) == test.client)
    }

    private static let urls: [ClientCase] = [
        .init(
            "10.0.0.1", ["X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"], "192.0.2.1 https own.example"),
        .init(
            "10.0.0.1", ["X-Forwarded-For": "192.0.2.1", "X-Forwarded-Host": "a.example:8443"],
            "192.0.2.1 http a.example:8443"),
        .init("10.0.0.1", ["X-Forwarded-Proto": "HTTPS"], "10.0.0.1 https own.example"),
        // One member for each proxy: the client's own spoils nothing.
        .init(
            "10.0.0.1", ["X-Forwarded-For": "6.6.6.6, 192.0.2.1", "X-Forwarded-Proto": "https, http"],
            "192.0.2.1 http own.example"),
        .init(
            "10.0.0.1", ["X-Forwarded-For": "6.6.6.6, 192.0.2.1, 10.0.0.2", "X-Forwarded-Proto": "http, https, http"],
            "192.0.2.1 https own.example"),
        .init(
            "10.0.0.1", ["X-Forwarded-For": "192.0.2.1, 10.0.0.2", "X-Forwarded-Proto": "https"],
            "192.0.2.1 https own.example"),
        .init("10.0.0.1", ["X-Forwarded-Proto": "gopher"], "10.0.0.1 http own.example"),
        .init("10.0.0.1", ["X-Forwarded-Proto": "https\""], "10.0.0.1 http own.example"),
        .init("10.0.0.1", ["X-Forwarded-Host": "a/../b"], "10.0.0.1 http own.example"),
        .init("10.0.0.1", ["X-Forwarded-Host": "a@b"], "10.0.0.1 http own.example"),
        .init("10.0.0.1", ["X-Forwarded-Host": "a b"], "10.0.0.1 http own.example"),
        .init("10.0.0.1", ["X-Forwarded-Host": ""], "10.0.0.1 http own.example"),
        .init(
            "10.0.0.1", ["Forwarded": "for=192.0.2.1;proto=https;host=a.example, for=10.0.0.2;proto=http;host=b"],
            "192.0.2.1 https a.example"),
        .init(
            "10.0.0.1", ["Forwarded": "for=6.6.6.6;proto=http;host=evil, for=192.0.2.1;proto=https;host=a.example"],
            "192.0.2.1 https a.example"),
        .init("10.0.0.1", ["Forwarded": "for=192.0.2.1, for=10.0.0.2;proto=https"], "192.0.2.1 https own.example"),
        .init("10.0.0.1", ["Forwarded": "for=192.0.2.1;host=\"a/b\""], "192.0.2.1 http own.example"),
        .init(
            "10.0.0.1", ["CF-Connecting-IP": "192.0.2.1", "CF-Visitor": "{\"scheme\":\"https\"}"],
            "192.0.2.1 https own.example"),
        .init(
            "10.0.0.1", ["CF-Connecting-IP": "192.0.2.1", "CF-Visitor": "{\"scheme\":\"evil\"}"],
            "192.0.2.1 http own.example"),
        .init("10.0.0.1", ["CF-Visitor": "{\"scheme\":\"https\"}"], "10.0.0.1 http own.example"),
        .init("10.0.0.1", ["X-Real-IP": "192.0.2.1", "X-Forwarded-Proto": "https"], "192.0.2.1 https own.example"),
    ]

    @Test("scheme and host come from the proxy next to the client", arguments: urls)
    func finds(test: ClientCase) throws {
        try #expect(found(test, Self.believing()) == test.client)
    }

    private static let everything: KeyValuePairs = [
        "X-Real-IP": "4.4.4.4", "CF-Connecting-IP": "3.3.3.3", "Forwarded": "for=2.2.2.2;proto=https;host=f.example",
        "X-Forwarded-For": "1.1.1.1", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "x.example",
        "CF-Visitor": "{\"scheme\":\"https\"}",
    ]

    @Test(
        "the first of the fields counts, and others are not mixed in",
        arguments: [
            (nil, "1.1.1.1 http x.example"), (.forwardedFor, "1.1.1.1 http x.example"),
            (.forwarded, "2.2.2.2 https f.example"), (.connectingIP, "3.3.3.3 http x.example"),
            (.realIP, "4.4.4.4 http x.example"),
        ] as [(ClientField?, String)])
    func chooses(field: ClientField?, expected: String) throws {
        let test = ClientCase("10.0.0.1", Self.everything, expected)
        try #expect(found(test, Self.believing(field)) == expected)
    }

    @Test func `a field that was chosen and is missing leaves the connection's own address`() throws {
        let test = ClientCase("10.0.0.1", ["X-Forwarded-For": "6.6.6.6"], "")
        try #expect(found(test, Self.believing(.realIP)) == "10.0.0.1 http own.example")
    }

    @Test func `fields with a mistake are not replaced by the next in order`() throws {
        let test = ClientCase("10.0.0.1", ["X-Forwarded-For": "nonsense", "X-Real-IP": "6.6.6.6"], "")
        try #expect(found(test, Self.believing()) == "10.0.0.1 http own.example")
    }

    @Test func `a very long list is followed no further than it has to be`() throws {
        let test = ClientCase(
            "10.0.0.1", ["X-Forwarded-For": String(repeating: "6.6.6.6,", count: 7000) + "192.0.2.1"], "")
        try #expect(found(test, Self.believing()) == "192.0.2.1 http own.example")
    }

    @Test func `a client on a unix socket is this machine, and is believed only if unix sockets are`() throws {
        let socket = try SocketAddress(unixDomainSocketPath: "/tmp/x")
        let fields = HTTPHeaders([("X-Forwarded-For", "192.0.2.1")])
        let direct = ConnectionPeer(socket, rules: try Self.believing(), scheme: "http")
        #expect(direct.identity(fields, host: "").address == "127.0.0.1")
        let trusting = ClientRules(proxies: try TrustedProxies("unix"))
        let proxied = ConnectionPeer(socket, rules: trusting, scheme: "http")
        #expect(proxied.identity(fields, host: "").address == "192.0.2.1")
    }

    @Test func `behind a PROXY header the client is asked for anew whether it is a proxy`() throws {
        let rules = ClientRules(proxies: try TrustedProxies("10.0.0.0/8"), takesProxyProtocol: true)
        var peer = ConnectionPeer(try SocketAddress(ipAddress: "10.0.0.1", port: 1), rules: rules, scheme: "http")
        #expect(peer.sendsProxyHeader)
        let fields = HTTPHeaders([("X-Forwarded-For", "6.6.6.6")])
        peer.stepBehind(ProxyHeader(source: IPAddress("192.0.2.1"), isEncrypted: true))
        #expect(peer.identity(fields, host: "a") == ClientIdentity(address: "192.0.2.1", scheme: "https", host: "a"))
        peer.stepBehind(ProxyHeader(source: IPAddress("10.0.0.7")))
        #expect(peer.identity(fields, host: "a").address == "6.6.6.6")
        let stranger = ConnectionPeer(try SocketAddress(ipAddress: "192.0.2.1", port: 1), rules: rules, scheme: "http")
        #expect(!stranger.sendsProxyHeader)
    }
}
