import Testing
import HTTPCaching

@Suite struct HTTPDateParsingTests {
    private let now = 1_780_228_800.0

    @Test(
        "all three forms are read",
        arguments: [
            "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
            "sun, 06 nOV 1994 08:49:37 gMT", " Sun, 06 Nov 1994 08:49:37 GMT ",
        ])
    func forms(text: String) {
        #expect(HTTPDate.lenient(text, now: now) == 784_111_777)
    }

    @Test(
        "only the form that is sent is strict",
        arguments: [
            "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "sun, 06 Nov 1994 08:49:37 GMT",
            " Sun, 06 Nov 1994 08:49:37 GMT", "Mon, 06 Nov 1994 08:49:37 GMT", "06 Nov 1994 08:49:37 GMT",
        ])
    func strict(text: String) {
        #expect(HTTPDate.strict(text) == nil)
        #expect(HTTPDate.strict("Sun, 06 Nov 1994 08:49:37 GMT") == 784_111_777)
    }

    @Test(
        "what is no date is none",
        arguments: [
            "", "0", "-1", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 94 08:49:37 GMT",
            "Sun 06 Nov 1994 08:49:37 GMT",
            "Sun,  06 Nov 1994 08:49:37 GMT", "Sun, 06-Nov-1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08.49.37 GMT", "Sun, 06 Nov +994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
        ])
    func refused(text: String) {
        #expect(HTTPDate.lenient(text, now: now) == nil)
    }

    @Test func `a year of two digits lies at most 50 years ahead`() {
        #expect(HTTPDate.lenient("Thursday, 01-Jan-76 00:00:00 GMT", now: now) == 3_345_062_400)
        #expect(HTTPDate.lenient("Saturday, 01-Jan-77 00:00:00 GMT", now: now) == 220_924_800)
    }

    @Test func `text and reading agree over centuries`() {
        for day in stride(from: 0, to: 200_000, by: 97) {
            let time = day * 86_400 + day % 86_400
            #expect(HTTPDate.strict(HTTPDate.text(time)) == Double(time))
            #expect(CivilDate(daysSince1970: day).daysSince1970 == day)
            #expect(CivilDate(daysSince1970: -day).daysSince1970 == -day)
        }
    }
}
