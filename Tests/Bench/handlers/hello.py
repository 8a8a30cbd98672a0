"""The least that a handler can do: 13 bytes of text."""

import contextlib

import load
import measure
import servers
from handlers import emulator

GOAL = 0.9
SECONDS = min(load.SECONDS, 3)
PEERS = measure.ROOT / "Tests/Bench/peers"


def run(folder):
    tools = measure.toolchain() / "bin"
    with contextlib.ExitStack() as stack:
        def start(command):
            port = servers.free_port()
            return stack.enter_context(servers.running([*command, port], port))

        (folder / "nginx").mkdir()
        block = 'location / { default_type text/plain; return 200 "Hello, World!"; }'
        programs = {
            "nginx": stack.enter_context(servers.nginx(folder / "nginx", block, servers.free_port())),
            "Bun": start([tools / "bun", PEERS / "hello.bun.ts"]),
            "Deno": start([tools / "deno", "run", "--quiet", "--no-lock", "--allow-net", PEERS / "hello.deno.ts"]),
            "Node": start(["node", PEERS / "hello.node.mjs"]),
            "lilypad": stack.enter_context(emulator.running(emulator.configure(folder / "hello", "hello"))),
        }
        report(programs)


def report(programs):
    print(
        f"hello handler, 1 server thread on one core, {load.CONNECTIONS} connections, {load.ROUNDS} rounds of "
        f"{SECONDS} s each, medians")
    print(f"  {'server':<10} {'requests/s':>11} {'CPU µs':>8} {'p99 ms':>8} {'RSS MB':>7} {'per CPU second':>15}")
    results = load.compare({name: (server.url + "/", server.pids) for name, server in programs.items()}, seconds=SECONDS)
    for name, result in results.items():
        print(
            f"  {name:<10} {result.rate:>11,.0f} {result.cpu:>8.1f} {result.p99:>8.2f} "
            f"{servers.memory_megabytes(programs[name].pids):>7.0f} {results['nginx'].cpu / result.cpu:>13.2f} ×",
            flush=True)
    cpu = {name: result.cpu for name, result in results.items()}
    ratio = cpu["nginx"] / cpu["lilypad"]
    measure.hold(
        "a hello handler, requests per CPU second beside nginx", f"{ratio:.2f} ×", f"at least {GOAL} ×", ratio >= GOAL)
    ratio = cpu["Node"] / cpu["lilypad"]
    measure.hold(
        "a hello handler, requests per CPU second beside Node", f"{ratio:.2f} ×", "more than 1 ×", ratio > 1)
