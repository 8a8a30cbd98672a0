import Testing

@testable import SiteBuilder

@Suite struct ManifestTests {
    private var manifest: Manifest {
        Manifest(files: [
            .init(
                path: "public/index.html", size: 12, sha256: "ab", contentType: "text/html; charset=utf-8",
                encodings: ["gzip": .init(size: 9, sha256: "ef"), "br": .init(size: 7, sha256: "cd")]),
            .init(path: "public/a\"b.bin", size: 1, sha256: "00", contentType: nil),
            .init(path: "maps/a.js.map", size: 3, sha256: "11", contentType: "application/json"),
            .init(
                path: "public/assets/a.js", size: 2, sha256: "22", contentType: "text/javascript; charset=utf-8",
                integrity: "sha256-xyz="),
        ])
    }

    @Test func `the file is sorted and the same every time`() {
        #expect(
            String(decoding: manifest.json(), as: UTF8.self) == #"""
                {
                  "bundle": "\#(manifest.bundle)",
                  "files": [
                    {"contentType": "application/json", "encodings": {}, "path": "maps/a.js.map", "sha256": "11", "size": 3},
                    {"encodings": {}, "path": "public/a\"b.bin", "sha256": "00", "size": 1},
                    {"contentType": "text/javascript; charset=utf-8", "encodings": {}, "integrity": "sha256-xyz=", "path": "public/assets/a.js", "sha256": "22", "size": 2},
                    {"contentType": "text/html; charset=utf-8", "encodings": {"br": {"sha256": "cd", "size": 7}, "gzip": {"sha256": "ef", "size": 9}}, "path": "public/index.html", "sha256": "ab", "size": 12}
                  ],
                  "version": 1
                }

                """#)
    }

    @Test func `what was written is read`() {
        #expect(Manifest(json: manifest.json()) == manifest)
        #expect(Manifest(json: Manifest(files: []).json()) == Manifest(files: []))
    }

    @Test func `the bundle is named by its content, not by its packing`() {
        var packed = manifest.files
        for index in packed.indices { packed[index].encodings = [:] }
        #expect(Manifest(files: packed).bundle == manifest.bundle)
        packed[0].sha256 = "ff"
        #expect(Manifest(files: packed).bundle != manifest.bundle)
        // printf '%s  %s\n' 00 a | sha256sum
        let one = Manifest(files: [.init(path: "a", size: 0, sha256: "00", contentType: nil)])
        #expect(one.bundle == ContentDigest(of: "00  a\n").hex)
    }

    @Test("other JSON is no manifest", arguments: ["", "{}", "[]", #"{"version":2,"bundle":"","files":[]}"#])
    func refuses(text: String) {
        #expect(Manifest(json: Array(text.utf8)) == nil)
    }

    @Test func `fingerprints are spelled as sha256sum does`() {
        #expect(ContentDigest(of: "").hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }
}
