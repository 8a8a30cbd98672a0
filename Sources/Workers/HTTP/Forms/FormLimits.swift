/// What a form may cost its reader. Beyond any of these the reader throws a `Problem` with status 413 (400 for headers).
public struct FormLimits: Sendable, Hashable {
    /// Parts, fields and files alike.
    public var parts: Int
    /// Bytes of one part's header fields.
    public var headerBytes: Int
    /// Bytes of all text fields together, names included: they are held in memory.
    public var fieldBytes: Int
    /// Bytes of one file. It applies to `form` and to `bytes`, which hold a file in memory, and to streams.
    public var fileBytes: Int
    /// Bytes of all parts together.
    public var totalBytes: Int

    public init(
        parts: Int = 1000, headerBytes: Int = 8 << 10, fieldBytes: Int = 1 << 20, fileBytes: Int = 10 << 20,
        totalBytes: Int = 100 << 20
    ) {
        self.parts = parts
        self.headerBytes = headerBytes
        self.fieldBytes = fieldBytes
        self.fileBytes = fileBytes
        self.totalBytes = totalBytes
    }
}

extension Problem {
    static func malformedForm(_ message: String) -> Problem {
        Problem(.badRequest, code: "malformed_form", message)
    }

    static func formTooLarge(_ message: String) -> Problem {
        Problem(.contentTooLarge, code: "form_too_large", message)
    }
}
