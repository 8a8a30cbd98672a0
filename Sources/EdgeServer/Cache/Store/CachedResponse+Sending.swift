import HTTPCaching
import HTTPTypes

extension CachedResponse {
    /// What it takes in memory, about: each field is two strings and a box around them.
    var memory: Int {
        let variant = variant.reduce(0) { $0 + $1.name.utf8.count + ($1.value?.utf8.count ?? 0) + 48 }
        return fields.reduce(200 + variant) { $0 + $1.name.rawName.utf8.count + $1.value.utf8.count + 160 }
    }

    /// The head as it is sent, but for its age. `Date` is the origin's and stays (RFC 9110 §6.6.1).
    package func serialised(size: Int) -> ResponseHead {
        var headers: [(name: String, value: String)] = []
        headers.reserveCapacity(fields.count)
        for field in fields {
            let name = field.name.canonicalName
            if name == "age" || (ResponseHead.isFraming(name) && name != "date") { continue }
            headers.append((field.name.rawName, field.value))
        }
        return ResponseHead(
            status: status, headers: headers, contentLength: ResponseHead.hasContent(status) ? size : nil)
    }
}
