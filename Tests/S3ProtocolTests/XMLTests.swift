import Testing

@testable import S3Protocol

@Suite struct XMLTests {
    private static func read(_ text: String) throws(XMLFault) -> XMLElement { try XMLReader.parse(Array(text.utf8)) }

    @Test func `elements, text and what is around them`() throws {
        let root = try Self.read(
            """
            \u{FEFF}<?xml version='1.0' encoding="UTF-8"?>
            <!-- first -->
            <s:Delete xmlns:s="http://x" a = '1>2'>
              <Object><Key>a&amp;b&#65;&#x42;<![CDATA[<c>]]></Key></Object><Quiet/>
            </s:Delete>
            <!-- last -->
            """)
        #expect(root.name == "Delete")
        #expect(root["Object"]?.text("Key") == "a&bAB<c>")
        #expect(root.all("Quiet").count == 1)
    }

    @Test(
        "refuses what is no document, and says where",
        arguments: [
            ("", "Line 1, column 1: an element is missing."), ("<a>", "Line 1, column 4: <a> does not end."),
            ("<a></b>", "Line 1, column 7: <a> ends with another name."), ("<a/><b/>", "behind the end"),
            ("<!DOCTYPE a><a/>", "an element is missing"), ("<a><!ENTITY b 'c'></a>", "document type"),
            ("<a>&b;</a>", "&b; is no reference"), ("<a>&#xD800;</a>", "no reference"), ("<a b=1/>", "not in quotes"),
            ("<a b='1'c='2'/>", "a blank is missing"), ("<a b/>", "has no value"),
            ("<a>\n\n<b></a>", "Line 3, column 7"),
            ("<a>\u{1}</a>", "control character"), ("<1/>", "a name is missing"), ("<a b='<'/>", "in an attribute"),
            ("<a>&#-1;</a>", "no reference"), ("<a>&amp</a>", "reference"), ("x<a/>", "an element is missing"),
        ])
    func refuses(text: String, expected: String) {
        #expect {
            try Self.read(text)
        } throws: { error in
            "\(error)".contains(expected)
        }
    }

    @Test func `depth and number of elements are bounded`() {
        #expect(throws: XMLFault.self) {
            try Self.read(String(repeating: "<a>", count: 17) + String(repeating: "</a>", count: 17))
        }
        #expect(throws: XMLFault.self) { try Self.read("<a>" + String(repeating: "<b/>", count: 50_001) + "</a>") }
        #expect(throws: XMLFault.self) { try XMLReader.parse([0x3C, 0x61, 0x3E, 0xFF, 0x3C, 0x2F, 0x61, 0x3E]) }
    }

    @Test func `what is written is read again`() throws {
        let text = "a&b<c>\"'\t\n\r\u{7F}é🦔 \u{1}"
        let bytes = XMLWriter.document("A") { $0.text("B", text) }
        #expect(try XMLReader.parse(bytes).text("B") == text)
    }
}

@Suite struct DocumentTests {
    @Test(
        "refuses documents that are not as they have to be",
        arguments: [
            "<Delete/>", "<Delete><Object/></Delete>", "<Delete><Other/></Delete>", "<Remove/>", "<Delete>",
            "<Delete><Object><Key>a</Key><Colour/></Object></Delete>",
        ])
    func deletes(text: String) {
        #expect { try DeleteRequest(Array(text.utf8)) } throws: { ($0 as? S3Error)?.code == "MalformedXML" }
    }

    @Test func `parts have numbers, etags and perhaps checksums`() throws {
        let text = """
            <CompleteMultipartUpload><Part><ETag>"abc"</ETag><PartNumber>2</PartNumber>\
            <ChecksumCRC32>AAAAAA==</ChecksumCRC32></Part><Part><ETag>def</ETag><PartNumber> 1 </PartNumber></Part>\
            </CompleteMultipartUpload>
            """
        let parts = try CompleteMultipartUploadRequest(Array(text.utf8)).parts
        #expect(parts.map(\.number) == [2, 1])
        #expect(parts.map(\.etag) == ["abc", "def"])
        #expect(parts[0].checksum?.bytes == [0, 0, 0, 0])
    }

    @Test func `a lifecycle configuration comes back as it went`() throws {
        var rule = LifecycleConfigurationDocument.Rule()
        rule.id = "a&b"
        rule.prefix = "p/"
        rule.expiration = .date(1_790_467_200)
        rule.transition = .days(3)
        rule.abortsUploadsAfter = 7
        let document = LifecycleConfigurationDocument(rules: [rule])
        #expect(try LifecycleConfigurationDocument(document.xml) == document)
    }

    @Test(
        "moments",
        arguments: [
            ("2026-09-27T00:00:00Z", 1_790_467_200), ("2026-09-27T00:00:00.000Z", 1_790_467_200),
            ("2026-09-27", 1_790_467_200),
            ("2026-09-27T00:00:00+00:00", 1_790_467_200), ("20260927", nil), ("2026-13-01", nil), ("soon", nil),
        ] as [(String, Double?)])
    func moments(text: String, seconds: Double?) {
        #expect(S3Time.seconds(text) == seconds)
    }

    @Test func `a moment has milliseconds`() {
        #expect(S3Time.text(1_790_467_200.25) == "2026-09-27T00:00:00.250Z")
    }

    @Test(
        "metadata beyond ASCII is in encoded words",
        arguments: [
            ("plain", "plain"), ("=?UTF-8?B?w6TDtsO8?=", "äöü"), ("=?utf-8?q?=C3=A4_b?=", "ä b"),
            ("=?UTF-8?B?w6Q=?= =?UTF-8?B?w7Y=?=", "äö"), ("a =?UTF-8?B?w6Q=?= b", "a ä b"),
            ("=?UTF-8?B?***?=", "=?UTF-8?B?***?="), ("=?ISO-8859-1?Q?=E4?=", "ä"),
            ("=?UTF-8?Q?=ff?=", "=?UTF-8?Q?=ff?="),
            ("a=b?c", "a=b?c"),
        ])
    func metadata(field: String, text: String) {
        #expect(S3MetadataValue.decoded(field) == text)
        #expect(S3MetadataValue.decoded(S3MetadataValue.encoded(text)) == text)
    }
}
