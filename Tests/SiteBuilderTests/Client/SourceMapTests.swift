import Foundation
import SiteBuilder
import Testing

/// Application files go through two transformations; their maps are joined into one.
@Suite struct SourceMapTests {
    /// Pairs of what is in the published file and what is on the line it came from.
    @Test(arguments: [
        ("useState", "import { useState }"), ("plain-counter", "import count"), ("(0)", "useState(0)"),
        ("+1)", "clicks + 1"), ("\"clicks\"", "{label('clicks', clicks)}"),
    ])
    func `a place in a published file leads to the line it was written on`(text: String, written: String) async throws {
        let fixture = try ClientFixture()
        let output = try await fixture.stage().build()
        let home = try #require(output.graph.first { $0.name == "app/routes/home.tsx" })
        let code = try #require(output.texts[home.path])
        let json = try #require(output.texts[home.path + ".map"])
        let map = try JSONDecoder().decode(Map.self, from: Data(json.utf8))
        let source = try String(contentsOfFile: fixture.site + "/app/routes/home.tsx", encoding: .utf8)
        #expect(map.sourcesContent == [source])

        let place = try #require(code.firstRange(of: text)).lowerBound
        let line = try #require(map.line(ofColumn: code.distance(from: code.startIndex, to: place)))
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[line].contains(written))
        await fixture.worker.close()
    }

    /// A reader for maps of one-line files.
    private struct Map: Decodable {
        var sourcesContent: [String]
        var mappings: String

        /// The source line, from 0, of the last mapping at or before a column of the first line.
        func line(ofColumn wanted: Int) -> Int? {
            var (column, line) = (0, 0)
            var found: Int?
            for segment in mappings.prefix(while: { $0 != ";" }).split(separator: ",") {
                let numbers = Self.numbers(segment)
                column += numbers[0]
                line += numbers[2]
                if column <= wanted { found = line }
            }
            return found
        }

        private static func numbers(_ text: Substring) -> [Int] {
            let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
            var (numbers, value, shift): ([Int], Int, Int) = ([], 0, 0)
            for character in text {
                let digit = digits.firstIndex(of: character)!
                value |= (digit & 31) << shift
                shift += 5
                guard digit & 32 == 0 else { continue }
                numbers.append(value & 1 == 1 ? -(value >> 1) : value >> 1)
                (value, shift) = (0, 0)
            }
            return numbers
        }
    }
}
