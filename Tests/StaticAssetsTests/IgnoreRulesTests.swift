import StaticAssets
import Testing

@Suite struct IgnoreRulesTests {
    @Test(
        "patterns mean what they mean in .gitignore",
        arguments: [
            ("*.br", "/a.br", true), ("*.br", "/x/y/a.br", true), ("*.br", "/a.br.txt", false), ("/a", "/a", true),
            ("/a", "/x/a", false), ("x/a", "/x/a", true), ("x/a", "/y/x/a", false), ("a", "/x/y/a", true),
            ("**/a", "/a", true), ("**/a", "/x/y/a", true), ("a/**", "/a/b/c", true), ("a/**", "/a", false),
            ("a/**/z", "/a/z", true), ("a/**/z", "/a/b/c/z", true), ("a/*", "/a/b/c", false), ("a/*", "/a/b", true),
            ("a?c", "/abc", true), ("a?c", "/a/c", false), ("[ab].txt", "/b.txt", true), ("[!ab].txt", "/b.txt", false),
            ("[a-c]x", "/bx", true), ("[]]x", "/]x", true), ("[x", "/[x", true), ("\\*", "/*", true),
            ("\\*", "/a", false),
            ("\\#a", "/#a", true), ("#a", "/#a", false), ("\\!a", "/!a", true), ("a ", "/a", true),
            ("a\\ ", "/a ", true),
            ("a\r", "/a", true), ("a/", "/a", false), ("*.br\n!keep.br", "/keep.br", false),
            ("!keep.br\n*.br", "/keep.br", true), ("", "/a", false), (".*", "/.git", true), ("*", "/.a", true),
            ("日*", "/日本", true), ("A", "/a", false), ("a**b", "/axxb", true),
        ])
    func files(text: String, path: String, ignored: Bool) {
        #expect(IgnoreRules(text).ignores(path, isFolder: false) == ignored)
    }

    @Test func `stars cost no more than the product of pattern and name`() {
        let stars = IgnoreRules(String(repeating: "*a", count: 40) + "b")
        #expect(!stars.ignores(String(repeating: "a", count: 200), isFolder: false))
        let folders = IgnoreRules(String(repeating: "**/a/", count: 40) + "b")
        #expect(!folders.ignores(String(repeating: "a/", count: 200), isFolder: false))
        #expect(IgnoreRules("**/a/**/b/*c*").ignores("x/a/b/a/y/b/bcb", isFolder: false))
    }

    @Test func `a slash at the end means folders only`() {
        #expect(IgnoreRules("a/").ignores("/x/a", isFolder: true))
        #expect(!IgnoreRules("a/").ignores("/x/a", isFolder: false))
    }
}
