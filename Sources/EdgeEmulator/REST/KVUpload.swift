import HTTPTypes
import Workers

/// The value, and perhaps the metadata, in the body of a put, in any of its three forms.
struct KVUpload: Sendable {
    /// What one call may send in all.
    static let mostBody = 100 << 20
    /// Metadata as it may be written; what counts is its compact form.
    private static let mostMetadata = 64 << 10

    private(set) var value: [UInt8] = []
    private(set) var metadata: JSON?

    /// - Throws: `RESTError`, also for a value beyond the limit: it is read to its end, so that the answer reaches whoever
    ///   is still sending, and can say the length.
    init(_ request: Request, limits: KVLimits) async throws {
        switch request.contentType?.essence {
        case "multipart/form-data": try await readForm(request, limits: limits)
        case "application/json":
            value = try await KVUpload.bytes(try request.body.stream(), limits: limits)
            unwrap()
        default: value = try await KVUpload.bytes(try request.body.stream(), limits: limits)
        }
    }

    private mutating func readForm(_ request: Request, limits: KVLimits) async throws {
        let forms = FormLimits(
            parts: 8, fieldBytes: KVUpload.mostBody, fileBytes: KVUpload.mostBody, totalBytes: KVUpload.mostBody)
        let parts = try request.multipart(limits: forms)
        var found: [UInt8]?
        while let part = try await parts.next() {
            switch part.name {
            case "value": found = try await KVUpload.bytes(part.content(), limits: limits)
            case "metadata":
                var text: [UInt8] = []
                for try await chunk in part.content() {
                    text += chunk
                    guard text.count <= KVUpload.mostMetadata else {
                        throw RESTError(
                            .contentTooLarge, 10001, "Metadata length exceeds limit of \(limits.metadata).")
                    }
                }
                guard let json = try? JSON(parsing: text) else { throw RESTError.argument("Invalid metadata JSON") }
                metadata = json
            default: continue
            }
        }
        guard let found else { throw RESTError.argument("Missing value field") }
        value = found
    }

    /// Version 4 of the SDK sends an object with value and metadata; an object that has any other member is a value itself.
    private mutating func unwrap() {
        guard let json = try? JSON(parsing: value), let members = json.members, members.count == 2,
            let inner = json["value"], let beside = json["metadata"]
        else { return }
        value = Array((inner.string ?? inner.text).utf8)
        // It knows metadata as text only, and cannot leave it out.
        if beside.string == "" { return }
        metadata = beside.string.flatMap { try? JSON(parsing: $0) } ?? beside
    }

    private static func bytes(_ stream: BodyStream, limits: KVLimits) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        var length = 0
        for try await chunk in stream {
            length += chunk.count
            guard length <= mostBody else {
                stream.cancel()
                throw RESTError.bodyTooLarge(mostBody)
            }
            // Past the limit the rest is only counted.
            if length > limits.value { bytes = [] } else { bytes += chunk }
        }
        do {
            try limits.check(valueLength: length)
        } catch let error as WorkersError {
            throw RESTError(kv: error)
        }
        return bytes
    }
}
