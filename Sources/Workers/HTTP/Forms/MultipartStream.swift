import Synchronization

/// The parts of a `multipart/form-data` body, one after the other as they arrive; nothing but the current chunk is held.
///
/// A part's content is read before the next part is asked for; what was not read of it is skipped.
/// ```swift
/// for try await part in try request.multipart() {
///     guard part.filename != nil else { continue }
///     try await env.files.put(part.name, part.content())
/// }
/// ```
/// Malformed forms and exceeded limits throw a `Problem` at the place where they are met.
public struct MultipartStream: AsyncSequence, Sendable {
    public typealias Element = MultipartPart
    public typealias Failure = any Error

    private let source: MultipartSource

    package init(_ body: BodyStream, boundary: String, limits: FormLimits) {
        source = MultipartSource(body, boundary: boundary, limits: limits)
    }

    /// The next part; `nil` behind the last one.
    public func next() async throws -> MultipartPart? { try await source.nextPart() }

    public func makeAsyncIterator() -> Iterator { Iterator(source: source) }

    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let source: MultipartSource

        public mutating func next() async throws -> MultipartPart? { try await source.nextPart() }
    }
}

/// One part of a form: a text field, or a file if it has a file name.
public struct MultipartPart: Sendable {
    public let name: String
    /// As the client sent it. It may be anything, `../../etc/passwd` too: never use it as a path.
    public let filename: String?
    /// The declared type, as text; `nil` when the part has none.
    public let contentType: String?

    private let source: MultipartSource
    private let number: Int

    fileprivate init(_ header: MultipartHeader, number: Int, source: MultipartSource) {
        name = header.name
        filename = header.filename
        contentType = header.contentType
        self.number = number
        self.source = source
    }

    /// The content as a stream, for one reader, until the next part is asked for.
    public func content() -> BodyStream {
        BodyStream { [source, number] in try await source.nextData(of: number) }
    }

    /// The whole content; a file at most `FormLimits.fileBytes`, a field at most `FormLimits.fieldBytes`.
    public func bytes() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let chunk = try await source.nextData(of: number) { bytes += chunk }
        return bytes
    }

    /// The whole content as UTF-8; ill-formed sequences become U+FFFD.
    public func text() async throws -> String { String(decoding: try await bytes(), as: UTF8.self) }
}

/// The one reader of the body behind all parts.
private final class MultipartSource: Sendable {
    private struct State {
        var parser: MultipartParser
        var part = 0
        var isInPart = false
        var isFile = false
        var partBytes = 0
        var fieldBytes = 0
        var hasFailed = false
    }

    private let body: BodyStream
    private let limits: FormLimits
    private let state: Mutex<State>

    init(_ body: BodyStream, boundary: String, limits: FormLimits) {
        self.body = body
        self.limits = limits
        state = Mutex(State(parser: MultipartParser(boundary: boundary, limits: limits)))
    }

    func nextPart() async throws -> MultipartPart? {
        while let event = try await nextEvent() {
            guard case .part(let header) = event else { continue }
            return MultipartPart(header, number: state.withLock { $0.part }, source: self)
        }
        return nil
    }

    func nextData(of number: Int) async throws -> [UInt8]? {
        let step = state.withLock { ($0.part, $0.isInPart) }
        guard step.0 == number else {
            throw WorkersError(.typeError, "The parts of a form are read in order; this one has gone by.")
        }
        guard step.1, case .data(let data)? = try await nextEvent() else { return nil }
        return data
    }

    /// - Returns: `nil` at the end of the form.
    private func nextEvent() async throws -> MultipartParser.Event? {
        while true {
            do {
                if let event = try state.withLock({ try advance(&$0) }) {
                    if event != .end { return event }
                    // The client is still sending what follows the last boundary, and waits for it to be taken.
                    while try await body.next() != nil {}
                    return nil
                }
            } catch {
                body.cancel()
                throw error
            }
            if let chunk = try await body.next() {
                state.withLock { $0.parser.append(chunk) }
            } else {
                try state.withLock { try $0.parser.finish() }
                return nil
            }
        }
    }

    private func advance(_ state: inout State) throws -> MultipartParser.Event? {
        guard let event = try state.parser.next() else { return nil }
        switch event {
        case .part(let header):
            state.part += 1
            state.isInPart = true
            state.isFile = header.filename != nil
            state.partBytes = 0
            if !state.isFile { state.fieldBytes += header.name.utf8.count }
        case .data(let data):
            state.partBytes += data.count
            if state.isFile {
                guard state.partBytes <= limits.fileBytes else {
                    throw Problem.formTooLarge(
                        "File \(state.part) of the form is larger than \(limits.fileBytes) bytes.")
                }
            } else {
                state.fieldBytes += data.count
            }
        case .endOfPart: state.isInPart = false
        case .end: break
        }
        guard state.fieldBytes <= limits.fieldBytes else {
            throw Problem.formTooLarge("The fields of the form are larger than \(limits.fieldBytes) bytes.")
        }
        return event
    }
}

extension Request {
    /// The body as a `multipart/form-data` form whose parts are read as they arrive.
    ///
    /// - Throws: `Problem` 415 for another content type, 400 for a missing or invalid boundary.
    public func multipart(limits: FormLimits = FormLimits()) throws -> MultipartStream {
        let boundary = try MultipartParser.boundary(of: contentType)
        return MultipartStream(try body.stream(), boundary: boundary, limits: limits)
    }
}
