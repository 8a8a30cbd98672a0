"""`lilypad-edge proxy` as a process: a store that outlives it, purges, HTTPS, and starts that fail."""

import collections
import contextlib
import http.client
import http.server
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Browser"))
from runtime import PATIENCE, Proxy, refused  # noqa: E402
from tally import BIN, Checks  # noqa: E402

SIZES = (10, 5_000, 600_000)


class Origin(http.server.BaseHTTPRequestHandler):
    """Counts what it is asked; the content follows from the path."""

    protocol_version = "HTTP/1.1"
    # Head and content in one packet: a second one would wait for the first to be acknowledged.
    wbufsize = 1 << 16
    asked = collections.Counter()

    def do_GET(self):
        Origin.asked[self.path] += 1
        body = content(self.path)
        self.send_response(200)
        self.send_header("Cache-Control", "max-age=3600")
        self.send_header("Cache-Tag", f"all,{self.path.strip('/').split('/')[0]}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def content(path):
    """`/NAME/SIZE/…`"""
    return (path.encode() * 100_000)[: int(path.split("/")[2])]


@contextlib.contextmanager
def origin():
    Origin.asked.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Origin)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def get(port, path, host="a.test"):
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    client.request("GET", path, headers={"Host": host})
    answer = client.getresponse()
    body = answer.read()
    client.close()
    assert (answer.status, body) == (200, content(path)), (path, answer.status, len(body))
    return "; hit" in answer.headers["Cache-Status"]


def control(path, method, target, body=None):
    """Asks over the unix socket; the status and the JSON."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE)
        client.connect(str(path))
        text = json.dumps(body) if body is not None else ""
        client.sendall(
            f"{method} {target} HTTP/1.1\r\nHost: control\r\nConnection: close\r\nContent-Length: {len(text)}\r\n\r\n{text}"
            .encode())
        data = b""
        while part := client.recv(65536):
            data += part
    head, _, rest = data.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(rest)


def what_was_stored_outlives_a_kill():
    with tempfile.TemporaryDirectory(prefix="lilypad-proxy-") as name, origin() as url:
        folder = pathlib.Path(name)
        paths = [f"/a/{size}/{number}" for size in SIZES for number in range(10)]
        arguments = ("--upstream", url, "--port", "0", "--store", folder / "store")
        stored = set()
        for round_ in range(4):
            with Proxy(folder, *arguments) as proxy:
                # What was read from the store before is read from it again.
                for path in stored:
                    assert get(proxy.port, path), path
                for path in paths:
                    get(proxy.port, path)
                hits = {path for path in paths if get(proxy.port, path)}
                assert hits == set(paths)
                # A record is with the system once a purge behind it is.
                proxy.process.send_signal(signal.SIGKILL if round_ % 2 else signal.SIGTERM)
                proxy.process.wait(PATIENCE)
                stored = set(paths) if round_ % 2 == 0 else set()
        # A clean end loses nothing: each was fetched once, and once more after each kill that came too early for it.
        assert all(count <= 3 for count in Origin.asked.values()), Origin.asked.most_common(3)


def a_purge_is_kept():
    with tempfile.TemporaryDirectory(prefix="lilypad-proxy-") as name, origin() as url:
        folder = pathlib.Path(name)
        door = folder / "control"
        arguments = ("--upstream", url, "--port", "0", "--store", folder / "store", "--control", door)
        paths = ["/a/10/1", "/a/600000/2", "/b/10/1", "/b/10/2", "/c/10/1"]
        with Proxy(folder, *arguments) as proxy:
            for path in paths:
                get(proxy.port, path)
                assert get(proxy.port, path)
            assert get(proxy.port, "/a/10/1", "b.test") is False
            assert oct(os.stat(door).st_mode & 0o777) == "0o600"
            assert control(door, "GET", "/statistics")[1]["entries"] == 6
            for wish in ({}, [], {"urls": []}, {"urls": [1]}, {"hosts": ["a"], "more": True}, {"everything": False}):
                assert control(door, "POST", "/purge", wish)[0] == 400, wish
            assert control(door, "GET", "/other")[0] == 404
            assert control(door, "POST", "/purge", {"tags": ["A"]}) == (200, {"success": True})
            assert control(door, "POST", "/purge", {"prefixes": ["a.test/b/"], "urls": ["http://a.test/x"]})[0] == 200
            proxy.process.send_signal(signal.SIGKILL)
            proxy.process.wait(PATIENCE)
        with Proxy(folder, *arguments) as proxy:
            hits = [path for path in paths if get(proxy.port, path)]
            assert set(hits) <= {"/c/10/1"}, hits
            assert control(door, "POST", "/purge", {"everything": True})[0] == 200
            assert not any(get(proxy.port, path) for path in paths)


def memory_does_not_grow_with_what_passes():
    def resident(process):
        for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024

    with tempfile.TemporaryDirectory(prefix="lilypad-proxy-") as name, origin() as url:
        arguments = ("--upstream", url, "--port", "0", "--memory", "1", "--threads", "1", "--no-request-log")
        with Proxy(pathlib.Path(name), *arguments) as proxy:
            client = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=PATIENCE)

            def ask(count, round_):
                for number in range(count):
                    client.request("GET", f"/{round_}/10/{number}")
                    client.getresponse().read()

            ask(500, "warm")
            before = resident(proxy.process)
            ask(2_500, "more")
            # Four kilobytes for each request would be ten megabytes.
            grown = resident(proxy.process) - before
            assert grown < 5 << 20, f"{grown >> 10} KiB more after 2,500 answers"
            client.close()


def https_is_spoken_with_a_certificate_of_the_local_authority():
    with tempfile.TemporaryDirectory(prefix="lilypad-proxy-") as name, origin() as url:
        folder = pathlib.Path(name)
        environment = {**os.environ, "XDG_DATA_HOME": name}
        pem = subprocess.run(
            [BIN / "lilypad", "trust", "--pem"], env=environment, capture_output=True, text=True, check=True).stdout
        with Proxy(folder, "--upstream", url, "--port", "0", "--https", environment=environment) as proxy:
            assert proxy.url.startswith("https://127.0.0.1:"), proxy.url
            for names, agreed in ((["h2", "http/1.1"], "h2"), (["http/1.1"], "http/1.1"), ([], None)):
                context = ssl.create_default_context(cadata=pem)
                if names:
                    context.set_alpn_protocols(names)
                for host in ("localhost", "127.0.0.1"):
                    with socket.create_connection(("127.0.0.1", proxy.port), PATIENCE) as plain:
                        with context.wrap_socket(plain, server_hostname=host) as secure:
                            assert secure.selected_alpn_protocol() == agreed
            context = ssl.create_default_context(cadata=pem)
            client = http.client.HTTPSConnection("localhost", proxy.port, timeout=PATIENCE, context=context)
            for expected in (False, True):
                client.request("GET", "/a/600000/1")
                answer = client.getresponse()
                assert answer.read() == content("/a/600000/1")
                assert ("; hit" in answer.headers["Cache-Status"]) is expected
            client.close()
            with socket.create_connection(("127.0.0.1", proxy.port), PATIENCE) as plain:
                plain.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                assert plain.recv(100).startswith(b"HTTP/1.1 400 ")
            with socket.create_connection(("127.0.0.1", proxy.port), PATIENCE) as plain:
                try:
                    ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")
                    raise AssertionError("an authority that nobody trusts was believed")
                except ssl.SSLCertVerificationError:
                    pass
        key = folder / "lilypad/tls/authority.key"
        assert oct(key.stat().st_mode & 0o777) == "0o600" and oct(key.parent.stat().st_mode & 0o777) == "0o700"


def starts_that_fail_say_why():
    with tempfile.TemporaryDirectory(prefix="lilypad-proxy-") as name:
        folder = pathlib.Path(name)
        (folder / "empty.pem").write_text("")
        cases = [
            (("--upstream", "ftp://a"), "is not a URL that begins with http://, https:// or unix:."),
            (("--upstream", "http://a/b"), "requests keep their own path and query."),
            (("--upstream", "http://127.0.0.1:1", "--tls-cert", "empty.pem", "--tls-key", "empty.pem"),
             "There is no certificate in PEM form in empty.pem."),
            (("--upstream", "http://127.0.0.1:1", "--store", "/proc/none"), "/proc/none"),
            (("--upstream", "https://127.0.0.1:1", "--upstream-ca", "none.pem"), "none.pem"),
            (("--upstream", "http://127.0.0.1:1", "--control", "x" * 120), "up to 107 bytes"),
        ]
        for arguments, sentence in cases:
            text = refused(folder, *arguments, command="proxy")
            assert sentence in text, (arguments, text)
            assert "Fatal" not in text and "Swift" not in text, text


def main():
    checks = Checks()
    for check in (
        what_was_stored_outlives_a_kill, a_purge_is_kept, memory_does_not_grow_with_what_passes,
        https_is_spoken_with_a_certificate_of_the_local_authority,
        starts_that_fail_say_why,
    ):
        checks.run(check.__name__.replace("_", " "), check)
    checks.finish()


if __name__ == "__main__":
    main()
