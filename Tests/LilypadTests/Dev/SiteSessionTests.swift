import SiteBuilder
import Synchronization
import Testing

@testable import lilypad

/// A site that does as it is told.
private actor FakeSite: SiteWorkshop {
    var configuration: SiteConfiguration {
        var configuration = SiteConfiguration(title: "", description: "", baseURL: "https://example.com")
        configuration.client = .init()
        configuration.docs = .init()
        return configuration
    }
    var update = DevModules.Update.modules([], styles: true)
    var updated: [[String]] = []
    var writes: [Bool] = []
    var written: [String] = []
    var writeFails = false
    var typeProblems: [Diagnostic] = []

    func answers(_ update: DevModules.Update) { self.update = update }
    func writesNext(_ paths: String...) { written = paths }
    func failsToWrite(_ fails: Bool) { writeFails = fails }
    func finds(_ problems: [Diagnostic]) { typeProblems = problems }

    func reconfigure() throws {}
    func update(after paths: [String]) -> DevModules.Update {
        updated.append(paths)
        return update
    }
    func refreshStyles() -> DevMessage.StyleSwap? { nil }
    func write(onlyPages: Bool) throws -> IncrementalOutput.Changes {
        writes.append(onlyPages)
        if writeFails { throw BuildFailure([Diagnostic(file: "site/docs/a.md", message: "Dead link.")]) }
        var changes = IncrementalOutput.Changes()
        changes.written = written
        written = []
        return changes
    }
    func checkTypes() throws {
        if !typeProblems.isEmpty { throw BuildFailure(typeProblems) }
    }
}

@Suite struct SiteSessionTests {
    private final class Heard: Sendable {
        let messages = Mutex<[DevMessage]>([])
        let reloads = Mutex(0)
        var all: [DevMessage] { messages.withLock { $0 } }
        func send(_ message: DevMessage) { messages.withLock { $0.append(message) } }
    }

    private let site = FakeSite()
    private let heard = Heard()

    private func session() -> SiteSession {
        let heard = heard
        return SiteSession(
            workshop: site, board: ProblemBoard { heard.send($0) }, send: { heard.send($0) },
            reloadEdge: {
                heard.reloads.withLock { $0 += 1 }
                return true
            }, report: { _ in })
    }

    private func change(_ session: SiteSession, _ paths: String...) async {
        await session.changed(paths, saved: .now)
        await session.settled()
    }

    @Test func `a component goes to pages as a module, and nothing is loaded again`() async {
        let session = session()
        await site.answers(.modules(["/@lilypad/module/app/a.tsx?v=1"], styles: true))
        await change(session, "app/a.tsx")
        #expect(heard.all == [.update([.init(path: "app/a.tsx", url: "/@lilypad/module/app/a.tsx?v=1")])])
        #expect(heard.reloads.withLock { $0 } == 0)
    }

    @Test func `what cannot be taken in reloads pages once the bundle is written`() async {
        let session = session()
        await site.answers(.reload)
        await site.writesNext("public/index.html")
        await change(session, "app/router.ts")
        #expect(heard.all == [.reload(pages: nil)])
        #expect(heard.reloads.withLock { $0 } == 1)
    }

    @Test func `a broken module changes nothing in pages, and is written once it is mended`() async {
        let session = session()
        let problem = Diagnostic(file: "site/app/a.tsx", line: 1, column: 1, message: "Broken.")
        await site.answers(.broken([problem]))
        await change(session, "app/a.tsx", "public/robots.txt")
        #expect(heard.all == [.problems([problem])])
        #expect(await site.writes == [])
        await site.answers(.modules(["/@lilypad/module/app/a.tsx?v=1"], styles: true))
        await change(session, "app/a.tsx")
        #expect(heard.all.dropFirst().first == .ok)
        #expect(heard.all.last == .update([.init(path: "app/a.tsx", url: "/@lilypad/module/app/a.tsx?v=1")]))
        #expect(await site.writes == [false])
    }

    @Test func `a page of the docs is written without making the rest anew`() async {
        let session = session()
        await site.writesNext("public/docs/guide.html")
        await change(session, "docs/guide.md")
        #expect(await site.writes == [true])
        #expect(heard.all == [.reload(pages: ["/docs/guide"])])
        #expect(await site.updated == [])
    }

    @Test func `what a failed write left out is made up for by the next`() async {
        let session = session()
        await site.failsToWrite(true)
        await change(session, "public/robots.txt")
        await site.failsToWrite(false)
        await change(session, "docs/guide.md")
        #expect(await site.writes == [false, false])
    }

    @Test func `type errors come and go by themselves`() async {
        let session = session()
        let problem = Diagnostic(file: "site/app/a.tsx", line: 2, column: 1, message: "Not a string. (TS2322)")
        await site.finds([problem])
        await change(session, "app/a.tsx")
        #expect(heard.all == [.problems([problem])])
        await site.finds([])
        await change(session, "app/a.tsx")
        #expect(heard.all == [.problems([problem]), .ok])
    }

    @Test func `bundler and type checker do not say the same twice`() {
        let board = ProblemBoard { _ in }
        board.set([Diagnostic(file: "a", line: 1, column: 1, message: "One.")], from: .modules)
        board.set([Diagnostic(file: "a", line: 1, column: 1, message: "Other words.")], from: .types)
        #expect(board.all.map(\.message) == ["One."])
    }
}
