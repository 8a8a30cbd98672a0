import Testing

@testable import SiteBuilder

@Suite struct SitePackagesTests {
    private func problems(_ site: String, areNeeded: Bool) -> [String] {
        do throws(BuildFailure) {
            try SitePackages(site: site, areNeeded: areNeeded).require()
            return []
        } catch {
            return error.diagnostics.map { $0.rendered() }
        }
    }

    @Test
    func
        `packages that are not installed are missed before any tool runs, where there is an application`()
        throws
    {
        let scratch = try ScratchFolder()
        let found = problems(scratch.path, areNeeded: true)
        #expect(
            found.count == 1
                && found[0].hasPrefix("node_modules: error: The packages of the site are not installed."))
        #expect(problems(scratch.path, areNeeded: false).isEmpty)
    }

    @Test func `a slip in package.json is shown at its line`() throws {
        let scratch = try ScratchFolder()
        try scratch.write("package.json", "{\n  \"name\": oops\n}\n")
        let found = problems(scratch.path, areNeeded: false)
        #expect(found.count == 1 && found[0].hasPrefix("package.json:2:"))
        #expect(found[0].contains("  2 |   \"name\": oops\n"))
    }
}
