import Crypto

/// Comparing secrets.
public enum ConstantTime {
    /// Whether two secrets are equal, in a time that tells nothing about where they differ nor how long they are: what is
    /// compared are their hashes.
    public static func areEqual(_ one: some StringProtocol, _ other: some StringProtocol) -> Bool {
        let first = Array(SHA256.hash(data: Array(one.utf8)))
        let second = Array(SHA256.hash(data: Array(other.utf8)))
        var difference: UInt8 = 0
        for index in first.indices { difference |= first[index] ^ second[index] }
        return difference == 0
    }
}
