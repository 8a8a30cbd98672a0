import HTTPTypes
import Synchronization

/// Refuses request bodies above a size with 413: at once if the length is declared, else when the reader gets there.
///
/// ```swift
/// let router = try Router<Env> { routes in
///     routes.use(BodyLimit(bytes: 1 << 20))
///     routes.post("/notes") { call in
///         let note = try await call.request.text()
///         return .text("\(note.count) characters", status: .created)
///     }
/// }
/// ```
/// A stream that grows beyond the limit fails with `BodyTooLarge` in the handler's hands, and the router answers 413 if
/// the handler lets the error through. An inner group can only set a lower limit than the groups around it.
public struct BodyLimit<Env: Sendable>: Middleware {
    private let limit: Int

    /// - Parameter bytes: what a body may have at most.
    public init(bytes: Int) { limit = bytes }

    public func handle(_ call: Call<Env>, next: Next<Env>) async throws -> Response {
        let declared = call.request.headers[.contentLength].flatMap { Int($0) }
        if let length = call.request.body.length ?? declared, length > limit {
            call.request.body.cancel()
            throw BodyTooLarge(limit: limit)
        }
        // A known length is kept by the stream itself.
        guard call.request.body.length == nil else { return try await next(call) }
        var call = call
        call.request.body = Body(stream: try Self.limited(call.request.body.stream(), to: limit))
        return try await next(call)
    }

    private static func limited(_ stream: BodyStream, to limit: Int) -> BodyStream {
        let seen = ByteCount()
        return BodyStream(onCancel: { stream.cancel() }) {
            guard let chunk = try await stream.next() else { return nil }
            if seen.add(chunk.count) > limit {
                stream.cancel()
                throw BodyTooLarge(limit: limit)
            }
            return chunk
        }
    }

    private final class ByteCount: Sendable {
        private let count = Atomic<Int>(0)

        func add(_ bytes: Int) -> Int { count.add(bytes, ordering: .relaxed).newValue }
    }
}
