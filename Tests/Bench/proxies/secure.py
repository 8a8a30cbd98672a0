"""TLS and HTTP/2: hits of 1 kB over connections that stay, and connections that are opened for one request."""

import contextlib
import re
import statistics
import subprocess
import sys

import load
import measure
import servers
from proxies import cast

GOAL = 1.0
SECONDS = min(load.SECONDS, 2)
NEW = 50 if measure.QUICK else 500
CASES = (
    # label, connections, options of h2load
    ("HTTP/1.1", 64, ["--h1"]),
    ("HTTP/2", 16, ["-m", "10"]),
    ("HTTP/2, 1 stream", 64, ["-m", "1"]),
)


def run(folder):
    certificate(folder)
    with contextlib.ExitStack() as stack:
        origin = stack.enter_context(cast.origin(folder / "origin"))
        nginx = stack.enter_context(cast.nginx(folder / "nginx", origin, 256, tls=folder))
        programs = {"nginx": (nginx, nginx.port + 1)}
        programs["lilypad"] = lilypad(stack, folder, origin)
        print(
            f"TLS, hits of 1 kB, 1 server thread on one core, {load.ROUNDS} rounds of {SECONDS} s each, medians")
        print(f"  {'':<18} {'proxy':<9} {'requests/s':>11} {'CPU µs':>8} {'beside nginx':>13}")
        for label, connections, options in CASES:
            report(programs, label, ["-c", connections, "-D", SECONDS, *options])
        report(programs, "new connections", ["-n", NEW, "-c", NEW, "-r", NEW, "--h1"])


def lilypad(stack, folder, origin):
    port = servers.free_port()
    certificate, key = (folder / name for name in cast.TLS_FILES)
    command = cast.command(origin, 256, port, "--tls-cert", certificate, "--tls-key", key)
    # No port, which would be asked in plain HTTP whether it answers.
    server = stack.enter_context(servers.running(command, cwd=folder))
    servers.wait_until_open(port)
    return server, port


def certificate(folder):
    """For localhost, of the kind that most servers have."""
    certificate, key = (folder / name for name in cast.TLS_FILES)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key,
         "-out", certificate], check=True, capture_output=True)


def report(programs, label, options):
    rounds = {name: [] for name in programs}
    for _ in range(load.ROUNDS):
        for name, (server, port) in programs.items():
            rounds[name].append(measured(f"https://127.0.0.1:{port}/object/1", server.pids, options))
    cpu = {name: statistics.median(cost for _, cost in results) for name, results in rounds.items()}
    for name, results in rounds.items():
        rate = statistics.median(rate for rate, _ in results)
        print(
            f"  {label:<18} {name:<9} {rate:>11,.0f} {cpu[name]:>8.1f} {cpu['nginx'] / cpu[name]:>11.2f} ×", flush=True)
    ratio = cpu["nginx"] / cpu["lilypad"]
    measure.hold(
        f"TLS, {label}, requests per CPU second beside nginx", f"{ratio:.2f} ×", f"at least {GOAL} ×", ratio >= GOAL)


def measured(url, pids, options):
    """Requests per second, and microseconds of CPU for each."""
    before = servers.cpu_seconds(pids)
    text = subprocess.run(
        ["taskset", "-c", str(servers.LOAD_CORE), "h2load", "-t", "1", *map(str, options), url],
        capture_output=True, text=True, check=True).stdout
    used = servers.cpu_seconds(pids) - before
    done = re.search(r"(\d+) total, \d+ started, (\d+) done, (\d+) succeeded, (\d+) failed", text)
    if not done or int(done.group(3)) == 0 or int(done.group(4)) > 0:
        sys.exit(f"{url} answered with errors:\n{text}")
    rate = float(re.search(r"([\d.]+) req/s", text).group(1))
    return rate, used / int(done.group(3)) * 1e6
