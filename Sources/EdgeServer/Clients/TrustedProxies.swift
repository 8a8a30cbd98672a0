/// All addresses with the same leading bits, in the notation of RFC 4632 §3.1 and RFC 4291 §2.3.
package struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    package let first: IPAddress
    /// How many leading bits they have in common.
    package let length: Int

    init(_ first: IPAddress, length: Int) {
        self.first = first
        self.length = length
    }

    package func contains(_ address: IPAddress) -> Bool {
        let rest = first.width - length
        return address.version == first.version && address.bits >> rest == first.bits >> rest
    }

    package var description: String { "\(first)/\(length)" }
}

/// The proxies that may say who the client is: those whose addresses are listed, and unix sockets if those are.
///
/// ```swift
/// let proxies = try TrustedProxies("10.0.0.0/8, fd00::/8, unix")
/// ```
package struct TrustedProxies: Sendable, Hashable {
    package private(set) var ranges: [AddressRange] = []
    /// Whether whoever may open our unix socket is believed: the file's permissions decide who that is.
    package private(set) var includesUnixSockets = false

    /// Nobody.
    package init() {}

    /// Entries separated by commas: addresses, ranges, and the word `unix`.
    package init(_ list: String) throws(TrustedProxyProblem) {
        for entry in list.split(separator: ",", omittingEmptySubsequences: false) {
            let entry = entry.trimmingBlanks
            if entry.isEmpty { throw .emptyEntry }
            if entry == "unix" {
                includesUnixSockets = true
            } else {
                ranges.append(try AddressRange(entry: entry))
            }
        }
    }

    package var isEmpty: Bool { ranges.isEmpty && !includesUnixSockets }

    package func contains(_ address: IPAddress) -> Bool { ranges.contains { $0.contains(address) } }

    /// - Parameter peer: the other end of a connection, `nil` for a unix socket.
    package func trusts(peer: IPAddress?) -> Bool { peer.map(contains) ?? includesUnixSockets }
}

/// Why a list of proxies cannot be used, in a sentence for whoever wrote it.
package enum TrustedProxyProblem: Error, Hashable, CustomStringConvertible {
    case emptyEntry
    case notAnAddress(String)
    case badLength(String, width: Int)
    /// The address does not begin the range that is meant.
    case bitsBehindPrefix(String, range: AddressRange)

    package var description: String {
        switch self {
        case .emptyEntry:
            "The list of trusted proxies has an empty entry; its entries are separated by single commas."
        case .notAnAddress(let entry):
            "“\(entry)” is no trusted proxy; write an address (192.0.2.1), a range (10.0.0.0/8, fd00::/8) or unix."
        case .badLength(let entry, let width):
            "“\(entry)” is no range; behind the slash stands how many leading bits count, from 0 to \(width)."
        case .bitsBehindPrefix(let entry, let range):
            "“\(entry)” has bits behind its prefix; if the whole range is meant, write \(range)."
        }
    }
}

extension AddressRange {
    fileprivate init(entry: some StringProtocol) throws(TrustedProxyProblem) {
        let parts = entry.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { throw .notAnAddress(String(entry)) }
        guard parts.count > 1 else {
            self.init(address, length: address.width)
            return
        }
        // The bits of a mapped IPv4 address are counted as those of an IPv6 address.
        let mapped = address.version == .v4 && parts[0].utf8.contains(0x3A) ? 96 : 0
        let digits = parts[1].utf8
        guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let written = Int(parts[1]), (0...address.width).contains(written - mapped),
            digits.count == 1 || digits.first != 0x30
        else { throw .badLength(String(entry), width: address.width + mapped) }
        let length = written - mapped
        let rest = address.width - length
        let bits = (address.bits >> rest) << rest
        let first = address.version == .v4 ? IPAddress(v4: UInt32(bits)) : IPAddress(v6: bits)
        self.init(first, length: length)
        guard bits == address.bits else { throw .bitsBehindPrefix(String(entry), range: self) }
    }
}

extension StringProtocol {
    /// Without spaces and tabs around it (RFC 9110 §5.6.3).
    var trimmingBlanks: SubSequence {
        let blanks: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let first = firstIndex(where: { !blanks($0) }), let last = lastIndex(where: { !blanks($0) }) else {
            return self[endIndex...]
        }
        return self[first...last]
    }
}
