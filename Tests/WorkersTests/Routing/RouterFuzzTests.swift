import Testing
import Workers

/// Random patterns and paths, compared with the plainest matcher there can be.
@Suite struct RouterFuzzTests {
    @Test(arguments: 0..<60) func `the tree finds what trying every pattern finds`(seed: UInt64) async throws {
        var random = SeededRandom(seed)
        var patterns: [[String]] = []
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            let pattern = Self.pattern(&random)
            if !patterns.contains(where: { Self.shape($0) == Self.shape(pattern) }) { patterns.append(pattern) }
        }
        let router = try Router<Env> { routes in
            for pattern in patterns {
                let text = "/" + pattern.joined(separator: "/")
                routes.get(text) { call in .text(text + " " + call.parameters.values.joined(separator: "|")) }
            }
        }
        for _ in 0..<60 {
            let path = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                ["a", "b", "c", "", "d"].randomElement(using: &random) ?? ""
            }
            let response = try await router.get("/" + path.joined(separator: "/"))
            let expected = Self.best(patterns, path)
            if let expected {
                #expect(try await response.text() == expected)
            } else {
                #expect(response.status == .notFound)
            }
        }
    }

    @Test(arguments: 0..<20) func `no path makes the router fail`(seed: UInt64) async throws {
        var random = SeededRandom(seed &+ 500)
        let router = try Router<Env> { routes in
            routes.get("/a/:x/b") { _ in .text("") }
            routes.get("/a/*") { _ in .text("") }
            routes.get("/:y/a") { _ in .text("") }
        }
        let alphabet = Array("/ab%2eE.F\u{0}\u{FF}C3;".utf8)
        for _ in 0..<100 {
            let bytes = (0..<Int.random(in: 0...20, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            let response = try await router.get("/" + String(decoding: bytes, as: UTF8.self))
            #expect([200, 400, 404].contains(response.status.code))
        }
    }

    private static func pattern(_ random: inout SeededRandom) -> [String] {
        let depth = Int.random(in: 1...4, using: &random)
        return (0..<depth).map { index in
            switch Int.random(in: 0..<8, using: &random) {
            case 0...4: ["a", "b", "c"].randomElement(using: &random) ?? "a"
            case 5, 6: ":p\(index)"
            default: index == depth - 1 ? (Bool.random(using: &random) ? "*" : "") : "a"
            }
        }
    }

    private static func shape(_ pattern: [String]) -> [String] { pattern.map { $0.hasPrefix(":") ? ":" : $0 } }

    /// The answer of the best pattern that matches: the smallest list of ranks, a literal being 0.
    private static func best(_ patterns: [[String]], _ path: [String]) -> String? {
        var best: (ranks: [Int], answer: String)?
        for pattern in patterns {
            guard let (ranks, values) = match(pattern, path) else { continue }
            if let current = best, !ranks.lexicographicallyPrecedes(current.ranks) { continue }
            best = (ranks, "/" + pattern.joined(separator: "/") + " " + values.joined(separator: "|"))
        }
        return best?.answer
    }

    private static func match(_ pattern: [String], _ path: [String]) -> (ranks: [Int], values: [String])? {
        var ranks: [Int] = []
        var values: [String] = []
        for (index, segment) in pattern.enumerated() {
            guard index < path.count else { return nil }
            if segment == "*" { return (ranks + [2], values + [path[index...].joined(separator: "/")]) }
            if segment.hasPrefix(":") {
                guard !path[index].isEmpty else { return nil }
                ranks.append(1)
                values.append(path[index])
            } else {
                guard segment == path[index] else { return nil }
                ranks.append(0)
            }
        }
        return pattern.count == path.count ? (ranks, values) : nil
    }
}
