extension Form {
    /// The form as the body of a request, with its content type.
    public struct Encoded: Sendable {
        public var contentType: String
        public var body: Body
    }

    /// As `application/x-www-form-urlencoded`, which cannot carry files: of a file the name is sent, as browsers do.
    public var urlEncoded: Encoded {
        let items = entries.map { entry in
            switch entry.value {
            case .text(let text): URLQuery.Item(entry.name, text)
            case .file(let file): URLQuery.Item(entry.name, file.filename)
            }
        }
        return Encoded(contentType: "application/x-www-form-urlencoded", body: Body(text: URLQuery(items).text))
    }

    /// As `multipart/form-data` (RFC 7578; names by the HTML standard's encoding algorithm).
    ///
    /// ```swift
    /// let form = Form([.init("note", .text("hello"))])
    /// let encoded = try form.multipart(boundary: "form-\(UUID().uuidString)")
    /// let request = Request(.post, url, headers: [.contentType: encoded.contentType], body: encoded.body)
    /// ```
    /// - Parameter boundary: 1 to 70 letters, digits and `'()+_,-./:=?`. It separates the parts, so take one that chance
    ///   cannot have put into the content.
    /// - Throws: `WorkersError` (type error) for a boundary that is malformed or occurs in the content.
    public func multipart(boundary: String) throws -> Encoded {
        guard MultipartParser.isBoundary(boundary), !boundary.utf8.contains(0x20) else {
            throw WorkersError(.typeError, "The boundary of a form must be 1 to 70 characters of RFC 2046's list.")
        }
        var output: [UInt8] = []
        for entry in entries {
            var head = "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(Self.escaped(entry.name))\""
            let content: [UInt8]
            switch entry.value {
            case .text(let text): content = Array(text.utf8)
            case .file(let file):
                content = file.bytes
                let type = file.contentType.flatMap { MediaType($0) == nil ? nil : $0 } ?? "application/octet-stream"
                head += "; filename=\"\(Self.escaped(file.filename))\"\r\nContent-Type: \(type)"
            }
            guard !Self.occurs("--\(boundary)", in: content) else {
                throw WorkersError(.typeError, "The boundary of the form occurs in its content.")
            }
            output += Array(head.utf8)
            output += [0x0D, 0x0A, 0x0D, 0x0A]
            output += content
            output += [0x0D, 0x0A]
        }
        output += Array("--\(boundary)--\r\n".utf8)
        return Encoded(
            contentType: "multipart/form-data; boundary=\(FieldReader.tokenOrQuoted(boundary))",
            body: Body(bytes: output))
    }

    private static func escaped(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "%22"
            case "\r": output += "%0D"
            case "\n": output += "%0A"
            // Readers that know quoted strings take a backslash for an escape.
            case "\\": output += "\\\\"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }

    private static func occurs(_ text: String, in content: [UInt8]) -> Bool {
        let pattern = Array(text.utf8)
        guard content.count >= pattern.count else { return false }
        for start in 0...(content.count - pattern.count) where content[start] == pattern[0] {
            if content[start..<(start + pattern.count)].elementsEqual(pattern) { return true }
        }
        return false
    }
}
