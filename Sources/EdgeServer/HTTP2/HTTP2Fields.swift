import NIOCore
import NIOHPACK
import NIOHTTP1
import Workers

/// Response fields as HTTP/2 sends them: names in lower case, the status among them, nothing about the connection
/// (RFC 9113 §8.2).
enum HTTP2Fields {
    /// - Parameters:
    ///   - late: what a cache adds at the last moment.
    ///   - date: left out if the head says already when it was made.
    static func response(_ head: ResponseHead, late: LateFields?, date: String, indexes: Bool) -> HPACKHeaders {
        var fields = start(head.status, capacity: 16)
        head.forEachField { name, value in
            if !isOfConnection(name) { fields.add(name: name, value: value, indexing: indexing(name, indexes)) }
        }
        if let late {
            fields.add(name: "age", value: String(late.age), indexing: .nonIndexable)
            if let ttl = late.ttl {
                fields.add(name: "cache-status", value: "Lilypad; hit; ttl=\(ttl)", indexing: .nonIndexable)
            }
        }
        if !head.hasDate { fields.add(name: "date", value: date, indexing: indexing("date", indexes)) }
        return fields
    }

    /// A Worker's response; the parameters are those of `ResponseHead.write`.
    static func response(
        _ status: Int, _ headers: Headers, ray: String?, length: Int?, date: String, indexes: Bool
    ) -> HPACKHeaders {
        var fields = start(status, capacity: headers.count + 4)
        for field in headers {
            let name = field.name.canonicalName
            if ResponseHead.isFraming(name) || (ray != nil && name == "cf-ray") { continue }
            fields.add(name: name, value: field.value, indexing: indexing(name, indexes))
        }
        if let ray { fields.add(name: "cf-ray", value: ray, indexing: .nonIndexable) }
        if let length { fields.add(name: "content-length", value: String(length), indexing: .nonIndexable) }
        fields.add(name: "date", value: date, indexing: indexing("date", indexes))
        return fields
    }

    static func interim(_ status: Int, _ headers: HTTPHeaders, indexes: Bool) -> HPACKHeaders {
        var fields = start(status, capacity: headers.count + 1)
        add(headers, to: &fields, indexes: indexes)
        return fields
    }

    static func trailers(_ headers: HTTPHeaders, indexes: Bool) -> HPACKHeaders {
        var fields = HPACKHeaders()
        add(headers, to: &fields, indexes: indexes)
        return fields
    }

    private static func start(_ status: Int, capacity: Int) -> HPACKHeaders {
        var fields = HPACKHeaders()
        fields.reserveCapacity(capacity)
        fields.add(name: ":status", value: String(status), indexing: .nonIndexable)
        return fields
    }

    private static func add(_ headers: HTTPHeaders, to fields: inout HPACKHeaders, indexes: Bool) {
        for (name, value) in headers where ResponseHead.isSafe(name, value) {
            let name = name.lowercased()
            if !isOfConnection(name) { fields.add(name: name, value: value, indexing: indexing(name, indexes)) }
        }
    }

    /// What HTTP/2 has no place for (RFC 9113 §8.2.2); a pseudo-field in the wrong place would be malformed, too.
    private static func isOfConnection(_ name: String) -> Bool {
        switch name {
        case "connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade": true
        default: name.utf8.first == 0x3A
        }
    }

    /// The table that both ends keep is for fields that come again. A secret is not to be found out by trying what makes a
    /// head shorter (RFC 7541 §7.1).
    ///
    /// - Parameter indexes: false for a client that offers a table of a size that we would not keep.
    private static func indexing(_ name: String, _ indexes: Bool) -> HPACKIndexing {
        switch name {
        case "set-cookie", "authorization", "www-authenticate": .neverIndexed
        case "content-length", "etag", "age", "content-range", "location", "cf-ray", "last-modified": .nonIndexable
        default: indexes ? .indexable : .nonIndexable
        }
    }
}

extension ResponseHead {
    /// The fields one by one, names in lower case.
    func forEachField(_ body: (_ name: String, _ value: String) -> Void) {
        bytes.withUnsafeReadableBytes { all in
            // Behind the status line every line is `name: value` and ends with CR LF.
            var start = (all.firstIndex(of: 0x0A) ?? all.endIndex - 1) + 1
            while start < all.count {
                let line = all[start...]
                guard let colon = line.firstIndex(of: 0x3A), let end = line.firstIndex(of: 0x0D), colon < end else {
                    return
                }
                let value = min(colon + 2, end)
                body(ResponseHead.lowercased(all[start..<colon]), String(decoding: all[value..<end], as: UTF8.self))
                start = end + 2
            }
        }
    }

    private static func lowercased(_ name: Slice<UnsafeRawBufferPointer>) -> String {
        String(unsafeUninitializedCapacity: name.count) { text in
            for (index, byte) in name.enumerated() { text[index] = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }
            return name.count
        }
    }
}
