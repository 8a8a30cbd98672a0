import Testing

import HTTPCaching

@Suite struct HTTPDateTests {
    @Test(
        "formats dates as RFC 9110 does",
        arguments: [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        ])
    func formats(seconds: Int, expected: String) {
        #expect(HTTPDate.text(seconds) == expected)
    }
}
