import Foundation
import Testing

@testable import Workers

@Suite struct JSONFuzzTests {
    private static let examples = [
        #"{"a":[1,-0,2.5e-3,true,false,null],"b":{"c":"\u00e9\n\ud83d\ude00"},"a":""}"#, " [ ] ", "9223372036854775808",
    ]
    private static let tokens = [
        "{", "}", "[", "]", ",", ":", "\"", "\"a\":", "\"\\u00e9\":1", "\"e\\u0301\":2", "\\ud83d", "\\ude00", "\\\\",
        "\\\"",
        "true", "null", "-0", "1e5", "1E+400", "-1.5", "0.1", " \n",
    ]

    @Test func `a value is read back from its text`() {
        var fuzzer = Fuzzer()
        let failure = fuzzer.run(Self.examples, tokens: Self.tokens) { input in
            guard let value = try? JSON(parsing: input) else { return true }
            // What is too large for a number is written as null, as JavaScript does.
            guard Self.isFinite(value) else { return true }
            guard let again = try? JSON(parsing: value.text) else { return false }
            return again.text.utf8.elementsEqual(value.text.utf8)
        }
        #expect(failure == nil)
    }

    /// Foundation refuses half a surrogate pair and what is no number; it takes UTF-16, too, and byte order marks anywhere.
    @Test func `what is JSON and what it says is the same to Foundation`() {
        var fuzzer = Fuzzer()
        let failure = fuzzer.run(Self.examples, tokens: Self.tokens) { input in
            let text = String(decoding: input, as: UTF8.self).unicodeScalars
            guard !input.contains(0), !text.contains("\u{FEFF}"), !input.starts(with: [0xFE, 0xFF]),
                !input.starts(with: [0xFF, 0xFE])
            else { return true }
            let ours = try? JSON(parsing: input)
            let theirs = try? JSONSerialization.jsonObject(with: Data(input), options: .fragmentsAllowed)
            if let ours, !Self.isFinite(ours) || ours.text.contains("\u{FFFD}") { return true }
            switch (ours, theirs) {
            case (nil, nil): return true
            // Foundation takes a comma at the end of an object.
            case (nil, _?) where Self.endsInComma(input): return true
            case (let ours?, let theirs?): return Self.same(ours, theirs)
            default: return false
            }
        }
        #expect(failure == nil)
    }

    @Test func `members are told apart by their bytes`() {
        var fuzzer = Fuzzer(longest: 60)
        let failure = fuzzer.run(
            ["a,b,a", "\u{E9},e\u{301}"], tokens: [",", "\u{E9}", "e\u{301}", "\u{212B}", "\u{C5}"]
        ) { input in
            let names = String(decoding: input, as: UTF8.self).utf8.split(separator: UInt8(ascii: ","))
                .map { String(Substring($0)) }
            let object = JSON.object(names.map { JSON.Member($0, .null) })
            guard case .object(let members)? = try? JSON(parsing: object.text) else { return false }
            return members.count == Set(names.map { Array($0.utf8) }).count
        }
        #expect(failure == nil)
    }

    private static func endsInComma(_ input: [UInt8]) -> Bool {
        let dense = input.filter { $0 > 0x20 }
        return zip(dense, dense.dropFirst()).contains { $0 == UInt8(ascii: ",") && $1 == UInt8(ascii: "}") }
    }

    private static func isFinite(_ value: JSON) -> Bool {
        switch value {
        case .number(let number): number.isFinite
        case .array(let values): values.allSatisfy(isFinite)
        case .object(let members): members.allSatisfy { isFinite($0.value) }
        default: true
        }
    }

    private static func same(_ ours: JSON, _ theirs: Any) -> Bool {
        switch ours {
        case .null: theirs is NSNull
        case .bool(let value): (theirs as? NSNumber)?.boolValue == value
        case .integer(let value): (theirs as? NSNumber)?.int64Value == Int64(value)
        // Foundation reads a decimal number first, which costs it the last bits.
        case .number(let value):
            (theirs as? NSNumber).map { abs($0.doubleValue - value) <= abs(value) * 1e-12 } ?? false
        case .string(let value): (theirs as? String) == value
        case .array(let values):
            (theirs as? [Any]).map { $0.count == values.count && zip(values, $0).allSatisfy(same) } ?? false
        case .object(let members):
            // Foundation takes two spellings of a letter for one name.
            (theirs as? [String: Any]).map { theirs in
                members.allSatisfy { member in
                    let twins = members.filter { $0.name == member.name }
                    return twins.contains { twin in theirs[member.name].map { same(twin.value, $0) } ?? false }
                }
            } ?? false
        }
    }
}
