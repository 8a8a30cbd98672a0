"""A Worker with every binding on the emulator: one request, its queue and its trigger, restarts, and what is refused."""

import contextlib
import hashlib
import http.server
import json
import pathlib
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Browser"))
from runtime import Edge, ask, ask_json, refused, until  # noqa: E402
from tally import Checks  # noqa: E402

CONFIG = """
name = "everything"
main = "worker.js"
compatibility_date = "2026-08-01"
[assets]
directory = "./public"
binding = "ASSETS"
run_worker_first = true
[vars]
NAME = "Ada"
FEATURES = {{ search = true }}
UPSTREAM = "http://127.0.0.1:{upstream}"
[version_metadata]
binding = "RELEASE"
[triggers]
crons = ["*/5 * * * *"]
[[kv_namespaces]]
binding = "VISITS"
[[r2_buckets]]
binding = "FILES"
bucket_name = "files"
[[queues.producers]]
binding = "JOBS"
queue = "jobs"
[[queues.consumers]]
queue = "jobs"
max_batch_size = 2
max_batch_timeout = 60
[[ratelimits]]
name = "LIMITER"
namespace_id = "1001"
simple = {{ limit = 5, period = 60 }}
[[services]]
binding = "GREETER"
service = "greeter"
[[hyperdrive]]
binding = "DATABASE"
id = "x"
localConnectionString = "postgres://ada:secret@db.test/app"
"""

GREETER = """
name = "greeter"
main = "greeter.js"
compatibility_date = "2026-08-01"
[vars]
GREETING = "Good morning"
"""


class Upstream(http.server.BaseHTTPRequestHandler):
    """The server that the Worker asks."""

    def do_GET(self):
        body = f"hello from {self.path}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def project():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="lilypad-worker-") as name:
        folder = pathlib.Path(name)
        (folder / "wrangler.toml").write_text(CONFIG.format(upstream=server.server_port))
        (folder / "greeter.toml").write_text(GREETER)
        (folder / ".dev.vars").write_text("SECRET=tell-nobody\n")
        (folder / "public").mkdir()
        (folder / "public/index.html").write_text("the page")
        try:
            yield folder
        finally:
            server.shutdown()
            server.server_close()


def start(folder, *arguments):
    return Edge(
        folder, "--config", "wrangler.toml", "--config", "greeter.toml", "--port", "0", "--movable-clock", "--no-cron",
        *arguments, program="example-edge")


def move(edge, seconds):
    return ask_json(edge.url + "/cdn-cgi/local/clock", "POST", json.dumps({"advanceSeconds": seconds}).encode())


def one_request():
    """One request goes through every kind of binding."""
    with project() as folder, start(folder) as edge:
        answer = ask_json(edge.url + "/everything", "POST", b"the body")
        assert answer == {
            "count": 1, "etag": hashlib.md5(b"the body").hexdigest(), "cached": "the body",
            "greeting": "Good morning, Ada!", "page": "the page", "database": "db.test/app", "release": "0.0.0",
            "secretLength": 11, "features": {"search": True}, "upstream": "hello from /hello"}, answer
        assert ask_json(edge.url + "/everything", "POST", b"again")["count"] == 2
        until("the work after the answer", lambda: ask(edge.url + "/visits")[2] == b"2")


def events():
    """Messages arrive when the batch is full or its time is over, triggers fire when asked."""
    with project() as folder, start(folder) as edge:
        ask_json(edge.url + "/everything", "POST", b"x")
        assert ask_json(edge.url + "/handled") == []
        move(edge, 61)
        until("the batch", lambda: ask_json(edge.url + "/handled") == ["visit 1"])
        status, _, body = ask(edge.url + "/cdn-cgi/handler/scheduled?cron=*/5+*+*+*+*&time=1000")
        assert (status, body) == (200, b"ok"), body
        assert "cron */5 * * * *" in ask_json(edge.url + "/handled")
        edge.stop()
        assert any("QUEUE jobs 1/1" in line for line in edge.lines), edge.lines


def triggers_fire():
    """Without --no-cron the clock alone fires the trigger."""
    with project() as folder:
        arguments = ["--config", "wrangler.toml", "--config", "greeter.toml", "--port", "0", "--movable-clock"]
        with Edge(folder, *arguments, program="example-edge") as edge:
            # To just behind the next minute that fits: runs that lie before where a clock lands are skipped.
            now = ask_json(edge.url + "/cdn-cgi/local/clock")["now"]
            move(edge, 301 - now % 300)
            until("the trigger", lambda: "cron */5 * * * *" in ask_json(edge.url + "/handled"))


def restart():
    """What was stored is there after a restart, also what waited in the queue."""
    with project() as folder:
        with start(folder) as edge:
            ask_json(edge.url + "/everything", "POST", b"x")
            assert edge.stop() == 0
        with start(folder) as edge:
            assert ask(edge.url + "/visits")[2] == b"1"
            assert ask_json(edge.url + "/everything", "POST", b"y")["count"] == 2
            until("both messages", lambda: ask_json(edge.url + "/handled") == ["visit 1", "visit 2"])


def limits():
    """Exactly as many calls pass in a window as the configuration says."""
    with project() as folder, start(folder) as edge:
        # To the beginning of a window, so that all calls lie in it.
        now = ask_json(edge.url + "/cdn-cgi/local/clock")["now"]
        move(edge, 61 - now % 60)
        statuses = [ask(edge.url + "/everything", "POST", b"x")[0] for _ in range(7)]
        assert statuses == [200] * 5 + [429] * 2, statuses
        move(edge, 60)
        assert ask(edge.url + "/everything", "POST", b"x")[0] == 200


def enforced():
    """With --enforce-limits a second write to a key within a second is an error, shown as the client asks for it."""
    with project() as folder, start(folder, "--enforce-limits") as edge:
        move(edge, 1)
        assert ask(edge.url + "/everything", "POST", b"x")[0] == 200
        status, fields, body = ask(edge.url + "/everything", "POST", b"x", {"Accept": "text/html"})
        assert status == 500 and fields["Content-Type"].startswith("text/html"), (status, body)
        assert b"KV PUT failed: 429 Too Many Requests" in body and b"<script" not in body, body
        status, fields, body = ask(edge.url + "/everything", "POST", b"x", {"Accept": "application/json"})
        assert json.loads(body)["error"]["message"].startswith("KV PUT failed: 429"), body


def locations():
    """With --eventual-kv a location sees another one's write when its own memory has run out."""
    with project() as folder, start(folder, "--eventual-kv") as edge:
        def visits(place):
            return ask(edge.url + "/visits", headers={"X-Lilypad-Location": place})[2]

        assert visits("FRA") == b"0"
        ask_json(edge.url + "/everything", "POST", b"x", {"X-Lilypad-Location": "DFW"})
        assert visits("DFW") == b"1"
        assert visits("FRA") == b"0"
        move(edge, 61)
        assert visits("FRA") == b"1"


def told():
    """The answer carries a ray; --cf with something else than an object is refused."""
    with project() as folder:
        (folder / "cf.json").write_text("[]")
        both = ["--config", "wrangler.toml", "--config", "greeter.toml"]
        assert "has to be a JSON object" in refused(folder, *both, "--cf", "cf.json", program="example-edge")
        (folder / "cf.json").write_text('{"colo": "FRA"}')
        with start(folder, "--cf", "cf.json") as edge:
            assert ask(edge.url + "/visits")[1]["CF-Ray"].endswith("-FRA")


def other_sites():
    """A page of another site cannot run handlers or move the clock."""
    with project() as folder, start(folder) as edge:
        for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
            status, _, _ = ask(edge.url + "/cdn-cgi/handler/scheduled", headers=headers)
            assert status == 403, headers


def refusals():
    """A start that cannot work says why in one sentence."""
    with project() as folder:
        config = (folder / "wrangler.toml").read_text()
        missing = refused(folder, "--config", "wrangler.toml", program="example-edge")
        assert "services.GREETER" in missing and "further --config" in missing, missing
        (folder / "wrangler.toml").write_text(config.replace('binding = "VISITS"', 'binding = "OTHER"'))
        both = ["--config", "wrangler.toml", "--config", "greeter.toml"]
        text = refused(folder, *both, program="example-edge")
        assert "VISITS is missing" in text and "kv_namespace" in text, text
        (folder / "wrangler.toml").write_text(config.replace("*/5 * * * *", "61 * * * *"))
        text = refused(folder, *both, program="example-edge")
        assert "61 * * * *" in text, text
        (folder / "wrangler.toml").write_text(config)
        with start(folder):
            text = refused(folder, *both, program="example-edge")
            assert "process" in text and len(text.strip().splitlines()) == 1, text


def main():
    checks = Checks()
    checks.run("one request uses every binding", one_request)
    checks.run("queues deliver and triggers fire", events)
    checks.run("triggers fire by themselves", triggers_fire)
    checks.run("a restart loses nothing", restart)
    checks.run("the rate limiter counts", limits)
    checks.run("limits are enforced when asked for", enforced)
    checks.run("locations see each other late", locations)
    checks.run("requests come with what the edge knows", told)
    checks.run("other sites stay out", other_sites)
    checks.run("bad starts are refused", refusals)
    checks.finish()


main()
