import Workers

/// `/api/state…`: the whole state over HTTP, for the dashboard and for the `state` command while an emulator runs.
struct StateCalls: Sendable {
    /// Bytes of a seed file.
    static let longestSeed = 256 << 20

    private let state: LocalState

    init(_ state: LocalState) { self.state = state }

    /// - Parameters:
    ///   - path: the segments behind `/api/state`, decoded.
    /// - Returns: the content of the answer, `.null` for one without; `nil` for a path that is not here.
    /// - Throws: `Problem`.
    func answer(_ method: String, _ path: [String], _ request: Request) async throws -> JSON? {
        switch (method, path.count, path.first) {
        case ("GET", 0, _), ("HEAD", 0, _): return try await overview()
        case ("POST", 1, "snapshots"):
            let snapshot = try await state.snapshot(try await name(request, isOptional: true))
            return .object([.init("name", .string(snapshot.name)), .init("bytes", .integer(snapshot.bytes))])
        case ("DELETE", 2, "snapshots"):
            try await state.removeSnapshot(path[1])
            return .null
        case ("POST", 1, "restore"):
            guard let name = try await name(request, isOptional: false) else { return nil }
            try await state.restore(name)
            return .null
        case ("POST", 1, "clear"):
            try await state.clear(try await parts(request))
            return .null
        case ("POST", 1, "seed"):
            let counts = try await state.seed(try await json(request, limit: StateCalls.longestSeed))
            return .object([
                .init("kv", .integer(counts.kv)), .init("r2", .integer(counts.r2)),
                .init("queues", .integer(counts.queues)),
            ])
        default: return nil
        }
    }

    private func overview() async throws -> JSON {
        let parts = try await state.parts().map { part in
            JSON.object([
                .init("name", .string(part.name)), .init("bytes", .integer(part.content.bytes)),
                .init("entries", .integer(part.content.entries)),
            ])
        }
        let snapshots = try state.shelf.all().map { snapshot in
            JSON.object([
                .init("name", .string(snapshot.name)), .init("created", .integer(snapshot.created)),
                .init("bytes", .integer(snapshot.bytes)),
            ])
        }
        return .object([
            .init("folder", .string(state.folder.path)), .init("parts", .array(parts)),
            .init("snapshots", .array(snapshots)),
        ])
    }

    // MARK: Bodies

    private func name(_ request: Request, isOptional: Bool) async throws -> String? {
        let body = try await json(request, limit: 4096, isOptional: isOptional)
        if isOptional, body.isNull || body["name"] == nil || body["name"]?.isNull == true { return nil }
        guard let name = body["name"]?.string else {
            throw Problem(.badRequest, code: "bad_body", "The body has to be an object with the name of a snapshot.")
        }
        return name
    }

    private func parts(_ request: Request) async throws -> [String]? {
        let body = try await json(request, limit: 4096)
        guard let parts = body["parts"] else {
            throw Problem(
                .badRequest, code: "bad_body",
                "The body has to be an object with parts: a list of names, or null for all.")
        }
        if parts.isNull { return nil }
        guard let names = parts.array?.compactMap(\.string), names.count == parts.array?.count else {
            throw Problem(.badRequest, code: "bad_body", "parts has to be a list of names, or null for all.")
        }
        return names
    }

    private func json(_ request: Request, limit: Int, isOptional: Bool = false) async throws -> JSON {
        let bytes: [UInt8]
        do {
            bytes = try await request.bytes(limit: limit)
        } catch is BodyTooLarge {
            throw Problem(.contentTooLarge, code: "body_too_large", "The body is longer than \(limit) bytes.")
        }
        if bytes.isEmpty, isOptional { return .null }
        do {
            return try JSON(parsing: bytes)
        } catch {
            throw Problem(.badRequest, code: "bad_json", "The body has to be JSON. \(error)")
        }
    }
}
