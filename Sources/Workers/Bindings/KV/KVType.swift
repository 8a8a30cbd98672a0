/// The form in which a value is read.
public struct KVType<Value: Sendable>: Sendable {
    /// As the Workers documentation spells it: `text`, `json`, `arrayBuffer`, `stream`.
    let name: String
    let decode: @Sendable ([UInt8]) throws -> Value

    /// In a bulk read the service parses, and says only that something did not parse.
    func decodeInBulk(_ bytes: [UInt8]) throws -> Value {
        do {
            return try decode(bytes)
        } catch {
            throw WorkersError.kv(
                .getBulk, 400, "At least one of the requested keys corresponds to a non-\(name) value")
        }
    }
}

extension KVType where Value == String {
    /// UTF-8; ill-formed sequences become U+FFFD.
    public static var text: KVType { KVType(name: "text") { String(decoding: $0, as: UTF8.self) } }
}

extension KVType where Value == JSON {
    public static var json: KVType { KVType(name: "json") { try JSON(parsing: $0) } }
}

extension KVType where Value == [UInt8] {
    public static var bytes: KVType { KVType(name: "arrayBuffer") { $0 } }
}

extension KVType where Value == BodyStream {
    public static var stream: KVType {
        KVType(name: "stream") { BodyStream(chunks: $0.isEmpty ? [] : [$0], length: $0.count) }
    }
}

/// A value in a form that was chosen by name.
package enum KVNamedValue: Sendable {
    case text(String)
    case json(JSON)
    case bytes([UInt8])
    case stream(BodyStream)
}

extension KVType where Value == KVNamedValue {
    /// The form with a name that arrived as text. An unknown one fails where Workers fail: once there is a value to decode.
    package static func named(_ name: String) -> KVType {
        switch name {
        case "text": KVType(name: name) { .text(try KVType<String>.text.decode($0)) }
        case "json": KVType(name: name) { .json(try KVType<JSON>.json.decode($0)) }
        case "arrayBuffer": KVType(name: name) { .bytes($0) }
        case "stream": KVType(name: name) { .stream(try KVType<BodyStream>.stream.decode($0)) }
        default: KVType(name: name) { _ in throw WorkersError.kvUnknownType }
        }
    }
}
