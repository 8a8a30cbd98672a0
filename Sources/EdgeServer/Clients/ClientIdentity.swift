/// Who sent a request, and under which URL: what the Worker, the log and redirects go by.
package struct ClientIdentity: Hashable, Sendable {
    /// Where `address` comes from.
    package enum Source: Hashable, Sendable {
        /// The socket, or the PROXY protocol in front of the request.
        case connection
        case field(ClientField)
    }

    /// An IP address, IPv6 without brackets; `127.0.0.1` for a client on a unix socket.
    package var address: String
    /// `http` or `https`.
    package var scheme: String
    /// Host and, unless it is the scheme's own, port: as in the `Host` field. Empty if there is none.
    package var host: String
    package var source: Source

    package init(address: String, scheme: String, host: String, source: Source = .connection) {
        self.address = address
        self.scheme = scheme
        self.host = host
        self.source = source
    }
}

/// A field in which a proxy names the client.
package enum ClientField: String, Hashable, Sendable, CaseIterable {
    /// A list to which each proxy appends the address that it got the request from.
    case forwardedFor = "x-forwarded-for"
    /// RFC 7239.
    case forwarded
    /// One address, from Cloudflare.
    case connectingIP = "cf-connecting-ip"
    /// One address.
    case realIP = "x-real-ip"
}

/// How one listener finds out who its clients are.
///
/// Nothing is believed unless the other end of the connection is one of `proxies`. Of such a request the first of these
/// fields that is there names the client, and no other is looked at:
///
/// 1. `X-Forwarded-For`, which nearly every proxy writes and continues;
/// 2. `Forwarded`, which most proxies pass on as the client sent it;
/// 3. `CF-Connecting-IP` and
/// 4. `X-Real-IP`, which hold one address and say nothing of the way.
///
/// A proxy that writes only one of the others has to remove those before it, or `field` has to name the one it writes. In
/// the first two the way is followed from its end: each proxy vouches for the one before, and the first address that is no
/// proxy is the client, whatever stands in front of it.
///
/// Scheme and host come from the same element where the field is `Forwarded`, otherwise from `X-Forwarded-Proto` and
/// `X-Forwarded-Host` (with `CF-Connecting-IP` also from `CF-Visitor`): the member for the same proxy if each has appended
/// one. A value that is no scheme of HTTP or no host is left out.
package struct ClientRules: Hashable, Sendable {
    package var proxies: TrustedProxies
    /// The only field that is believed; `nil` takes the first that is there.
    package var field: ClientField?
    /// Whether connections of the proxies begin with a header of the PROXY protocol.
    package var takesProxyProtocol: Bool

    package init(
        proxies: TrustedProxies = TrustedProxies(), field: ClientField? = nil, takesProxyProtocol: Bool = false
    ) {
        self.proxies = proxies
        self.field = field
        self.takesProxyProtocol = takesProxyProtocol
    }

    /// Clients connect by themselves: no field says anything about them.
    package static let direct = ClientRules()

    /// - Parameters:
    ///   - direct: the client as the connection and the `Host` field have it; `peer` is in `proxies`.
    ///   - peer: the other end of the connection, `nil` for a unix socket.
    func identity(_ direct: ClientIdentity, peer: IPAddress?, _ fields: ForwardingFields) -> ClientIdentity {
        let found = chosen(fields)
        let claim: Claim
        switch found {
        case nil: claim = Claim(fields, distance: 0)
        case .forwardedFor: claim = followed(fields, from: peer)
        case .forwarded: claim = followed(Forwarded(lines: fields.forwarded)?.elements ?? [], from: peer)
        case .connectingIP: claim = Claim(fields, distance: 0).naming(fields.connectingIP).visiting(fields.visitor)
        case .realIP: claim = Claim(fields, distance: 0).naming(fields.realIP)
        }
        var identity = direct
        if let address = claim.address {
            identity.address = "\(address)"
            identity.source = found.map { .field($0) } ?? .connection
        }
        if let scheme = claim.scheme { identity.scheme = scheme }
        if let host = claim.host { identity.host = host }
        return identity
    }

    private func chosen(_ fields: ForwardingFields) -> ClientField? {
        let isThere = { (field: ClientField) in
            switch field {
            case .forwardedFor: !fields.forwardedFor.isEmpty
            case .forwarded: !fields.forwarded.isEmpty
            case .connectingIP: !fields.connectingIP.isEmpty
            case .realIP: !fields.realIP.isEmpty
            }
        }
        if let field { return isThere(field) ? field : nil }
        return ClientField.allCases.first(where: isThere)
    }

    // MARK: The way of a request

    /// Follows the way from its end, as far as each proxy is trusted.
    ///
    /// - Parameters:
    ///   - count: how many stations the way has.
    ///   - station: the address at a place, `nil` for one that cannot be read or is hidden.
    /// - Returns: the last address that somebody trusted vouches for, and the place of what was looked at last.
    private func follow(
        _ count: Int, from peer: IPAddress?, _ station: (Int) -> IPAddress?
    ) -> (address: IPAddress?, place: Int) {
        var address = peer
        var place = count
        while place > 0 {
            place -= 1
            // Whoever hides stands behind the last one that does not.
            guard let next = station(place) else { break }
            address = next
            if !proxies.contains(next) { break }
        }
        return (address, place)
    }

    private func followed(_ fields: ForwardingFields, from peer: IPAddress?) -> Claim {
        let stations = ForwardingFields.members(fields.forwardedFor)
        let (address, place) = follow(stations.count, from: peer) { IPAddress(withPort: stations[$0]) }
        var claim = Claim(fields, distance: max(0, stations.count - 1 - place))
        claim.address = address
        return claim
    }

    private func followed(_ elements: [Forwarded.Element], from peer: IPAddress?) -> Claim {
        let (address, place) = follow(elements.count, from: peer) { place in
            if case .address(let address) = elements[place].client { address } else { nil }
        }
        // All from there on are written by proxies; the one next to the client knows best.
        let trusted = elements[place...]
        return Claim(
            address: address, scheme: trusted.lazy.compactMap(\.scheme).compactMap { Claim.scheme($0) }.first,
            host: trusted.lazy.compactMap(\.host).compactMap { Claim.host($0) }.first)
    }
}

/// What the fields of a proxy say, as far as it is well-formed.
private struct Claim {
    var address: IPAddress?
    var scheme: String?
    var host: String?

    init(address: IPAddress?, scheme: String?, host: String?) {
        self.address = address
        self.scheme = scheme
        self.host = host
    }

    /// - Parameter distance: how many proxies have appended something behind the one whose word counts.
    init(_ fields: ForwardingFields, distance: Int) {
        scheme = Claim.member(fields.forwardedScheme, distance).flatMap { Claim.scheme($0) }
        host = Claim.member(fields.forwardedHost, distance).flatMap { Claim.host($0) }
    }

    func naming(_ lines: [String]) -> Claim {
        var claim = self
        claim.address = ForwardingFields.single(lines).flatMap { IPAddress($0) }
        return claim
    }

    /// `CF-Visitor: {"scheme":"https"}`, which has never held anything else.
    func visiting(_ lines: [String]) -> Claim {
        guard scheme == nil, let value = ForwardingFields.single(lines) else { return self }
        var claim = self
        if value == "{\"scheme\":\"https\"}" { claim.scheme = "https" }
        if value == "{\"scheme\":\"http\"}" { claim.scheme = "http" }
        return claim
    }

    /// Most proxies replace the value, some append to it: a list shorter than the way belongs to the proxies at its
    /// beginning.
    private static func member(_ lines: [String], _ distance: Int) -> Substring? {
        let members = ForwardingFields.members(lines)
        return members.isEmpty ? nil : members[max(0, members.count - 1 - distance)]
    }

    static func scheme(_ text: some StringProtocol) -> String? {
        let scheme = text.lowercased()
        return scheme == "http" || scheme == "https" ? scheme : nil
    }

    static func host(_ text: some StringProtocol) -> String? {
        let host = String(text)
        return !host.isEmpty && host.utf8.count <= 255 + 6 && HostField.isValid(host) ? host : nil
    }
}
