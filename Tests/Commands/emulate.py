"""`lilypad-edge emulate` as a process: what it prints, what it refuses, how it ends."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Browser"))
from runtime import Edge, ask, refused, until  # noqa: E402
from tally import Checks  # noqa: E402

CONFIG = """
name = "try"
main = "worker.js"
compatibility_date = "2026-08-01"
[assets]
directory = "./public"
binding = "ASSETS"
run_worker_first = ["/api/*"]
[vars]
ENVIRONMENT = "development"
[version_metadata]
binding = "CF_VERSION_METADATA"
[env.production.vars]
ENVIRONMENT = "production"
[env.production.version_metadata]
binding = "CF_VERSION_METADATA"
"""


@contextlib.contextmanager
def project(config=CONFIG):
    with tempfile.TemporaryDirectory(prefix="lilypad-try-") as name:
        folder = pathlib.Path(name)
        (folder / "wrangler.toml").write_text(config)
        (folder / "public").mkdir()
        (folder / "public/index.html").write_text("one")
        yield folder


def read(url):
    return ask(url)[2].decode()


def both_loopbacks():
    with project() as folder, Edge(folder, "--port", 0) as edge:
        port = int(edge.url.rsplit(":", 1)[1])
        assert read(f"http://127.0.0.1:{port}/") == "one"
        with socket.socket(socket.AF_INET6) as probe:
            try:
                probe.bind(("::1", 0))
            except OSError:
                return  # no IPv6 on this machine
        assert read(f"http://[::1]:{port}/") == "one"


def explicit_port_taken():
    with project() as folder, socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        text = refused(folder, "--port", port)
        assert f"Port {port} is taken by" in text and str(os.getpid()) in text, text


def default_port_moves():
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(project())
        # Whoever holds the default port already serves the purpose.
        with contextlib.suppress(OSError):
            stack.enter_context(socket.create_server(("127.0.0.1", 8787)))
        edge = stack.enter_context(Edge(folder))
        port = int(edge.url.rsplit(":", 1)[1])
        assert port > 8787 and port % 10 == 7, port
        assert any("Port 8787 is taken" in line for line in edge.lines), edge.lines


def ends_on_signals():
    for number in (signal.SIGTERM, signal.SIGINT):
        with project() as folder:
            edge = Edge(folder, "--port", 0)
            host = edge.url.removeprefix("http://")
            idle = http.client.HTTPConnection(host)
            idle.request("GET", "/")
            idle.getresponse().read()
            start = time.monotonic()
            code = edge.stop(number)
            seconds = time.monotonic() - start
            assert code == 0, f"exit {code}"
            assert seconds < 3, f"{seconds:.1f} s with an idle connection"


def logs_json():
    with project() as folder, Edge(folder, "--port", 0) as edge:
        read(edge.url + "/api/v1/status?secret=1")
        edge.stop()
        lines = [json.loads(line) for line in edge.lines if not line.startswith("listening ")]
        requests = [line for line in lines if line["event"] == "request"]
        assert len(requests) == 1, edge.lines
        assert requests[0]["status"] == 200 and requests[0]["source"] == "worker"


def environments_and_secrets():
    with project() as folder:
        (folder / ".dev.vars").write_text("TOKEN=do-not-print-me\n")
        with Edge(folder, "--port", 0, "--env", "production", "--var", "EXTRA:1") as edge:
            status = json.loads(read(edge.url + "/api/v1/status"))
            assert status["environment"] == "production"
            names = [binding["name"] for binding in status["bindings"]]
            assert names == sorted(names) and {"TOKEN", "EXTRA", "ASSETS"} <= set(names), names
            edge.stop()
            assert not any("do-not-print-me" in line for line in edge.lines)


def refuses_bad_starts():
    with project() as folder:
        assert "There is no nowhere.toml." in refused(folder, "--config", "nowhere.toml")
        assert "--assets names a folder that does not exist" in refused(folder, "--assets", "nothing")
        assert "no colon" in refused(folder, "--var", "NOPE")
    with project("name = \"a\"\nname = \"b\"\n") as folder:
        text = refused(folder)
        assert re.search(r"wrangler\.toml:2:1: error", text), text
    with project(CONFIG.replace('ENVIRONMENT = "development"', "")) as folder:
        text = refused(folder, "--port", 0)
        assert "ENVIRONMENT is missing in the configuration" in text, text
    with project(CONFIG.replace('"/api/*"', '"api/*"')) as folder:
        assert "run_worker_first" in refused(folder)


def follows_the_folder():
    """A changed file, and a folder that is swapped as a whole, as a build does it."""
    with project() as folder, Edge(folder, "--port", 0) as edge:
        assert read(edge.url) == "one"
        (folder / "public/index.html").write_text("two")
        until("the changed file", lambda: read(edge.url) == "two")
        (folder / "next").mkdir()
        (folder / "next/index.html").write_text("three")
        os.rename(folder / "public", folder / "old")
        os.rename(folder / "next", folder / "public")
        until("the swapped folder", lambda: read(edge.url) == "three")


def behind_a_socket():
    with project() as folder, Edge(folder, "--unix-socket", folder / "edge.sock") as edge:
        def ask_socket(method, target):
            connection = http.client.HTTPConnection("localhost")
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.connect(str(folder / "edge.sock"))
            connection.request(method, target)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

        assert ask_socket("GET", "/") == (200, "one")
        (folder / "public/index.html").write_text("two")
        assert ask_socket("POST", "/@lilypad/assets/reload") == (204, "")
        assert ask_socket("GET", "/") == (200, "two")
        assert edge.url.startswith("unix:")


def main():
    checks = Checks()
    for check in (both_loopbacks, explicit_port_taken, default_port_moves, ends_on_signals, logs_json,
                  environments_and_secrets, refuses_bad_starts, follows_the_folder, behind_a_socket):
        checks.run(check.__name__.replace("_", " "), check)
    checks.finish()


if __name__ == "__main__":
    main()
