import Foundation
import Testing
import Workers
import WorkersTesting

@Suite struct KVVectors {
    static let file = VectorFile("kv.json")

    @Test(.enabled(if: file.exists, file.missing), arguments: KVImplementation.allCases, file.cases)
    func `kv.json`(implementation: KVImplementation, entry: VectorCase) async throws {
        let clock = TestClock(now: entry.given["now"]?.number ?? 1_770_000_000)
        try await implementation.with(KVBehaviour(given: entry.given), clock: clock) { kv in
            try await KVVectorRun.prepare(kv, entry.given)
            var run = KVVectorRun(kv: kv, clock: clock)
            for (index, (step, expected)) in entry.steps.enumerated() {
                var match = VectorMatch(earlier: run.results)
                match.whole.insert("keys")
                let result = await run.take(step)
                let problems = match.verdict(result, expected)
                #expect(problems.isEmpty, "\(entry.id), step \(index): \(problems.joined(separator: "; "))")
            }
        }
    }
}

extension KVBehaviour {
    fileprivate init(given: JSON) {
        self.init()
        if given["consistency"]?.string == "eventual" { consistency = .eventual }
        limitsWrites = given["writeRateLimit"]?.bool ?? false
        if let bytes = given["limits"]?["maxValueBytes"]?.integer { limits.value = bytes }
    }
}

/// The steps of one case.
private struct KVVectorRun {
    let kv: any KVNamespace
    let clock: TestClock
    var results: [JSON] = []

    init(kv: any KVNamespace, clock: TestClock) {
        self.kv = kv
        self.clock = clock
    }

    /// Puts the entries there from a place that no step uses.
    static func prepare(_ kv: any KVNamespace, _ given: JSON) async throws {
        try await KVLocation.$current.withValue("before") {
            for entry in given["entries"]?.array ?? [] {
                try await kv.put(
                    entry["key"]?.string ?? "", VectorValue.bytes(entry["value"] ?? .null) ?? [],
                    expiration: entry["expiration"]?.integer, metadata: entry["metadata"])
            }
            if let many = given["entriesGenerated"], let pattern = many["keyPattern"]?.string {
                for number in 0..<(many["count"]?.integer ?? 0) {
                    try await kv.put(VectorValue.generated(pattern, number), many["value"]?.string ?? "")
                }
            }
        }
    }

    mutating func take(_ step: JSON) async -> JSON {
        let result: JSON
        do {
            result = try await KVLocation.$current.withValue(step["at"]?.string ?? "A") { [self] in
                try await perform(step, step["options"] ?? .null)
            }
        } catch {
            result = .failure(error)
        }
        results.append(result)
        return result
    }

    private func perform(_ step: JSON, _ options: JSON) async throws -> JSON {
        let key = VectorValue.text(step["key"]) ?? ""
        let cacheTTL = options["cacheTtl"]?.integer
        let type = KVType<KVNamedValue>.named((step["type"] ?? options["type"])?.string ?? "text")
        let keys = VectorValue.list(step["keys"] ?? .null)?.map { VectorValue.text($0) ?? "" } ?? []
        switch step["op"]?.string {
        case "advance":
            clock.advance(by: step["seconds"]?.number ?? 0)
        case "put":
            try await kv.put(key, value: value(step["value"] ?? .null), options: KVPutOptions(vector: options))
        case "delete":
            try await kv.delete(key)
        case "get":
            return .object([.init("value", await json(try await kv.get(key, as: type, cacheTTL: cacheTTL)))])
        case "getWithMetadata":
            let read = try await kv.getWithMetadata(key, as: type, cacheTTL: cacheTTL)
            return .object([
                .init("value", await json(read.value)), .init("metadata", read.metadata ?? .null),
                .init("cacheStatus", read.cacheStatus.map(JSON.string) ?? .null),
            ])
        case "getMany":
            var map: [JSON] = []
            for (key, value) in try await kv.get(keys, as: type, cacheTTL: cacheTTL) {
                map.append(.array([.string(key), await json(value)]))
            }
            return .object([.init("map", .array(map)), .init("mapSize", .integer(map.count))])
        case "getManyWithMetadata":
            var map: [JSON] = []
            for (key, entry) in try await kv.getWithMetadata(keys, as: type, cacheTTL: cacheTTL) {
                var members: JSON = .null
                if let entry {
                    let value = await json(entry.value)
                    members = .object([.init("value", value), .init("metadata", entry.metadata ?? .null)])
                }
                map.append(.array([.string(key), members]))
            }
            return .object([.init("map", .array(map)), .init("mapSize", .integer(map.count))])
        case "list":
            return try await list(options)
        case let other:
            throw WorkersError(.error, "the vector has an unknown step: \(other ?? "none")")
        }
        return .object([.init("ok", .bool(true))])
    }

    private func list(_ options: JSON) async throws -> JSON {
        var cursor = options["cursor"]?.string
        if let step = options["cursor"]?["fromStep"]?.integer { cursor = results[step]["cursor"]?.string }
        let prefix = VectorValue.text(options["prefix"]) ?? ""
        let page = try await kv.list(prefix: prefix, limit: options["limit"]?.integer, cursor: cursor)
        let keys: [JSON] = page.keys.map { key in
            var members: [JSON.Member] = [.init("name", .string(key.name))]
            if let expiration = key.expiration { members.append(.init("expiration", .integer(expiration))) }
            if let metadata = key.metadata { members.append(.init("metadata", metadata)) }
            return .object(members)
        }
        return .object([
            .init("keys", .array(keys)), .init("keyCount", .integer(keys.count)),
            .init("list_complete", .bool(page.isComplete)),
            .init("cursor", page.cursor.map(JSON.string) ?? .null),
            .init("cacheStatus", page.cacheStatus.map(JSON.string) ?? .null),
        ])
    }

    private func value(_ value: JSON) throws -> KVValue {
        if let json = value["json"] { return try KVValue(json) }
        if let stream = VectorValue.stream(value) { return .stream(stream) }
        if value["base64"] != nil || value["bytesOfLength"] != nil { return .bytes(VectorValue.bytes(value) ?? []) }
        return .text(VectorValue.text(value) ?? "")
    }

    /// Bytes, also those of a stream, in the form in which vectors write them.
    private func json(_ value: KVNamedValue?) async -> JSON {
        switch value {
        case nil: return .null
        case .text(let text): return .string(text)
        case .json(let json): return json
        case .bytes(let bytes): return .object([.init("base64", .string(Data(bytes).base64EncodedString()))])
        case .stream(let stream):
            let bytes = try? await Body(stream: stream).bytes()
            return await json(bytes.map { .bytes($0) })
        }
    }
}

extension KVPutOptions {
    fileprivate init(vector options: JSON) {
        self.init(
            expiration: options["expiration"]?.integer, expirationTTL: options["expirationTtl"]?.integer,
            metadata: options["metadata"].map(Self.expanded))
    }

    /// Metadata may hold repetitions at any depth.
    private static func expanded(_ json: JSON) -> JSON {
        if json["repeat"] != nil, let text = VectorValue.text(json) { return .string(text) }
        guard let members = json.members else { return json }
        return .object(members.map { .init($0.name, expanded($0.value)) })
    }
}
