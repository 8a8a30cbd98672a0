"""Opens the built site over HTTPS in headless Chromium: over HTTP/2, with pages, assets and the Worker, without a complaint.

    python Tests/Browser/https.py [dist/public]

The authority is made in a folder of its own. A client that trusts it verifies the server's certificate; the key in that
certificate, and no other, is what Chromium is told to accept. Without it, it refuses.
"""

import base64
import contextlib
import hashlib
import os
import pathlib
import socket
import ssl
import sys
import tempfile
import urllib.request

from kit import CHROMIUM, ROOT, Checks, page, served
from playwright.sync_api import Error, expect, sync_playwright


def secure(authority):
    """A client that trusts the file and checks everything else: names, times, limits of the authority."""
    return ssl.create_default_context(cafile=str(authority))


def key_of(base, authority):
    """The SHA-256 of the server's public key, as Chromium wants it, from a connection that has been verified."""
    host, port = base.removeprefix("https://").split(":")
    with socket.create_connection((host, int(port)), 10) as plain:
        with secure(authority).wrap_socket(plain, server_hostname=host) as connection:
            certificate = connection.getpeercert(binary_form=True)
    return base64.b64encode(hashlib.sha256(public_key(certificate)).digest()).decode()


def public_key(certificate):
    """The SubjectPublicKeyInfo of a certificate in DER: the seventh part of what is signed (RFC 5280 §4.1)."""
    _, inside = parts(certificate)[0]
    return parts(parts(inside)[0][1])[6][0]


def parts(der):
    """The elements that follow each other in DER: each as a whole, and its content (X.690 §8.1)."""
    found = []
    while der:
        length, begin = der[1], 2
        if length & 0x80:
            begin += length & 0x7F
            length = int.from_bytes(der[2:begin], "big")
        found.append((der[:begin + length], der[begin:begin + length]))
        der = der[begin + length:]
    return found


@contextlib.contextmanager
def chromium(playwright, folder, base, *arguments):
    """Chromium with a profile of its own: it takes the list of keys only with one."""
    context = playwright.chromium.launch_persistent_context(
        folder, executable_path=CHROMIUM, args=["--no-sandbox", *arguments], base_url=base)
    context.set_default_timeout(20_000)
    try:
        yield Profile(context)
    finally:
        context.close()


class Profile:
    """What `kit.page` needs of a browser; the one context that a profile has outlives its pages."""

    def __init__(self, context):
        self.context = context

    def new_context(self, **_):
        return _Shared(self.context)


class _Shared:
    def __init__(self, context):
        self._context = context

    def __getattr__(self, name):
        return getattr(self._context, name)

    def close(self):
        for tab in self._context.pages[1:]:
            tab.close()


def refused(playwright, folder, base):
    """Without the authority the certificate is worth nothing; if this passes, the rest says nothing."""
    with chromium(playwright, folder, base) as profile:
        try:
            profile.context.new_page().goto("/")
        except Error as error:
            assert "ERR_CERT_AUTHORITY_INVALID" in str(error), error
        else:
            raise AssertionError("a browser that was told nothing opened the page")


def home(profile, base):
    """The page, its assets and the Worker, all over HTTP/2."""
    with page(profile, base) as tab:
        answer = tab.goto("/status")
        assert answer.status == 200
        expect(tab.get_by_role("main").get_by_role("status")).to_contain_text("The edge is answering")
        assert tab.evaluate("isSecureContext && location.protocol") == "https:"
        entries = tab.evaluate(
            "['navigation', 'resource'].flatMap((type) => performance.getEntriesByType(type))"
            ".map((entry) => [new URL(entry.name).pathname, entry.nextHopProtocol])")
        paths = [path for path, _ in entries]
        assert any(path.startswith("/assets/") and path.endswith(".js") for path in paths), entries
        assert any(path.startswith("/assets/") and path.endswith(".css") for path in paths), entries
        assert "/api/v1/status" in paths, entries
        assert all(protocol == "h2" for _, protocol in entries), entries


def worker(profile, base):
    """A body and its answer, a redirect of the assets, and a page that does not exist."""
    with page(profile, base, allow=["404"]) as tab:
        tab.goto("/")
        seen = tab.evaluate(
            "fetch('/api/v1/status', { cache: 'no-store' })"
            ".then(async (response) => [response.status, typeof await response.json(), response.url])")
        assert seen == [200, "object", base + "/api/v1/status"], seen
        assert tab.evaluate("fetch('/api/nothing').then((response) => response.status)") == 404


def issued(profile, base):
    """What a person sees who looks at the certificate."""
    with page(profile, base) as tab:
        details = tab.goto("/").security_details()
        assert details["protocol"] == "TLS 1.3", details
        assert details["issuer"].startswith("Lilypad local authority"), details
        assert details["subjectName"] == "localhost", details
        assert 0 < details["validTo"] - details["validFrom"] <= 398 * 86_400, details


def trusted(authority, base):
    """What `lilypad trust` tells other programs to do."""
    with urllib.request.urlopen(base + "/api/v1/status", context=secure(authority), timeout=10) as answer:
        assert answer.status == 200


def main():
    public = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "dist/public").resolve()
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        os.environ["XDG_DATA_HOME"] = folder
        base = stack.enter_context(served("--https", "--assets", public))
        base = base.replace("127.0.0.1", "localhost")
        authority = pathlib.Path(folder, "lilypad/tls/authority.pem")
        playwright = stack.enter_context(sync_playwright())
        checks.run("trusted", trusted, authority, base)
        checks.run("refused", refused, playwright, folder + "/bare", base)
        key = "--ignore-certificate-errors-spki-list=" + key_of(base, authority)
        with chromium(playwright, folder + "/told", base, key) as profile:
            for check in (home, worker, issued):
                checks.run(check.__name__, check, profile, base)
    checks.finish()


if __name__ == "__main__":
    main()
