"""Opens the built site in headless Chromium, as visitors do: with a keyboard, on a phone, without JavaScript.

    python Tests/Browser/site.py [dist/public] [folder for screenshots]
"""

import json
import pathlib
import re
import sys
import urllib.error
import urllib.request

from kit import ROOT, Checks, browser, page, served
from playwright.sync_api import expect

PHONE = {"width": 360, "height": 740}
WIDE = {"width": 1440, "height": 900}


def home(instance, base):
    with page(instance, base) as tab:
        assert tab.goto("/").status == 200
        expect(tab.get_by_role("heading", level=1)).to_be_visible()
        assert "Lilypad" in tab.title()


def keyboard(instance, base):
    """From the top of the home page to the live status, by Tab and Enter alone."""
    with page(instance, base) as tab:
        tab.goto("/")
        expect(tab.get_by_role("heading", level=1)).to_be_visible()
        tab.keyboard.press("Tab")
        expect(tab.get_by_role("link", name="Skip to content")).to_be_focused()
        tab.keyboard.press("Enter")
        assert tab.evaluate("document.activeElement.id") == "content"
        tab.goto("/")
        status = tab.get_by_role("navigation", name="Main").get_by_role("link", name="Status")
        expect(status).to_be_visible()
        for _ in range(20):
            tab.keyboard.press("Tab")
            if status.evaluate("element => element === document.activeElement"):
                break
        else:
            raise AssertionError("Tab never reached the Status link")
        tab.keyboard.press("Enter")
        expect(tab).to_have_url(re.compile(r"/status$"))
        expect(tab.get_by_role("main").get_by_role("status")).to_contain_text("The edge is answering")
        expect(tab.get_by_role("main")).to_contain_text("CF_VERSION_METADATA")
        expect(tab).to_have_title(re.compile("Status"))
        # Focus is in the new page, not on a link that is gone, and the back button leads back.
        assert tab.evaluate("document.getElementById('content').contains(document.activeElement)")
        tab.go_back()
        expect(tab).to_have_url(re.compile(r"/$"))


def deep_link(instance, base):
    with page(instance, base) as tab:
        assert tab.goto("/status").status == 200
        expect(tab.get_by_role("main").get_by_role("status")).to_contain_text("The edge is answering")
        assert tab.goto("/search?q=cache").status == 200
        expect(tab.get_by_role("searchbox")).to_have_value("cache")


def search(instance, base):
    with page(instance, base) as tab:
        tab.goto("/search")
        tab.get_by_role("searchbox").fill("getting started")
        results = tab.get_by_role("main").get_by_role("listitem")
        expect(results.first).to_be_visible()
        expect(tab).to_have_url(re.compile(r"q=getting"))
        results.first.get_by_role("link").click()
        expect(tab).to_have_url(re.compile(r"/docs/"))
        expect(tab.get_by_role("heading", level=1)).to_be_visible()


def docs_search(instance, base):
    """The search box of the documentation pages, by keyboard."""
    with page(instance, base) as tab:
        tab.goto("/docs/")
        box = tab.get_by_role("searchbox").first
        box.focus()
        tab.keyboard.type("redirects")
        expect(tab.locator(".docs-results a").first).to_be_visible()
        tab.keyboard.press("ArrowDown")
        tab.keyboard.press("Enter")
        expect(tab).not_to_have_url(re.compile(r"/docs/$"))
        expect(tab.get_by_role("heading", level=1)).to_be_visible()


def every_page(instance, base):
    """Every page of the sitemap opens without a complaint and has one h1, a title and a description."""
    text = urllib.request.urlopen(base + "/sitemap.xml").read().decode()
    paths = [re.sub(r"https?://[^/]+", "", place) for place in re.findall(r"<loc>([^<]+)</loc>", text)]
    assert len(paths) >= 11, f"the sitemap has {len(paths)} pages"
    with page(instance, base) as tab:
        for path in paths:
            answer = tab.goto(path)
            assert answer.status == 200, f"{path}: {answer.status}"
            assert answer.request.redirected_from is None, f"{path} redirects"
            expect(tab.get_by_role("heading", level=1)).to_have_count(1)
            assert tab.title().strip(), path
            assert tab.locator("meta[name=description]").get_attribute("content"), path


def not_found(instance, base):
    with page(instance, base, allow=[r"status of 404"]) as tab:
        assert tab.goto("/no/such/page").status == 404
        expect(tab.get_by_role("heading", level=1)).to_be_visible()
        assert tab.get_by_role("link").count() > 1


def without_scripts(instance, base):
    # With scripts off Chromium counts their preloads as blocked.
    with page(instance, base, java_script_enabled=False, allow=[r"\.js failed: csp"]) as tab:
        tab.goto("/docs/")
        assert tab.locator("h1").is_visible()
        assert tab.locator("article").inner_text().strip()
        assert tab.locator("nav a[href^='/docs']").count() >= 10
        tab.goto("/")
        assert "documentation" in tab.locator("body").inner_text()


def phone(instance, base):
    with page(instance, base, viewport=PHONE) as tab:
        for path in ("/", "/status", "/search?q=cache", "/docs/", "/docs/wrangler-toml"):
            tab.goto(path)
            expect(tab.get_by_role("heading", level=1)).to_be_visible()
            wide = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{path} scrolls sideways by {wide} px at 360 px"


def themes(instance, base):
    """Text keeps a contrast of 4.5 to its background in both themes (WCAG 2.2, 1.4.3)."""
    measure = (pathlib.Path(__file__).parent / "contrast.js").read_text()
    for scheme in ("light", "dark"):
        with page(instance, base, color_scheme=scheme) as tab:
            for path in ("/", "/status", "/search?q=cache", "/docs/", "/docs/getting-started"):
                tab.goto(path)
                expect(tab.get_by_role("heading", level=1)).to_be_visible()
                low = tab.evaluate(measure)
                assert not low, f"{path} in the {scheme} theme: {low[:5]}"


def names(instance, base):
    """Everything that can be pressed has a name, every image a text, every id is unique."""
    with page(instance, base) as tab:
        for path in ("/", "/status", "/search", "/docs/", "/docs/command-line"):
            tab.goto(path)
            expect(tab.get_by_role("heading", level=1)).to_be_visible()
            nameless = tab.evaluate("""() => [...document.querySelectorAll('a[href], button, input, select, summary')]
                .filter((element) => element.checkVisibility())
                .filter((element) => !(element.innerText?.trim() || element.getAttribute('aria-label')
                    || element.labels?.length || element.title || element.querySelector('[aria-label], title')))
                .map((element) => element.outerHTML.slice(0, 100))""")
            assert not nameless, f"{path}: {nameless}"
            images = tab.evaluate("[...document.images].filter((image) => !image.hasAttribute('alt')).length")
            assert images == 0, f"{path} has {images} images without a text"
            doubled = tab.evaluate("""() => { const ids = [...document.querySelectorAll('[id]')].map((e) => e.id)
                return ids.filter((id, index) => ids.indexOf(id) !== index) }""")
            assert not doubled, f"{path}: {doubled}"


def tampered(instance, base):
    """A module that differs by one byte from what was built does not run: the import map's integrity is enforced."""
    with page(instance, base, allow=[r"integrity", r"Failed to fetch", r"ERR_FAILED", r"dynamically imported", r"failed:"]) as tab:
        document = urllib.request.urlopen(base + "/").read().decode()
        table = json.loads(re.search(r"<script type=.importmap.[^>]*>(.*?)</script>", document, re.S).group(1))
        target = next(url for name, url in table["imports"].items() if "status" in name.lower())
        assert table["integrity"][target].startswith("sha")

        def spoil(route):
            answer = route.fetch()
            route.fulfill(response=answer, body=answer.body() + b"\n;document.title = 'tampered'")

        tab.route("**" + target, spoil)
        tab.goto("/status")
        expect(tab.get_by_role("heading", level=1)).to_be_visible()
        assert tab.title() != "tampered"
        assert tab.get_by_text("The edge is answering").count() == 0


def caching(base):
    """Hashed files are kept for good, pages are asked for again, and both lie packed."""
    document = urllib.request.urlopen(base + "/").read().decode()
    script = re.search(r'<script type="module"[^>]* src="([^"]+)"', document).group(1)
    request = urllib.request.Request(base + script, headers={"Accept-Encoding": "br"})
    answer = urllib.request.urlopen(request)
    assert "immutable" in answer.headers["cache-control"], answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "br"
    assert answer.headers["vary"] == "Accept-Encoding"
    page_headers = urllib.request.urlopen(base + "/").headers
    assert "max-age=0" in page_headers["cache-control"]
    for name in ("content-security-policy", "x-content-type-options", "referrer-policy", "permissions-policy"):
        assert page_headers[name], f"{name} is missing"
    assert page_headers["strict-transport-security"] is None, "HSTS on localhost would lock the developer out"
    hosted = urllib.request.urlopen(urllib.request.Request(base + "/", headers={"Host": "lilypad.mirascope.com"}))
    assert hosted.headers["strict-transport-security"], "HSTS is missing for the site's own host"


def private_files(base):
    """Packed copies, rules and source maps are not pages of their own."""
    document = urllib.request.urlopen(base + "/").read().decode()
    script = re.search(r'<script type="module"[^>]* src="([^"]+)"', document).group(1)
    for path in ("/_headers", "/_redirects", "/.assetsignore", "/manifest.json", script + ".br", script + ".map"):
        try:
            urllib.request.urlopen(base + path)
        except urllib.error.HTTPError as error:
            assert error.code == 404, f"{path}: {error.code}"
        else:
            raise AssertionError(f"{path} is public")


def screenshots(instance, base, folder):
    folder.mkdir(parents=True, exist_ok=True)
    shots = {"home": "/", "status": "/status", "search": "/search?q=cache", "docs": "/docs/getting-started", "404": "/nowhere"}
    for scheme in ("light", "dark"):
        for width in (1440, 390):
            size = {"width": width, "height": 900}
            with page(instance, base, viewport=size, color_scheme=scheme, allow=[r"404"]) as tab:
                for name, path in shots.items():
                    tab.goto(path)
                    expect(tab.get_by_role("heading", level=1)).to_be_visible()
                    tab.wait_for_load_state("networkidle")
                    tab.screenshot(path=str(folder / f"{name}-{width}-{scheme}.png"), full_page=name != "docs")


def main():
    public = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "dist/public").resolve()
    checks = Checks()
    with served("--assets", public) as base, browser() as instance:
        for check in (home, keyboard, deep_link, search, docs_search, every_page, not_found, without_scripts, phone,
                      themes, names, tampered):
            checks.run(check.__name__.replace("_", " "), check, instance, base)
        checks.run("caching", caching, base)
        checks.run("private files", private_files, base)
        if len(sys.argv) > 2:
            checks.run("screenshots", screenshots, instance, base, pathlib.Path(sys.argv[2]))
    checks.finish()


if __name__ == "__main__":
    main()
