import Testing

@testable import Workers

@Suite struct RoutingFuzzTests {
    @Test func `a pattern is written as it was read`() {
        var fuzzer = Fuzzer(longest: 120)
        let failure = fuzzer.run(["/a/:b/*", "/", "/a/"], tokens: ["/", ":", "*", "a", ":b", "*c", ".", "%", "ü"]) {
            input in
            guard let pattern = try? RoutePattern(String(decoding: input, as: UTF8.self)) else { return true }
            return (try? RoutePattern(pattern.text)) == pattern
        }
        #expect(failure == nil)
    }

    @Test func `no parameter leads out of a folder`() throws {
        var table = RouteTable()
        for (route, pattern) in ["/a/:x/b", "/a/*", "/:y/a", "/:z"].enumerated() {
            #expect(table.add(try RoutePattern(pattern), method: .get, route: route) == nil)
        }
        var fuzzer = Fuzzer(longest: 200)
        let tokens = ["/", "a", "b", "%2e", "..", "%2F", "..%2f", "%5C", "\u{301}", "%CC%81"]
        let failure = fuzzer.run(["/a/x/b", "/a/..%2f..%2Fetc", "/%2e%2e"], tokens: tokens) { input in
            guard case .found(let found) = table.match(String(decoding: input, as: UTF8.self), .get) else {
                return true
            }
            return found.values.allSatisfy { value in
                value.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
                    .allSatisfy { !$0.elementsEqual("..".utf8) && !$0.elementsEqual(".".utf8) }
            }
        }
        #expect(failure == nil)
    }
}
