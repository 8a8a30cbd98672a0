"""KV through a handler, beside the same server whose handler asks Redis.

All processes of a contender share one core. Redis is asked over a unix socket, by one connection that pipelines what the
requests of one turn of the event loop ask: with 64 clients at once a round trip to it is shared by many, with one client it
is not. All keys fit into KV's cache. A put that KV has answered survives the death of the process, so the peer is Redis with
its append-only file, flushed to the disk every second; Redis that keeps nothing is printed beside it.
"""

import contextlib
import http.client
import sys
import time

import load
import measure
import servers
from handlers import emulator

GOAL = 2
SECONDS = min(load.SECONDS, 2)
KEYS = 2_000
VALUE = "v" * 100
KV = '[[kv_namespaces]]\nbinding = "STORE"\nid = "store"\n'
PEER = "Redis, append-only file"
REDIS = {
    PEER: ["--appendonly", "yes", "--appendfsync", "everysec"],
    "Redis, in memory": ["--appendonly", "no"],
}


def run(folder):
    with contextlib.ExitStack() as stack:
        kv = stack.enter_context(emulator.running(emulator.configure(folder / "kv", "kv-store", KV)))
        contenders = {"KV": [kv]}
        for index, (name, options) in enumerate(REDIS.items()):
            redis, socket = start_redis(stack, folder / f"redis-{index}", options)
            toml = f'[vars]\nSOCKET = "{socket}"\n'
            edge = stack.enter_context(
                emulator.running(emulator.configure(folder / f"asks-{index}", "redis-store", toml)))
            contenders[name] = [edge, redis]
        report(folder, contenders)


def start_redis(stack, folder, options):
    folder.mkdir()
    socket = folder / "redis.sock"
    redis = stack.enter_context(
        servers.running(
            ["redis-server", "--port", 0, "--unixsocket", socket, "--dir", folder, "--save", "", *options]))
    deadline = time.monotonic() + 10
    while not socket.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    return redis, socket


def write_script(folder, method, body=None):
    """Requests made beforehand, so that making them costs the load generator nothing."""
    script = folder / f"{method}.lua"
    argument = f'"{body}"' if body else "nil"
    script.write_text(f"""
        local made, last = {{}}, 0
        function init()
            for i = 1, {KEYS} do made[i] = wrk.format("{method}", "/key-" .. (i * 7919 % {KEYS}), nil, {argument}) end
        end
        function request()
            last = last % {KEYS} + 1
            return made[last]
        end
    """)
    return script


def fill(contenders):
    """Every key once, before anything is measured."""
    for edge, *_ in contenders.values():
        connection = http.client.HTTPConnection("127.0.0.1", edge.port)
        for number in range(KEYS):
            connection.request("PUT", f"/key-{number}", VALUE)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 204:
                sys.exit(f"a put was answered with {answer.status}")
        connection.close()


def report(folder, contenders):
    fill(contenders)
    print(
        f"KV through a handler, {KEYS:,} keys, values of {len(VALUE)} bytes, everything on one core, {load.ROUNDS} rounds "
        f"of {SECONDS} s each, medians")
    print(f"  {'':<4} {'connections':>11}  {'store':<24} {'requests/s':>11} {'CPU µs':>8} {'p99 ms':>8}")
    for label, script in (("get", write_script(folder, "GET")), ("put", write_script(folder, "PUT", VALUE))):
        for connections in (load.CONNECTIONS, 1):
            compare(label, script, connections, contenders)


def compare(label, script, connections, contenders):
    targets = {
        name: (processes[0].url, [pid for process in processes for pid in process.pids])
        for name, processes in contenders.items()
    }
    results = load.compare(targets, script, SECONDS, connections)
    for name, result in results.items():
        print(
            f"  {label:<4} {connections:>11}  {name:<24} {result.rate:>11,.0f} {result.cpu:>8.1f} {result.p99:>8.2f}",
            flush=True)
    ratio = results["KV"].rate / results[PEER].rate
    measure.hold(
        f"KV {label}, {connections} connection{'s' if connections > 1 else ''}, requests per second beside Redis", f"{ratio:.2f} ×",
        f"at least {GOAL} ×", ratio >= GOAL)
