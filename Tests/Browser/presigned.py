"""A page of another origin uploads and downloads by presigned URLs, in headless Chromium: what CORS is for."""

import contextlib
import datetime
import hashlib
import hmac
import http.server
import json
import pathlib
import sys
import tempfile
import threading
import urllib.parse
import urllib.request

from kit import browser, page
from tally import Checks

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Commands"))
from ledger import CONFIG  # noqa: E402
from runtime import Edge  # noqa: E402


class Signer:
    """Signs URLs (Amazon S3 API Reference, "Authenticating requests: using query parameters")."""

    def __init__(self, url, access, secret):
        self.url, self.access, self.secret = url, access, secret
        self.host = urllib.parse.urlsplit(url).netloc

    def sign(self, method, path, seconds=60, **query):
        stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{stamp[:8]}/auto/s3/aws4_request"
        query |= {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": f"{self.access}/{scope}", "X-Amz-Date": stamp,
            "X-Amz-Expires": str(seconds), "X-Amz-SignedHeaders": "host"}
        text = "&".join(f"{quoted(name)}={quoted(value)}" for name, value in sorted(query.items()))
        canonical = f"{method}\n{path}\n{text}\nhost:{self.host}\n\nhost\nUNSIGNED-PAYLOAD"
        key = ("AWS4" + self.secret).encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        signature = hmac.new(key, f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}".encode(), "sha256").hexdigest()
        return f"{self.url}{path}?{text}&X-Amz-Signature={signature}"

    def ask(self, method, path, body=None, **query):
        request = urllib.request.Request(self.sign(method, path, **query), body, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()


def quoted(text):
    return urllib.parse.quote(text, safe="~")


@contextlib.contextmanager
def stage():
    """The emulator with a bucket, a page of another origin, and a signer."""
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lilypad-presigned-")))
        (folder / "wrangler.toml").write_text(CONFIG)
        (folder / "page").mkdir()
        (folder / "page/index.html").write_text("<!doctype html><title>Elsewhere</title><link rel=icon href=data:,>")
        edge = stack.enter_context(Edge(folder, "--port", 0, "--no-request-log", program="example-edge"))
        account = json.loads((folder / ".lilypad/credentials.json").read_text())
        url = edge.wait_for(r"^listening s3 ").split()[-1]

        def handler(*arguments):
            return Quiet(*arguments, directory=str(folder / "page"))

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stack.callback(server.shutdown)
        yield Signer(url, account["s3AccessKeyId"], account["s3SecretAccessKey"]), (
            f"http://127.0.0.1:{server.server_address[1]}")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


PUT = """async ([url, text, type]) => {
  const answer = await fetch(url, { method: 'PUT', body: text, headers: { 'content-type': type } })
  return [answer.status, answer.headers.get('etag')]
}"""

GET = """async (url) => {
  const answer = await fetch(url)
  return [answer.status, await answer.text(), answer.headers.get('content-type'), answer.headers.get('etag')]
}"""

FAILS = "(url) => fetch(url).then(() => 'answered', (error) => error.name)"


def rules(origin):
    return f"""<CORSConfiguration><CORSRule><AllowedOrigin>{origin}</AllowedOrigin><AllowedMethod>GET</AllowedMethod>
        <AllowedMethod>PUT</AllowedMethod><AllowedHeader>content-type</AllowedHeader><ExposeHeader>ETag</ExposeHeader>
        </CORSRule></CORSConfiguration>""".encode()


def uploads_and_downloads(instance, signer, origin):
    signer.ask("PUT", "/objects", rules(origin), cors="")
    with page(instance, origin) as tab:
        tab.goto("/")
        text = "from the browser: ä, 日本"
        path = "/objects/" + quoted("a b+ü.txt")
        status, etag = tab.evaluate(PUT, [signer.sign("PUT", path), text, "text/x-browser"])
        assert status == 200 and etag == f'"{hashlib.md5(text.encode()).hexdigest()}"', (status, etag)
        assert signer.ask("GET", path) == text.encode()
        assert tab.evaluate(GET, signer.sign("GET", path)) == [200, text, "text/x-browser", etag]
        # Twenty megabytes, so that it comes in many pieces.
        status, _ = tab.evaluate(
            PUT.replace("body: text", "body: text.repeat(20_000_000)"), [signer.sign("PUT", path), "x", "text/plain"])
        assert status == 200
        assert len(signer.ask("GET", path)) == 20_000_000


def stays_out_without_a_rule(instance, signer, origin):
    signer.ask("PUT", "/objects/k", b"secret")
    signer.ask("PUT", "/objects", rules("https://shop.example"), cors="")
    with page(instance, origin, allow=["CORS policy", "ERR_FAILED"]) as tab:
        tab.goto("/")
        assert tab.evaluate(FAILS, signer.sign("GET", "/objects/k")) == "TypeError"


def refuses_what_was_not_signed(instance, signer, origin):
    signer.ask("PUT", "/objects", rules(origin), cors="")
    with page(instance, origin, allow=["403"]) as tab:
        tab.goto("/")
        url = signer.sign("GET", "/objects/k")
        status, text, _, _ = tab.evaluate(GET, url.replace("/objects/k?", "/objects/other?"))
        # The error can be read, too: it is an answer to the page.
        assert status == 403 and "<Code>SignatureDoesNotMatch</Code>" in text, (status, text)


def main():
    checks = Checks()
    with stage() as (signer, origin), browser() as instance:
        checks.run("a page uploads and downloads by presigned URLs", uploads_and_downloads, instance, signer, origin)
        checks.run("a page that no rule names stays out", stays_out_without_a_rule, instance, signer, origin)
        checks.run("a URL is good for one object", refuses_what_was_not_signed, instance, signer, origin)
    checks.finish()


if __name__ == "__main__":
    main()
