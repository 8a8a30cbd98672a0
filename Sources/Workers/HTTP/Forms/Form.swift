/// A form, complete in memory: text fields and files in the order they were sent.
///
/// ```swift
/// let form = try await request.form()
/// let title = try form.required("title")
/// let picture = form.file("picture")
/// ```
public struct Form: Sendable, Hashable {
    public enum Value: Sendable, Hashable {
        case text(String)
        case file(FormFile)
    }

    public struct Entry: Sendable, Hashable {
        public var name: String
        public var value: Value

        public init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    public var entries: [Entry]

    public init(_ entries: [Entry] = []) { self.entries = entries }

    /// The text of the first field of this name; files do not count.
    public subscript(name: String) -> String? { all(name).first }

    /// The texts of all fields of this name, in order.
    public func all(_ name: String) -> [String] {
        entries.compactMap { entry in
            guard entry.name.hasSameBytes(as: name), case .text(let text) = entry.value else { return nil }
            return text
        }
    }

    /// The first file of this name.
    public func file(_ name: String) -> FormFile? { files(name).first }

    /// All files of this name, in order.
    public func files(_ name: String) -> [FormFile] {
        entries.compactMap { entry in
            guard entry.name.hasSameBytes(as: name), case .file(let file) = entry.value else { return nil }
            return file
        }
    }

    /// The first field of this name, read as `type`; `nil` when the name is absent.
    ///
    /// - Throws: `Problem` 400 `invalid_form_field`; it names the field, never its value.
    public func callAsFunction<Value: ParameterValue>(
        _ name: String, as type: Value.Type = Value.self
    ) throws -> Value? {
        guard let text = self[name] else { return nil }
        guard let value = Value(parameter: text) else {
            throw Problem(
                .badRequest, code: "invalid_form_field",
                "The form field “\(name)” must be \(Value.valueType.sentence).")
        }
        return value
    }

    /// The first field of this name, which must be there.
    ///
    /// - Throws: `Problem` 400 `missing_form_field` or `invalid_form_field`.
    public func required<Value: ParameterValue>(_ name: String, as type: Value.Type = String.self) throws -> Value {
        guard let value = try self(name, as: type) else {
            throw Problem(.badRequest, code: "missing_form_field", "The form field “\(name)” is missing.")
        }
        return value
    }
}

/// A file of a form.
public struct FormFile: Sendable, Hashable {
    /// As the client sent it. It may be anything: never use it as a path.
    public var filename: String
    public var contentType: String?
    public var bytes: [UInt8]

    public init(filename: String, contentType: String? = nil, bytes: [UInt8]) {
        self.filename = filename
        self.contentType = contentType
        self.bytes = bytes
    }
}

extension Request {
    /// The body as a form: `application/x-www-form-urlencoded` or `multipart/form-data`.
    ///
    /// - Throws: `Problem` 415 for another content type, 400 for a malformed form, 413 beyond the limits.
    public func form(limits: FormLimits = FormLimits()) async throws -> Form {
        guard contentType?.essence == "application/x-www-form-urlencoded" else {
            let parts = try multipart(limits: limits)
            var form = Form()
            while let part = try await parts.next() {
                guard let filename = part.filename else {
                    form.entries.append(.init(part.name, .text(try await part.text())))
                    continue
                }
                let bytes = try await part.bytes()
                form.entries.append(
                    .init(
                        part.name,
                        .file(FormFile(filename: filename, contentType: part.contentType, bytes: bytes))))
            }
            return form
        }
        let text: String
        do {
            text = try await self.text(limit: limits.fieldBytes)
        } catch is BodyTooLarge {
            throw Problem.formTooLarge("The fields of the form are larger than \(limits.fieldBytes) bytes.")
        }
        guard text.utf8.count(where: { $0 == UInt8(ascii: "&") }) < limits.parts else {
            throw Problem.formTooLarge("The form has more than \(limits.parts) fields.")
        }
        return Form(URLQuery(parsing: text).items.map { .init($0.name, .text($0.value)) })
    }
}
