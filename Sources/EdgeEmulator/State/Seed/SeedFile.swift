import Foundation
import Workers

/// What a seed file puts into the stores, checked: a value that exists can be stored.
///
/// ```json
/// {
///   "kv": {"SESSIONS": {"ada": "text", "bob": {"value": "AAE=", "base64": true, "metadata": {"role": "admin"}}}},
///   "r2": {"uploads": {"hello.txt": {"text": "Hello", "contentType": "text/plain"}}},
///   "queues": {"jobs": [{"invoice": 42}, {"text": "plain text"}]}
/// }
/// ```
struct SeedFile: Sendable {
    struct Entry: Sendable {
        var namespace: String
        var key: KVKey
        var record: KVRecord
    }

    struct Object: Sendable {
        var bucket: String
        var key: String
        var bytes: [UInt8]
        var contentType: String?
        var customMetadata: [String: String]
    }

    struct Messages: Sendable {
        var queue: String
        var messages: [QueueMessage]
    }

    private(set) var entries: [Entry] = []
    private(set) var objects: [Object] = []
    private(set) var queues: [Messages] = []

    var messageCount: Int { queues.reduce(0) { $0 + $1.messages.count } }

    /// - Parameters:
    ///   - names: what there is to be filled.
    ///   - now: whole seconds since 1970.
    /// - Throws: `Problem` with the place of the first fault: `kv.SESSIONS.ada.metadata: …`.
    init(_ json: JSON, names: StateNames, now: Int) throws(Problem) {
        let root = SeedPlace(path: "", value: json)
        for area in try root.members("an object with kv, r2 and queues") {
            switch area.name {
            case "kv":
                for namespace in try area.place.members("an object of namespaces") {
                    let id = try namespace.place.name(namespace.name, of: "KV namespace", in: names.namespaces)
                    for entry in try namespace.place.members("an object of keys") {
                        entries.append(try SeedFile.entry(entry, id, now: now))
                    }
                }
            case "r2":
                for bucket in try area.place.members("an object of buckets") {
                    let name = try bucket.place.name(bucket.name, of: "R2 bucket", in: names.buckets)
                    for object in try bucket.place.members("an object of keys") {
                        objects.append(try SeedFile.object(object, name))
                    }
                }
            case "queues":
                for queue in try area.place.members("an object of queues") {
                    let name = try queue.place.name(queue.name, of: "queue", in: names.queues)
                    queues.append(Messages(queue: name, messages: try SeedFile.messages(queue.place)))
                }
            default: throw area.place.fault("is not known; a seed file has kv, r2 and queues")
            }
        }
    }

    // MARK: KV

    private static func entry(_ member: SeedPlace.Member, _ namespace: String, now: Int) throws(Problem) -> Entry {
        let place = member.place
        let limits = KVLimits()
        let key = try place.refusing { try KVKey(member.name, for: .put, limits: limits) }
        if let text = place.value.string {
            try place.refusing { try limits.check(valueLength: text.utf8.count) }
            return Entry(namespace: namespace, key: key, record: KVRecord(value: Array(text.utf8)))
        }
        try place.only(["value", "base64", "metadata", "expiration"], "a text or an object with a value")
        let isBase64 = try place.optional("base64", "true or false") { $0.bool } ?? false
        let value = place.at("value")
        guard let text = value.value.string else { throw value.fault("has to be a text") }
        let bytes = isBase64 ? try value.base64(text) : Array(text.utf8)
        try value.refusing { try limits.check(valueLength: bytes.count) }
        let metadata = try place.at("metadata").refusing { try limits.metadataText(place.value["metadata"]) }
        let expiration = try place.optional("expiration", "whole seconds since 1970") { $0.integer }
        if let expiration, expiration <= now {
            throw place.at("expiration").fault("is in the past; it is now \(now)")
        }
        return Entry(
            namespace: namespace, key: key, record: KVRecord(value: bytes, metadata: metadata, expiration: expiration))
    }

    // MARK: R2

    private static func object(_ member: SeedPlace.Member, _ bucket: String) throws(Problem) -> Object {
        let place = member.place
        guard (1...R2Limits().maxKeyBytes).contains(member.name.utf8.count) else {
            throw place.fault("is a key of \(member.name.utf8.count) bytes; keys have 1 to \(R2Limits().maxKeyBytes)")
        }
        if let text = place.value.string {
            return Object(bucket: bucket, key: member.name, bytes: Array(text.utf8), customMetadata: [:])
        }
        let known = ["text", "base64", "file", "contentType", "customMetadata"]
        try place.only(known, "a text or an object with text, base64 or file")
        let contents = ["text", "base64", "file"].filter { place.value[$0] != nil }
        guard contents.count == 1 else { throw place.fault("needs one of text, base64 and file") }
        let content = place.at(contents[0])
        guard let text = content.value.string else { throw content.fault("has to be a text") }
        var object = Object(bucket: bucket, key: member.name, bytes: Array(text.utf8), customMetadata: [:])
        switch contents[0] {
        case "base64": object.bytes = try content.base64(text)
        case "file":
            throw content.fault("names a file, which only the command line reads: lilypad-edge state seed FILE")
        default: break
        }
        object.contentType = try place.optional("contentType", "a text") { $0.string }
        if let type = object.contentType, !type.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) {
            throw place.at("contentType").fault("holds what a header field cannot")
        }
        if place.value["customMetadata"] != nil {
            for pair in try place.at("customMetadata").members("an object of texts") {
                guard let text = pair.place.value.string else { throw pair.place.fault("has to be a text") }
                object.customMetadata[pair.name] = text
            }
        }
        let size = object.customMetadata.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        guard size <= R2Limits().maxCustomMetadataBytes else {
            throw place.at("customMetadata").fault("has \(size) bytes; R2 takes \(R2Limits().maxCustomMetadataBytes)")
        }
        return object
    }

    // MARK: Queues

    private static func messages(_ place: SeedPlace) throws(Problem) -> [QueueMessage] {
        guard let items = place.value.array else { throw place.fault("has to be a list of messages") }
        var messages: [QueueMessage] = []
        for (index, item) in items.enumerated() {
            let message = SeedFile.message(item)
            let place = SeedPlace(path: "\(place.path)[\(index)]", value: item)
            _ = try place.refusing { try QueueSending.single(message, queueDelay: 0) }
            messages.append(message)
        }
        return messages
    }

    /// `{"text": …}` is a text; anything else is the JSON that it is.
    private static func message(_ item: JSON) -> QueueMessage {
        guard let members = item.members, members.count == 1, let text = item["text"]?.string else {
            return QueueMessage(.json(item))
        }
        return QueueMessage(.text(text))
    }
}
