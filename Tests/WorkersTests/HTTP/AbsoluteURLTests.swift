import Testing
import Workers

@Suite struct AbsoluteURLTests {
    @Test(
        "a URL has one form",
        arguments: [
            ("https://shop.test", "https://shop.test/"),
            ("HTTPS://SHOP.test:443/X?b=2&a=1#frag", "https://shop.test/X?b=2&a=1"),
            ("http://shop.test:443/", "http://shop.test:443/"),
            ("http://shop.test:0080/", "http://shop.test/"),
            ("http://shop.test:/", "http://shop.test/"),
            ("  https://shop.test/a\n b  ", "https://shop.test/a%20b"),
            ("https:\\\\shop.test\\a\\b", "https://shop.test/a/b"),
            ("https:////shop.test/a", "https://shop.test/a"),
            ("https://shop.test/a/../b/./c/%2e%2E/d/..", "https://shop.test/b/"),
            ("https://shop.test/../..//x", "https://shop.test//x"),
            ("https://shop.test/a//../b", "https://shop.test/a/b"),
            ("https://shop.test/ü%2f<>`{}\"?ü'<> ", "https://shop.test/%C3%BC%2f%3C%3E%60%7B%7D%22?%C3%BC%27%3C%3E"),
            ("https://shop.test?", "https://shop.test/?"),
            ("https://shop.test/?a=/../b?c", "https://shop.test/?a=/../b?c"),
            ("https://sh%6Fp.test/", "https://shop.test/"),
            ("https://münchen.test/", "https://xn--mnchen-3ya.test/"),
            ("https://MÜNCHEN.test/", "https://xn--mnchen-3ya.test/"),
            ("https://日本語.jp/", "https://xn--wgv71a119e.jp/"),
            ("https://127.1/", "https://127.0.0.1/"),
            ("https://0x7F000001/", "https://127.0.0.1/"),
            ("https://0177.0.0.1./", "https://127.0.0.1/"),
            ("https://[2001:DB8::0:1]:8443/", "https://[2001:db8::1]:8443/"),
            ("https://[::ffff:1.2.3.4]/", "https://[::ffff:102:304]/"),
            ("https://[1:0:0:2:0:0:0:3]/", "https://[1:0:0:2::3]/"),
            ("https://[0:0:0:0:0:0:0:0]/", "https://[::]/"),
        ])
    func serialised(text: String, url: String) {
        #expect(AbsoluteURL(text)?.text == url)
    }

    @Test(
        "what is no absolute URL is refused",
        arguments: [
            "", "/item/9", "shop.test/x", "//shop.test/", "https:", "https:/x", "https://", "https:///",
            "ftp://shop.test/",
            "data:text/plain,x", "https://a b/", "https://user@shop.test/", "https://u:p@shop.test/",
            "https://shop.test:65536/",
            "https://shop.test:8o/", "https://shop.test:-1/", "https://[::1/", "https://[1:2]/", "https://[1::2::3]/",
            "https://[12345::]/", "https://1.2.3.4.5/", "https://256.256.256.256/", "https://a.1.0x/", "https://a%00b/",
            "https://a%2Fb/", "https://%ff/", "https://a|b/", "https://[:::]/",
            // An IPv4 address stands only at the end of an IPv6 one, and its numbers have no zeros in front.
            "https://[1.2.3.4::]/", "https://[::01.2.3.4]/", "https://[::1.2.3.4.5]/", "https://[::1.2.3.]/",
            "https://[-0::]/", "https://[::+1]/",
            // Numbers that are too large are no names.
            "https://0xffffffffffffffffff/", "https://1.0xffffffffffffffffff/",
        ])
    func refused(text: String) {
        #expect(AbsoluteURL(text) == nil)
    }
}
