import Testing

@testable import SiteBuilder

@Suite struct DigestMemoryTests {
    private let memory = DigestMemory()

    @Test func `a path that gets other bytes gets another digest`() {
        for text in ["one", "two", "one"] {
            let file = OutputFile(path: "docs/a.html", text: text)
            #expect(memory.digest(of: file) == ContentDigest(of: text))
            #expect(memory.digest(of: file) == ContentDigest(of: text))
        }
    }

    @Test func `what is forgotten is calculated again`() {
        let (a, b) = (OutputFile(path: "a", text: "a"), OutputFile(path: "b", text: "b"))
        let before = [a, b].map(memory.digest)
        memory.forget(allBut: [a])
        #expect([a, b].map(memory.digest) == before)
    }

    @Test func `builds that share a memory agree with builds that do not`() async throws {
        let bench = try BuildBench()
        let session = bench.build
        for text in ["first", "second"] {
            let stage = BuildBench.docs(["docs/index.html": text, "docs/same.html": "same"])
            var (fresh, next) = (bench.build, session)
            fresh.stages = [stage]
            next.stages = [stage]
            let (one, other) = (try await fresh.bundle(), try await next.bundle())
            #expect(one.manifest.json() == other.manifest.json())
        }
    }
}
