"""`lilypad-edge serve` as a process: who it believes, what it writes down, how it starts and ends."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Browser"))
from runtime import PATIENCE, Served, ask, refused, until  # noqa: E402
from tally import BIN, Checks  # noqa: E402

CONFIG = """
name = "sampler"
main = "worker.js"
compatibility_date = "2026-08-01"
[[r2_buckets]]
binding = "FILES"
bucket_name = "files"
[assets]
directory = "./public"
run_worker_first = ["/*", "!/site.txt"]
"""


@contextlib.contextmanager
def project(config=CONFIG):
    with tempfile.TemporaryDirectory(prefix="lilypad-serve-") as name:
        folder = pathlib.Path(name)
        (folder / "wrangler.toml").write_text(config)
        (folder / "public").mkdir()
        (folder / "public/site.txt").write_text("one")
        yield folder


def serve(folder, *arguments, **options):
    port = [] if options.pop("has_sockets", False) else ["--port", "0"]
    # With one event loop the log has its lines in order.
    return Served(folder, *port, "--threads", "1", *arguments, program="example-edge", **options)


def exchange(port, *parts, source=None):
    """Sends bytes and reads until the server closes."""
    client = socket.create_connection(("127.0.0.1", port), PATIENCE, source and (source, 0))
    with client:
        for part in parts:
            client.sendall(part if isinstance(part, bytes) else part.encode())
        return everything(client)


def everything(client):
    text = b""
    with contextlib.suppress(ConnectionResetError):
        while more := client.recv(65536):
            text += more
    return text.decode()


def get(target, *fields):
    return "".join([f"GET {target} HTTP/1.1\r\nHost: own\r\nConnection: close\r\n", *(f"{f}\r\n" for f in fields), "\r\n"])


def records(edge, count):
    """So many lines of the access log as JSON."""

    def found():
        lines = [json.loads(line) for line in edge.lines if line.startswith("{")]
        requests = [line for line in lines if line["event"] == "request"]
        return requests if len(requests) >= count else None

    return until("the access log", found)


def health_and_readiness():
    with project() as folder, serve(folder) as edge:
        assert ask(edge.url + "/health")[::2] == (200, b'{"status":"alive"}\n')
        assert ask(edge.url + "/ready")[::2] == (200, b'{"status":"ready"}\n')
        assert ask(edge.url + "/ready", "HEAD")[::2] == (200, b"")
        assert ask(edge.url + "/health", "POST", b"x")[0] == 405
        assert ask(edge.url + "/site.txt")[2] == b"one"
        assert edge.stop() == 0
        targets = [json.loads(line)["target"] for line in edge.lines if '"event":"request"' in line]
        assert targets == ["/site.txt"], targets


def production_manners():
    with project() as folder:
        (folder / ".dev.vars").write_text("TOKEN=do-not-read-me\n")
        with serve(folder) as edge:
            status, headers, body = ask(edge.url + "/thrown", headers={"Accept": "text/html"})
            assert status == 500 and b"Broken" not in body and b"Reference:" in body, body
            assert headers["Content-Type"].startswith("text/plain")
            # No doors of the emulator, no watching.
            assert ask(edge.url + "/cdn-cgi/handler/scheduled")[0] == 404
            (folder / "public/site.txt").write_text("two")
            time.sleep(0.2)
            assert ask(edge.url + "/site.txt")[2] == b"one"
            assert edge.stop() == 0
            assert any("Broken" in line for line in edge.lines), edge.lines


def secrets():
    """Only from files that are named; `lilypad-edge` tells the names of its bindings."""
    config = ('name = "try"\nmain = "worker.js"\ncompatibility_date = "2026-08-01"\n[vars]\nENVIRONMENT = "production"\n'
              '[version_metadata]\nbinding = "CF_VERSION_METADATA"\n')
    with project(config) as folder:
        (folder / ".dev.vars").write_text("FROM_DEV_VARS=do-not-read-me\n")
        (folder / "secrets.env").write_text("FROM_A_FILE=quiet\n")
        for arguments, expected in ((), set()), (("--env-file", "secrets.env"), {"FROM_A_FILE"}):
            with Served(folder, "--port", "0", *arguments) as edge:
                bindings = json.loads(ask(edge.url + "/api/v1/status")[2])["bindings"]
                names = {binding["name"] for binding in bindings}
                assert names & {"FROM_DEV_VARS", "FROM_A_FILE"} == expected, names


def trusted_proxies():
    with project() as folder, serve(folder, "--trusted-proxies", "127.0.0.1, 10.0.0.0/8") as edge:
        spoofed = ["X-Forwarded-For: 6.6.6.6, 192.0.2.1, 10.0.0.2", "X-Forwarded-Proto: https", "X-Forwarded-Host: a.example"]
        assert "GET https://a.example/url/x" in exchange(edge.port, get("/url/x", *spoofed))
        # From an address that is not listed.
        assert "GET http://own/url/x" in exchange(edge.port, get("/url/x", *spoofed), source="127.0.0.2")
        exchange(edge.port, get("/text", "Forwarded: for=6.6.6.6, for=\"[2001:db8::1]:4711\";proto=https"))
        exchange(edge.port, get("/text", "CF-Connecting-IP: 192.0.2.7"))
        exchange(edge.port, get("/text", "X-Forwarded-For: 6.6.6.6, unknown"))
        clients = [record["client"] for record in records(edge, 5)]
        assert clients == ["192.0.2.1", "127.0.0.2", "2001:db8::1", "192.0.2.7", "127.0.0.1"], clients
    with project() as folder, serve(
            folder, "--trusted-proxies", "127.0.0.1", "--client-field", "x-real-ip") as edge:
        exchange(edge.port, get("/text", "X-Forwarded-For: 6.6.6.6", "X-Real-IP: 192.0.2.9"))
        assert records(edge, 1)[0]["client"] == "192.0.2.9"


def proxy_protocol():
    four = socket.inet_aton("192.0.2.1") + socket.inet_aton("10.0.0.1") + struct.pack("!HH", 4711, 443)
    encrypted = b"\x20\x00\x05\x01\x00\x00\x00\x00"
    signature = b"\r\n\r\n\0\r\nQUIT\n"

    def binary(command, family, content):
        return signature + bytes([command, family]) + struct.pack("!H", len(content)) + content

    with project() as folder, serve(folder, "--trusted-proxies", "127.0.0.1", "--proxy-protocol") as edge:
        request = get("/url/x", "X-Forwarded-For: 6.6.6.6")
        assert "http://own" in exchange(edge.port, "PROXY TCP4 192.0.2.1 10.0.0.1 4711 80\r\n", request)
        assert "https://own" in exchange(edge.port, binary(0x21, 0x11, four + encrypted), request)
        assert "http://own" in exchange(edge.port, binary(0x20, 0x00, b""), get("/url/x"))
        # Nothing is answered to who is trusted and says nothing, or nonsense.
        assert exchange(edge.port, request) == ""
        assert exchange(edge.port, "PROXY TCP4 nonsense\r\n", request) == ""
        # Who is not trusted speaks HTTP.
        assert " 200 OK" in exchange(edge.port, request, source="127.0.0.2")
        assert " 400 " in exchange(edge.port, "PROXY TCP4 192.0.2.1 10.0.0.1 1 2\r\n", request, source="127.0.0.2")
        clients = [record["client"] for record in records(edge, 4)]
        assert clients == ["192.0.2.1", "192.0.2.1", "127.0.0.1", "127.0.0.2"], clients


def refuses_bad_starts():
    with project() as folder:
        def start(*arguments):
            return refused(folder, *arguments, program="example-edge", command="serve")

        assert "--provider aws cannot be served from" in start("--provider", "aws")
        assert "--provider cloudflare cannot be served from" in start("--provider", "cloudflare")
        assert "“10.0.0.1/8” has bits behind its prefix" in start("--trusted-proxies", "10.0.0.1/8")
        assert "--trusted-proxies lists, and it lists none" in start("--proxy-protocol")
        assert "cannot be listened on" in start("--host", "192.0.2.1")
        with socket.create_server(("127.0.0.1", 0)) as holder:
            assert f"Port {holder.getsockname()[1]} is taken" in start("--port", holder.getsockname()[1])
        with serve(folder) as edge:
            assert str(edge.process.pid) in start()


def access_logs():
    target = "/text?X-Amz-Signature=secret&x=1&token=secret"
    fields = ("User-Agent: a\"b\\c", "Referer: https://a.example/?code=secret", "Cookie: a=secret",
              "Authorization: Bearer secret")
    with project() as folder, serve(folder) as edge:
        exchange(edge.port, get(target, *fields))
        record = records(edge, 1)[0]
        assert record["target"] == "/text?X-Amz-Signature=REDACTED&x=1&token=REDACTED", record
        assert record["userAgent"] == "a\"b\\c" and record["protocol"] == "HTTP/1.1", record
        assert record["status"] == 200 and record["bytes"] == 13 and record["source"] == "worker", record
        assert re.fullmatch(r"[0-9a-f]{16}-XXX", record["ray"]), record
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record["time"]), record
        edge.stop()
        assert "secret" not in "\n".join(edge.lines)
    common = r'127\.0\.0\.1 - - \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET /text\S* HTTP/1\.1" 200 13'
    combined = common + r' "https://a\.example/\?code=REDACTED" "a\\x22b\\x5cc"'
    for choice, pattern in (("common", common), ("combined", combined)):
        with project() as folder, serve(folder, "--access-log", choice) as edge:
            exchange(edge.port, get(target, *fields))
            edge.wait_for("^127")
            edge.stop()
            lines = [line for line in edge.lines if line.startswith("127")]
            assert len(lines) == 1 and re.fullmatch(pattern, lines[0]), lines
            assert "secret" not in "\n".join(edge.lines)
    with project() as folder, serve(folder, "--access-log", "off") as edge:
        exchange(edge.port, get("/text"))
        edge.stop()
        assert not any("/text" in line for line in edge.lines), edge.lines


def a_reader_that_stops():
    """Nobody reads the log: requests are answered all the same."""
    with project() as folder:
        arguments = [str(BIN / "example-edge"), "serve", "--port", "0"]
        process = subprocess.Popen(arguments, cwd=folder, stdout=subprocess.PIPE, text=True)
        try:
            line = next(line for line in process.stdout if line.startswith("listening "))
            connection = http.client.HTTPConnection(line.split("//")[1].strip(), timeout=PATIENCE)
            for _ in range(2000):
                connection.request("GET", "/text?" + "x" * 500)
                assert connection.getresponse().read() == b"Hello, World!"
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=PATIENCE) == 0
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def socket_activation():
    """Descriptors 3 and 4 are given to the process, as systemd does."""
    with project() as folder, socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        # Somebody connects before the process is there.
        early = socket.create_connection(one.getsockname(), PATIENCE)
        early.sendall(get("/text").encode())
        # LISTEN_PID has to be that of the process itself: a shell knows it, and then becomes the process.
        script = (f"exec 3<&{one.fileno()} 4<&{two.fileno()}; LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=a:b "
                  f"exec {BIN / 'example-edge'} serve")
        process = subprocess.Popen(
            ["bash", "-c", script], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            pass_fds=(one.fileno(), two.fileno()))
        try:
            assert everything(early).endswith("Hello, World!")
            early.close()
            for listener in (one, two):
                assert exchange(listener.getsockname()[1], get("/text")).endswith("Hello, World!")
            process.send_signal(signal.SIGTERM)
            output = process.communicate(timeout=PATIENCE)[0]
            assert process.returncode == 0, output
            for listener in (one, two):
                assert f"listening serve http://127.0.0.1:{listener.getsockname()[1]}\n" in output, output
            # Whoever keeps the sockets still has them: a connection waits for the next process.
            socket.create_connection(one.getsockname(), PATIENCE).close()
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def foreign_activation():
    """Sockets for another process, and no sockets at all."""
    with project() as folder:
        environment = {**os.environ, "LISTEN_PID": "1", "LISTEN_FDS": "1"}
        with serve(folder, environment=environment) as edge:
            assert ask(edge.url + "/text")[0] == 200
        script = f"exec 3</dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec {BIN / 'example-edge'} serve"
        result = subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True, timeout=PATIENCE)
        assert result.returncode == 1 and "Descriptor 3" in result.stderr, result


def notices():
    with project() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(folder / "notify"))
        manager.settimeout(PATIENCE)
        with serve(folder, environment={**os.environ, "NOTIFY_SOCKET": str(folder / "notify")}) as edge:
            assert manager.recv(100) == b"READY=1"
            edge.process.send_signal(signal.SIGTERM)
            assert manager.recv(100) == b"STOPPING=1"
            assert edge.process.wait(timeout=PATIENCE) == 0


def ends_politely():
    """A kept connection hears that it ends with its next answer; /ready says so, too."""
    with project() as folder, serve(folder) as edge:
        first, second = (http.client.HTTPConnection("127.0.0.1", edge.port, timeout=PATIENCE) for _ in range(2))
        for connection in (first, second):
            connection.request("GET", "/text")
            answer = connection.getresponse()
            assert answer.read() and answer.getheader("Connection") is None
        edge.process.send_signal(signal.SIGTERM)
        edge.wait_for("stopping")
        first.request("GET", "/ready")
        answer = first.getresponse()
        assert (answer.status, answer.read()) == (503, b'{"status":"draining"}\n')
        assert answer.getheader("Connection") == "close"
        second.request("POST", "/echo", body=b"still")
        answer = second.getresponse()
        assert answer.read() == b"still" and answer.getheader("Connection") == "close"
        begin = time.monotonic()
        assert edge.process.wait(timeout=PATIENCE) == 0
        assert time.monotonic() - begin < 5


def finishes_what_runs():
    with project() as folder, serve(folder) as edge:
        port = edge.port
        client = socket.create_connection(("127.0.0.1", port), PATIENCE)
        client.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + b"x" * 100_000)
        seen = client.recv(10)
        edge.process.send_signal(signal.SIGTERM)
        edge.wait_for("stopping")
        until("the end of listening", lambda: not connects(port))
        client.sendall(b"y" * 100_000)
        text = seen.decode() + everything(client)
        assert text.startswith("HTTP/1.1 200 OK") and text.count("y") >= 100_000
        assert edge.process.wait(timeout=PATIENCE) == 0


def connects(port):
    try:
        socket.create_connection(("127.0.0.1", port), 0.2).close()
        return True
    except OSError:
        return False


def ends_in_time():
    """A client that never finishes its request does not keep the process, and an idle one not even for long."""
    with project() as folder, serve(folder, "--grace", "1.5") as edge:
        stuck = socket.create_connection(("127.0.0.1", edge.port), PATIENCE)
        stuck.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n")
        stuck.recv(10)
        begin = time.monotonic()
        assert edge.stop() == 0
        assert 1 < time.monotonic() - begin < 3, time.monotonic() - begin
        stuck.close()
    with project() as folder, serve(folder) as edge:
        idle = socket.create_connection(("127.0.0.1", edge.port), PATIENCE)
        begin = time.monotonic()
        assert edge.stop() == 0
        assert time.monotonic() - begin < 4
        idle.close()


def a_second_signal():
    with project() as folder, serve(folder, "--grace", "60") as edge:
        stuck = socket.create_connection(("127.0.0.1", edge.port), PATIENCE)
        stuck.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n")
        stuck.recv(10)
        edge.process.send_signal(signal.SIGTERM)
        edge.wait_for("stopping")
        begin = time.monotonic()
        edge.process.send_signal(signal.SIGTERM)
        assert edge.process.wait(timeout=PATIENCE) == -signal.SIGTERM
        assert time.monotonic() - begin < 2
        stuck.close()


def no_connection_is_lost():
    """Clients connect again and again while the server stops: each is answered or refused, none is reset."""
    with project() as folder, serve(folder, "--access-log", "off") as edge:
        port, results, stop = edge.port, {"answered": 0, "refused": 0, "lost": []}, threading.Event()

        def hammer():
            while not stop.is_set():
                try:
                    client = socket.create_connection(("127.0.0.1", port), PATIENCE)
                except ConnectionRefusedError:
                    results["refused"] += 1
                    return
                try:
                    client.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
                    answer = client.recv(1000)
                    results["answered"] += 1
                    if not answer.startswith(b"HTTP/1.1 200"):
                        results["lost"].append(answer)
                except OSError as error:
                    results["lost"].append(error)
                client.close()

        threads = [threading.Thread(target=hammer) for _ in range(8)]
        for thread in threads:
            thread.start()
        until("some answers", lambda: results["answered"] > 200)
        assert edge.stop() == 0
        for thread in threads:
            thread.join(timeout=PATIENCE)
        stop.set()
        assert not results["lost"] and results["refused"] == 8, results


def main():
    checks = Checks()
    for check in (health_and_readiness, production_manners, secrets, trusted_proxies, proxy_protocol, refuses_bad_starts,
                  access_logs, a_reader_that_stops, socket_activation, foreign_activation, notices, ends_politely,
                  finishes_what_runs, ends_in_time, a_second_signal, no_connection_is_lost):
        checks.run(check.__name__.replace("_", " "), check)
    checks.finish()


if __name__ == "__main__":
    main()
