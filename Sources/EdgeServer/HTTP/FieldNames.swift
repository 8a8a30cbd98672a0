#if canImport(Glibc)
    import Glibc
#endif

/// Field names as strings. Up to 15 bytes a string needs no memory of its own; the longer names that browsers and proxies
/// send are kept here in the spellings they use, so that reading one makes no copy of it.
enum FieldNames {
    static func name(_ bytes: UnsafeRawBufferPointer) -> String {
        if bytes.count > 15, let known = known(bytes) { return known }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func known(_ bytes: UnsafeRawBufferPointer) -> String? {
        switch bytes.count {
        case 16:
            match(bytes, "sec-ch-ua-mobile", "Sec-CH-UA-Mobile")
                ?? match(bytes, "x-forwarded-host", "X-Forwarded-Host")
                ?? match(bytes, "cf-connecting-ip", "CF-Connecting-IP")
        case 17:
            match(bytes, "if-modified-since", "If-Modified-Since")
                ?? match(bytes, "transfer-encoding", "Transfer-Encoding")
                ?? match(bytes, "x-forwarded-proto", "X-Forwarded-Proto")
                ?? match(bytes, "sec-websocket-key", "Sec-WebSocket-Key")
        case 18: match(bytes, "sec-ch-ua-platform", "Sec-CH-UA-Platform")
        case 19: match(bytes, "if-unmodified-since", "If-Unmodified-Since")
        case 25: match(bytes, "upgrade-insecure-requests", "Upgrade-Insecure-Requests")
        case 29: match(bytes, "access-control-request-method", "Access-Control-Request-Method")
        case 30: match(bytes, "access-control-request-headers", "Access-Control-Request-Headers")
        default: nil
        }
    }

    /// - Parameters: two spellings of the same length as `bytes`.
    @inline(__always)
    private static func match(_ bytes: UnsafeRawBufferPointer, _ lower: StaticString, _ title: StaticString) -> String?
    {
        guard let base = bytes.baseAddress else { return nil }
        if memcmp(base, lower.utf8Start, bytes.count) == 0 { return lower.description }
        return memcmp(base, title.utf8Start, bytes.count) == 0 ? title.description : nil
    }
}
