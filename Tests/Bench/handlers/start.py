"""From the start of the process to its first answer, and what it takes while nothing happens: a site alone, and a Worker
with every kind of binding."""

import http.client
import statistics
import subprocess
import time

import measure
import servers
from handlers import emulator

STARTS = 2 if measure.QUICK else 10
TIME_GOAL = 150
MEMORY_GOAL = 40
# Until the memory that only the start needed has been given back.
REST = 1.0

SITE = '[assets]\ndirectory = "public"\n'
EVERYTHING = """
[assets]
directory = "public"
binding = "ASSETS"
[vars]
NAME = "World"
SECRET = "only for tests"
FEATURES = { search = true }
[[kv_namespaces]]
binding = "VISITS"
id = "visits"
[[r2_buckets]]
binding = "FILES"
bucket_name = "files"
[[queues.producers]]
binding = "JOBS"
queue = "jobs"
[[queues.consumers]]
queue = "jobs"
[[services]]
binding = "GREETER"
service = "greeter"
[[hyperdrive]]
binding = "DATABASE"
id = "database"
localConnectionString = "postgres://user:password@127.0.0.1:5432/bench"
[[ratelimits]]
name = "LIMITER"
namespace_id = "1"
simple = { limit = 1000, period = 60 }
[version_metadata]
binding = "RELEASE"
[triggers]
crons = ["0 0 1 1 *"]
"""


def run(folder):
    site = folder / "site"
    public(site)
    (site / "wrangler.toml").write_text(f'name = "site"\ncompatibility_date = "2026-08-01"\n{SITE}')
    everything = emulator.configure(folder / "everything", "everything", EVERYTHING)
    public(everything)
    greeter = emulator.configure(folder / "greeter", "greeter", '[vars]\nGREETING = "Hello"\n')
    configs = ["--config", everything / "wrangler.toml", "--config", greeter / "wrangler.toml"]
    print(f"from start to first answer, {STARTS} times; memory after {REST:.0f} s")
    print(f"  {'':<28} {'median ms':>10} {'slowest ms':>11} {'RSS MB':>7}")
    report("a site alone", site, "/", [])
    report("a Worker with every binding", everything, "/visits", configs)


def public(folder):
    """A small site."""
    (folder / "public").mkdir(parents=True)
    (folder / "public/index.html").write_text("<h1>Hello</h1>")
    for number in range(200):
        (folder / f"public/page-{number}.html").write_text(f"<p>{number}</p>" * 100)


def report(name, folder, path, options):
    times = []
    for _ in range(STARTS):
        seconds, memory = first_answer(folder, path, options)
        times.append(seconds * 1000)
    median = statistics.median(times)
    print(f"  {name:<28} {median:>10.0f} {max(times):>11.0f} {memory:>7.1f}", flush=True)
    measure.hold(
        f"{name}, start to first answer", f"{median:.0f} ms", f"at most {TIME_GOAL} ms", median <= TIME_GOAL)
    measure.hold(f"{name}, memory at rest", f"{memory:.1f} MB", f"below {MEMORY_GOAL} MB", memory < MEMORY_GOAL)


def first_answer(folder, path, options):
    port = servers.free_port()
    start = time.perf_counter()
    with servers.running(emulator.command(port, *options), core=None, cwd=folder) as server:
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            try:
                connection.request("GET", path)
                status = connection.getresponse().status
                break
            except ConnectionRefusedError:
                if server.process.poll() is not None or time.perf_counter() - start > 20:
                    raise
                time.sleep(0.001)
            finally:
                connection.close()
        seconds = time.perf_counter() - start
        if status != 200:
            raise SystemExit(f"the first answer was {status}")
        time.sleep(REST)
        return seconds, servers.memory_megabytes([server.process.pid])
