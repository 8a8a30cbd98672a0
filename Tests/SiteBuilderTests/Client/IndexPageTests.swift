import Testing

@testable import SiteBuilder

@Suite struct IndexPageTests {
    private func page(_ template: String) -> IndexPage {
        var page = IndexPage(template: template, name: "app/index.html")
        page.styles = [.init(url: "/assets/app.css", integrity: "sha384-s")]
        page.importMap = ImportMap(imports: ["react": "/assets/react.js"], integrity: ["/assets/react.js": "sha384-r"])
        page.preloads = [.init(url: "/assets/react.js", integrity: "sha384-r")]
        page.scripts = [.init(url: "/assets/main.js", integrity: "sha384-m")]
        return page
    }

    @Test func `the head gets styles, import map, preloads and the entry, in the order browsers need`() throws {
        let html = try page("<head>\n  <title>T</title>\n</head>\n<body></body>").rendered().html
        #expect(
            html == """
                <head>
                  <title>T</title>
                  <link rel="stylesheet" href="/assets/app.css" integrity="sha384-s">
                  <script type="importmap">{"imports":{"react":"/assets/react.js"},"integrity":{"/assets/react.js":"sha384-r"}}</script>
                  <link rel="modulepreload" href="/assets/react.js" integrity="sha384-r">
                  <script type="module" src="/assets/main.js" integrity="sha384-m"></script>
                </head>
                <body></body>
                """)
    }

    @Test(arguments: [
        "<head><!-- <script> --><script>1</script></head>",
        "<HEAD lang=en>\n<meta charset=utf-8>\n<Script type=module src=x></Script></HEAD >",
        "<head><link rel=modulepreload href=x></head>",
    ])
    func `the import map comes before every script`(template: String) throws {
        let html = try page(template).rendered().html
        let map = try #require(html.firstRange(of: "<script type=\"importmap\">")).lowerBound
        let comment = html.firstRange(of: "-->")?.upperBound ?? html.startIndex
        let rest = html[comment...]
        let first = try #require(rest.firstRange(of: /<script|modulepreload/.ignoresCase())).lowerBound
        #expect(map == first)
    }

    @Test func `every inline script has its hash, others have none`() throws {
        let rendered = try page("<head><script>alert(1)</script><script src=\"/x.js\"></script></head>").rendered()
        #expect(rendered.inlineScriptHashes.count == 2)
        // printf 'alert(1)' | openssl dgst -sha256 -binary | base64
        #expect(rendered.inlineScriptHashes[1] == "sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=")
    }

    @Test func `JSON in a script element cannot end it`() {
        let map = ImportMap(imports: ["</script><!--": "/a\"\\\u{2028}\n.js"])
        #expect(map.json() == #"{"imports":{"\u003c/script\u003e\u003c!--":"/a\"\\\u2028\n.js"}}"#)
    }

    @Test(arguments: [
        ("app/routes/home.tsx", "home"), ("app/routes/traces/index.tsx", "traces"), ("docs/_docs.css", "docs"),
        ("app/routes/$id.tsx", "id"), ("app/naïve file.tsx", "na-ve-file"), ("app/...tsx", "file"),
        ("app/a.module.css", "a.module"),
    ])
    func `file names keep only letters that nothing treats specially`(module: String, name: String) {
        #expect(AssetName.sanitized(AssetName.ofModule(module)) == name)
    }
}
