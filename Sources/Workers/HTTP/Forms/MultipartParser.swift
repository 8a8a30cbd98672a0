/// Cuts a `multipart/form-data` body (RFC 7578, RFC 2046 §5.1) into parts as its bytes arrive. It holds no stream: bytes go
/// in by `append`, events come out by `next`. What it keeps is bounded by one chunk and one delimiter or part header.
package struct MultipartParser {
    package enum Event: Sendable, Hashable {
        case part(MultipartHeader)
        case data([UInt8])
        case endOfPart
        case end
    }

    private enum State {
        /// Before the first delimiter; what stands there is ignored.
        case preamble
        /// Just behind a delimiter.
        case afterDelimiter
        case header
        /// At the line end that closes the header: a delimiter may follow at once (RFC 2046 §5.1.1 lets a part have no
        /// content at all).
        case startOfData
        case data
        /// Behind the closing delimiter; what stands there is ignored.
        case epilogue
    }

    private let delimiter: [UInt8]
    private let limits: FormLimits
    private var state = State.preamble
    private var buffer: [UInt8]
    private var position = 0
    /// How far behind `position` the end of a header was looked for in vain.
    private var scanned = 0
    private var parts = 0
    private var total = 0
    private var hasEnded = false

    /// - Parameter boundary: of the `Content-Type`, as `boundary(of:)` has checked it.
    package init(boundary: String, limits: FormLimits) {
        delimiter = Array("\r\n--\(boundary)".utf8)
        self.limits = limits
        // The first delimiter may stand at the very beginning; as if a line had ended before it.
        buffer = [0x0D, 0x0A]
    }

    /// The boundary of a `multipart/form-data` type.
    ///
    /// - Throws: `Problem` 415 for another type, 400 for a boundary that is missing or not RFC 2046's.
    package static func boundary(of type: MediaType?) throws -> String {
        guard let type, type.essence == "multipart/form-data" else {
            throw Problem(
                .unsupportedMediaType, code: "unsupported_media_type", "The body must be a form.",
                hint: "Send it with Content-Type: multipart/form-data.")
        }
        guard let boundary = type["boundary"], isBoundary(boundary) else {
            throw Problem.malformedForm("The form's Content-Type has no valid boundary.")
        }
        return boundary
    }

    /// RFC 2046 §5.1.1: 1 to 70 characters of its list, the last one no space.
    package static func isBoundary(_ text: String) -> Bool {
        guard (1...70).contains(text.utf8.count), text.utf8.last != 0x20 else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x20, 0x27...0x29, 0x2B...0x2F, 0x3A, 0x3D, 0x3F, 0x5F: true
            default: ByteClass.isAlphanumeric(byte)
            }
        }
    }

    package mutating func append(_ chunk: [UInt8]) {
        if position > 0 {
            buffer.removeFirst(position)
            position = 0
        }
        buffer.append(contentsOf: chunk)
    }

    /// Called when there are no more bytes: the closing delimiter must have been seen.
    package func finish() throws {
        guard case .epilogue = state else { throw Problem.malformedForm("The form ends before its last boundary.") }
    }

    /// The next event; `nil` when more bytes are needed.
    package mutating func next() throws -> Event? {
        while true {
            switch state {
            case .preamble:
                guard skipToDelimiter() else { return nil }
                state = .afterDelimiter
            case .afterDelimiter:
                guard let isLast = try readDelimiterEnd() else { return nil }
                if isLast {
                    state = .epilogue
                    continue
                }
                guard parts < limits.parts else {
                    throw Problem.formTooLarge("The form has more than \(limits.parts) parts.")
                }
                parts += 1
                state = .header
            case .header:
                guard let header = try readHeader() else { return nil }
                state = .startOfData
                return .part(header)
            case .startOfData:
                guard let hasContent = startsWithContent() else { return nil }
                if hasContent { position += 2 }
                state = .data
            case .data:
                return try readData()
            case .epilogue:
                position = buffer.count
                defer { hasEnded = true }
                return hasEnded ? nil : .end
            }
        }
    }
}

// MARK: - Steps

extension MultipartParser {
    /// Where the delimiter begins, from the current position on; otherwise how far the bytes surely hold none.
    private func search() -> (found: Bool, end: Int) {
        buffer.withUnsafeBufferPointer { buffer in
            delimiter.withUnsafeBufferPointer { delimiter in
                var index = position
                while index < buffer.count {
                    guard buffer[index] == 0x0D else {
                        index += 1
                        continue
                    }
                    var length = 1
                    while length < delimiter.count, index + length < buffer.count,
                        buffer[index + length] == delimiter[length]
                    {
                        length += 1
                    }
                    if length == delimiter.count { return (true, index) }
                    if index + length == buffer.count { return (false, index) }
                    // The delimiter has one CR only, at its front, so none of what was compared can begin one.
                    index += length
                }
                return (false, buffer.count)
            }
        }
    }

    private mutating func skipToDelimiter() -> Bool {
        let place = search()
        position = place.found ? place.end + delimiter.count : place.end
        return place.found
    }

    /// What stands behind a delimiter: `--` after the last one, else the end of the line. `nil` for too few bytes.
    private mutating func readDelimiterEnd() throws -> Bool? {
        if position + 2 > buffer.count { return nil }
        if buffer[position] == 0x2D, buffer[position + 1] == 0x2D {
            position += 2
            return true
        }
        var index = position
        while index < buffer.count, buffer[index] == 0x20 || buffer[index] == 0x09 { index += 1 }
        // Padding is allowed by RFC 2046 §5.1.1, yet nobody sends much of it.
        guard index - position <= 128 else { throw Problem.malformedForm("A boundary line of the form is malformed.") }
        if index + 2 > buffer.count { return nil }
        guard buffer[index] == 0x0D, buffer[index + 1] == 0x0A else {
            throw Problem.malformedForm("A boundary line of the form is malformed.")
        }
        // The line end stays: with the first header line it makes the search for the empty line the same everywhere.
        position = index
        return false
    }

    private mutating func readHeader() throws -> MultipartHeader? {
        // Position is at the CR LF before the first line; the header ends with CR LF CR LF.
        var index = position + scanned
        while index + 4 <= buffer.count {
            if buffer[index] == 0x0D, buffer[index + 1] == 0x0A, buffer[index + 2] == 0x0D, buffer[index + 3] == 0x0A {
                if index - position > limits.headerBytes { throw headerTooLarge }
                let lines = index > position ? buffer[(position + 2)..<index] : []
                position = index + 2
                scanned = 0
                return try MultipartHeader(parsing: lines, number: parts)
            }
            index += 1
        }
        scanned = index - position
        if buffer.count - position > limits.headerBytes + 4 { throw headerTooLarge }
        return nil
    }

    /// Whether something stands between the header and the delimiter; `nil` for too few bytes.
    private func startsWithContent() -> Bool? {
        for (offset, byte) in delimiter.enumerated() {
            guard position + offset < buffer.count else { return nil }
            if buffer[position + offset] != byte { return true }
        }
        return false
    }

    private var headerTooLarge: Problem {
        .malformedForm("The header of part \(parts) of the form is larger than \(limits.headerBytes) bytes.")
    }

    private mutating func readData() throws -> Event? {
        let place = search()
        if place.end > position {
            let data = Array(buffer[position..<place.end])
            position = place.end
            total += data.count
            guard total <= limits.totalBytes else {
                throw Problem.formTooLarge("The form is larger than \(limits.totalBytes) bytes.")
            }
            return .data(data)
        }
        guard place.found else { return nil }
        position += delimiter.count
        state = .afterDelimiter
        return .endOfPart
    }
}
