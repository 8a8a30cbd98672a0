import HTTPTypes

/// What a cache looks at in a request.
package struct CacheRequest: Sendable {
    /// Case matters: `get` is a method that nobody knows.
    package var method: String
    package var scheme: String
    package var authority: String
    /// Path and query as they came.
    package var target: String
    package var fields: HTTPFields

    package init(method: String = "GET", scheme: String, authority: String, target: String, fields: HTTPFields = [:]) {
        self.method = method
        self.scheme = scheme
        self.authority = authority
        self.target = target
        self.fields = fields
    }

    /// Whether no field has a say in how a fresh response is reused: then a fresh response that does not vary is the
    /// answer, and nothing else needs to be looked at.
    package var isPlain: Bool {
        fields.allSatisfy { !CacheRequest.concerns($0.name.canonicalName.utf8) }
    }

    /// Whether a request field with this name, in any letter case, can change how a fresh response is reused.
    @inlinable
    package static func concerns(_ name: some Collection<UInt8>) -> Bool {
        // By length first: most fields end here without a look at their letters.
        switch name.count {
        case 5: isName(name, "range")
        case 6: isName(name, "pragma")
        case 7: isName(name, "upgrade")
        case 8: isName(name, "if-match") || isName(name, "if-range")
        case 13: isName(name, "cache-control") || isName(name, "if-none-match") || isName(name, "authorization")
        case 14: isName(name, "content-length")
        case 17: isName(name, "if-modified-since") || isName(name, "transfer-encoding")
        case 19: isName(name, "if-unmodified-since")
        default: false
        }
    }

    /// Whether bytes of the same length spell a lower-case name.
    @inlinable
    package static func isName(_ bytes: some Collection<UInt8>, _ name: StaticString) -> Bool {
        name.withUTF8Buffer { letters in
            bytes.elementsEqual(letters) { byte, letter in
                byte == letter || (byte | 0x20 == letter && letter >= 0x61 && letter <= 0x7A)
            }
        }
    }
}
