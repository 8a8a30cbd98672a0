import HTTPTypes

/// What a store keeps of a response beside its body, and all that it knows of HTTP: heads go to disk as bytes and come back
/// as values.
package struct StoredHead: Sendable, Equatable {
    /// A request field named by `Vary`, normalised; no value where the request had no such field.
    package struct VariantField: Sendable, Equatable {
        package var name: String
        package var value: String?

        package init(name: String, value: String?) {
            self.name = name
            self.value = value
        }
    }

    package enum Content: Sendable, Equatable {
        case complete
        /// Of a representation with so many bytes, where that is known (RFC 9111 §3.3).
        case part(Range<Int>, of: Int?)
    }

    package var status: Int
    package var fields: HTTPFields
    /// Seconds since 1970.
    package var requestTime: Double
    package var responseTime: Double
    package var variant: [VariantField]
    package var content: Content

    package init(
        status: Int, fields: HTTPFields, requestTime: Double, responseTime: Double, variant: [VariantField] = [],
        content: Content = .complete
    ) {
        self.status = status
        self.fields = fields
        self.requestTime = requestTime
        self.responseTime = responseTime
        self.variant = variant
        self.content = content
    }

    /// What it takes in memory, about: each field is two strings and a box around them.
    var memory: Int { fields.reduce(160) { $0 + $1.name.rawName.utf8.count + $1.value.utf8.count + 160 } }

    /// The response's head as it is sent, but for its age. `Date` is the origin's and stays (RFC 9110 §6.6.1).
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
