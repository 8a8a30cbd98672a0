"""Static files: requests per second and CPU per request, beside nginx in the same run: one server thread, 64 connections
kept open."""

import contextlib
import pathlib
import tempfile

import load
import measure
import servers

GOAL = 0.7
FILES = (("tiny.txt", "13 B", 13), ("page.js", "10 kB", 10_000), ("large.js", "64 KiB", 65_536))


def main():
    edge = measure.program("lilypad-edge")
    servers.require("nginx", "wrk", "taskset")
    with tempfile.TemporaryDirectory(prefix="lilypad-bench-") as name, contextlib.ExitStack() as stack:
        folder = pathlib.Path(name)
        public = folder / "public"
        public.mkdir()
        for file, _, size in FILES:
            (public / file).write_text(("const a = 1;\n" * (size // 13 + 1))[:size])
        (folder / "wrangler.toml").write_text(
            'name = "bench"\ncompatibility_date = "2026-08-01"\n[assets]\ndirectory = "./public"\n')
        block = f'root {public}; add_header Cache-Control "public, max-age=0, must-revalidate";'
        nginx = stack.enter_context(servers.nginx(folder, block, servers.free_port(), "/tiny.txt"))
        port = servers.free_port()
        lilypad = stack.enter_context(
            servers.running(
                [edge, "emulate", "--port", port, "--threads", 1], port, "/tiny.txt", cwd=folder))
        report({"nginx": nginx, "lilypad-edge": lilypad})


def report(programs):
    print(
        f"static files, 1 server thread, {load.CONNECTIONS} connections, {load.ROUNDS} rounds of {load.SECONDS} s each, "
        "medians")
    print(f"  {'file':<10} {'server':<14} {'requests/s':>11} {'CPU µs':>8} {'p99 ms':>9} {'per CPU second':>15}")
    ratios = {}
    for file, label, _ in FILES:
        results = load.compare({name: (f"{server.url}/{file}", server.pids) for name, server in programs.items()})
        for name, result in results.items():
            ratios[label] = results["nginx"].cpu / result.cpu
            print(
                f"  {label:<10} {name:<14} {result.rate:>11,.0f} {result.cpu:>8.1f} {result.p99:>9.2f} "
                f"{ratios[label]:>13.2f} ×", flush=True)
    for name, server in programs.items():
        print(f"  memory: {name} {servers.memory_megabytes(server.pids):.0f} MB")
    measure.hold(
        "a 10 kB file, requests per CPU second beside nginx", f"{ratios['10 kB']:.2f} ×", f"at least {GOAL} ×",
        ratios["10 kB"] >= GOAL)


if __name__ == "__main__":
    main()
