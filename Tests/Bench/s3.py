"""The emulator's S3 interface: boto3 with 8 threads beside moto, and beside a server that stores nothing, which is as fast as
the client can be; 100,000 keys listed; memory while 5 GiB come in."""

import contextlib
import datetime
import hashlib
import hmac
import http.client
import json
import pathlib
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import measure
import servers

KIBI, MEBI = 1 << 10, 1 << 20
MOTO_GOAL, CEILING_GOAL = 2.0, 0.8
ROUNDS = 1 if measure.QUICK else 3
# Size of an object, and how many a round has.
LOADS = ((4 * KIBI, 50 if measure.QUICK else 1500), (8 * MEBI, 4 if measure.QUICK else 24))
KEYS = 2000 if measure.QUICK else 100_000
# The most that one request takes: 5 GiB less 5 MiB.
LARGEST = 64 * MEBI if measure.QUICK else (5 << 30) - 5 * MEBI
MEMORY_GOAL = 32
CONFIG = 'name = "hello"\nmain = "hello.js"\ncompatibility_date = "2026-08-01"\n'
CLIENT = pathlib.Path(__file__).resolve().parent / "storage/client.py"


class Endpoint:
    def __init__(self, server, url, access, secret):
        self.server, self.url, self.access, self.secret = server, url, access, secret

    def load(self, what, size, count):
        """Operations per second of boto3."""
        python = measure.toolchain() / "bench/bin/python"
        command = [
            "taskset", "-c", str(servers.LOAD_CORE), python, CLIENT, self.url, self.access, self.secret, what, str(size),
            str(count)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"boto3 against {self.url} failed:\n{done.stderr}")
        return json.loads(done.stdout)["rate"]

    def ask(self, method, path, query="", body=None, length=0):
        """One request, signed without its content; a body is a series of chunks."""
        host = urllib.parse.urlsplit(self.url).netloc
        stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{stamp[:8]}/us-east-1/s3/aws4_request"
        payload = "UNSIGNED-PAYLOAD"
        names = "host;x-amz-content-sha256;x-amz-date"
        canonical = (
            f"{method}\n{path}\n{query}\nhost:{host}\nx-amz-content-sha256:{payload}\nx-amz-date:{stamp}\n\n{names}\n{payload}")
        key = ("AWS4" + self.secret).encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.new(key, text.encode(), "sha256").hexdigest()
        headers = {
            "x-amz-content-sha256": payload, "x-amz-date": stamp, "Content-Length": str(length),
            "Authorization": f"AWS4-HMAC-SHA256 Credential={self.access}/{scope}, SignedHeaders={names}, Signature={signature}"}
        connection = http.client.HTTPConnection(host, timeout=120)
        connection.request(method, path + (f"?{query}" if query else ""), body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status >= 300:
            sys.exit(f"{method} {path} answered {answer.status}: {content[:300]}")
        return content


@contextlib.contextmanager
def lilypad(folder):
    """Started twice by the part that lists: its keys are written into the file in between."""
    folder.mkdir(exist_ok=True)
    (folder / "wrangler.toml").write_text(CONFIG)
    app = servers.free_port()
    command = [
        measure.program("example-edge"), "emulate", "--port", app, "--services-port", app + 1, "--s3-port", app + 2,
        "--no-request-log", "--threads", 1]
    with servers.running(command, port=app, cwd=folder) as server:
        account = json.loads((folder / ".lilypad/credentials.json").read_text())
        yield Endpoint(server, f"http://127.0.0.1:{app + 2}", account["s3AccessKeyId"], account["s3SecretAccessKey"])


@contextlib.contextmanager
def moto():
    port = servers.free_port()
    command = [measure.toolchain() / "bench/bin/moto_server", "-H", "127.0.0.1", "-p", port]
    with servers.running(command, port=port, path="/moto-api/", stderr=subprocess.DEVNULL) as server:
        yield Endpoint(server, server.url, "testing", "testing")


@contextlib.contextmanager
def ceiling(folder):
    """nginx that swallows what is put, and serves what is asked for from a file."""
    public = folder / "public"
    for size, _ in LOADS:
        (public / f"bench/{size}").mkdir(parents=True)
        for number in range(100):
            path = public / f"bench/{size}/{number}"
            path.write_bytes(b"x" * size) if number == 0 else path.symlink_to("0")
    for path in (folder.parent, folder, *public.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
    public.chmod(0o755)
    block = f"""
        client_max_body_size 0;
        location = / {{ return 200; }}
        location / {{
            root {public};
            if ($request_method = PUT) {{ return 200; }}
        }}
    """
    (folder / "nginx").mkdir()
    with servers.nginx(folder / "nginx", block, servers.free_port(), core=servers.SERVER_CORE) as server:
        yield Endpoint(server, server.url, "testing", "testing")


def throughput(folder):
    with contextlib.ExitStack() as stack:
        endpoints = {
            "lilypad": stack.enter_context(lilypad(folder / "lilypad")), "moto": stack.enter_context(moto()),
            "nothing stored": stack.enter_context(ceiling(folder / "ceiling"))}
        for name in ("lilypad", "moto"):
            endpoints[name].ask("PUT", "/bench")
        print(f"boto3, 8 threads on one core, the server on the other, {ROUNDS} rounds, medians")
        print(f"  {'':<14} {'server':<15} {'per second':>11} {'MB/s':>8} {'beside moto':>12} {'of the ceiling':>15}")
        for size, count in LOADS:
            label = f"{size // KIBI} KiB" if size < MEBI else f"{size // MEBI} MiB"
            for what in ("put", "get"):
                compare(endpoints, what, size, count, f"{what.upper()} of {label}")


def compare(endpoints, what, size, count, label):
    rates = {name: [] for name in endpoints}
    if what == "get":
        for name in ("lilypad", "moto"):
            endpoints[name].load("put", size, 100)
    for _ in range(ROUNDS):
        for name, endpoint in endpoints.items():
            rates[name].append(endpoint.load(what, size, count))
    medians = {name: statistics.median(values) for name, values in rates.items()}
    for name, rate in medians.items():
        print(
            f"  {label:<14} {name:<15} {rate:>11,.1f} {rate * size / 1e6:>8,.1f} {rate / medians['moto']:>10.2f} × "
            f"{rate / medians['nothing stored']:>13.2f} ×", flush=True)
    beside = medians["lilypad"] / medians["moto"]
    part = medians["lilypad"] / medians["nothing stored"]
    measure.hold(f"S3 {label} by boto3, beside moto", f"{beside:.2f} ×", f"at least {MOTO_GOAL:.0f} ×", beside >= MOTO_GOAL)
    measure.hold(
        f"S3 {label} by boto3, of the client's ceiling", f"{part:.2f} ×", f"at least {CEILING_GOAL} ×", part >= CEILING_GOAL)


def listing(folder):
    """Keys that nobody has time to put one by one are written into the file while nobody holds it."""
    with lilypad(folder) as endpoint:
        endpoint.ask("PUT", "/bench")
        endpoint.ask("PUT", "/bench/first", length=0)
    with contextlib.closing(sqlite3.connect(folder / ".lilypad/state/r2.sqlite")) as database, database:
        names = [row[1] for row in database.execute("PRAGMA table_info(object)")]
        others = ", ".join(name for name in names if name != "key")
        database.executemany(
            f"INSERT INTO object (key, {others}) SELECT ?, {others} FROM object "
            "WHERE bucket = 'bench' AND key = CAST('first' AS BLOB)",
            ((f"folder-{number % 100:02}/key-{number:06}".encode(),) for number in range(KEYS - 1)))
    with lilypad(folder) as endpoint:
        begin, count, pages, query = time.perf_counter(), 0, 0, "list-type=2"
        while query:
            page = endpoint.ask("GET", "/bench", query)
            count += page.count(b"<Contents>")
            pages += 1
            token = page.partition(b"<NextContinuationToken>")[2].partition(b"<")[0].decode()
            query = token and f"continuation-token={urllib.parse.quote(token, safe='')}&list-type=2"
        seconds = time.perf_counter() - begin
        if count != KEYS:
            sys.exit(f"{count} of {KEYS} keys were listed")
        print(f"{KEYS:,} keys in {pages} pages: {seconds:.2f} s, {seconds / pages * 1000:.1f} ms a page")
        begin = time.perf_counter()
        folders = endpoint.ask("GET", "/bench", "delimiter=%2F&list-type=2").count(b"<CommonPrefixes>")
        print(f"  folded to {folders} folders: {(time.perf_counter() - begin) * 1000:.1f} ms")


def memory(folder):
    with lilypad(folder) as endpoint:
        endpoint.ask("PUT", "/bench")
        endpoint.ask("PUT", "/bench/first", body=iter([b"x" * MEBI]), length=MEBI)
        before = servers.memory_megabytes(endpoint.server.pids)
        peak, is_over = [before], threading.Event()

        def watch():
            while not is_over.wait(0.05):
                peak[0] = max(peak[0], servers.memory_megabytes(endpoint.server.pids))

        watcher = threading.Thread(target=watch)
        watcher.start()
        chunk = bytes(MEBI)
        begin = time.perf_counter()
        endpoint.ask("PUT", "/bench/large", body=(chunk for _ in range(LARGEST // MEBI)), length=LARGEST)
        seconds = time.perf_counter() - begin
        is_over.set()
        watcher.join()
        grown = peak[0] - before
        print(
            f"one PUT of {LARGEST / (1 << 30):.3f} GiB: {seconds:.1f} s, {LARGEST / seconds / 1e6:.0f} MB/s; memory "
            f"{before:.0f} MB before, {peak[0]:.0f} MB at most")
        measure.hold(
            f"memory while {LARGEST / (1 << 30):.3f} GiB come in over S3", f"{grown:.1f} MB more than before",
            f"at most {MEMORY_GOAL} MB", grown <= MEMORY_GOAL)


def main():
    measure.program("example-edge")
    servers.require("nginx", "taskset")
    for part in (throughput, listing, memory):
        with tempfile.TemporaryDirectory(prefix="lilypad-bench-") as name:
            part(pathlib.Path(name))


if __name__ == "__main__":
    main()
