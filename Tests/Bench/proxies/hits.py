"""Answers from the cache, answers that have to be fetched, and a thousand clients at once."""

import contextlib
import sys

import load
import measure
import servers
from proxies import cast

HIT_GOAL = 1.5
MISS_GOAL = 1.0
CROWD = 64 if measure.QUICK else 1000
SECONDS = min(load.SECONDS, 2)


def run(folder):
    with contextlib.ExitStack() as stack:
        origin = stack.enter_context(cast.origin(folder / "origin"))
        programs = cast.caches(stack, folder, origin)
        print(
            f"caches, 1 server thread on one core, {load.CONNECTIONS} connections, {load.ROUNDS} rounds of {SECONDS} s each, "
            "medians")
        head()
        for path, label in (("/object/1", "1 kB"), ("/large", "64 kB")):
            results = compare(programs, origin, path, f"hit, {label}", isHit=True)
            ratio = results["Varnish"].cpu / results["lilypad"].cpu
            measure.hold(
                f"cache hits of {label}, requests per CPU second beside Varnish", f"{ratio:.2f} ×",
                f"at least {HIT_GOAL} ×", ratio >= HIT_GOAL)
        results = compare(programs, origin, "/private/1", "not stored", isHit=False)
        misses(results, "answers that are passed on")
        results = compare(programs, origin, "", "miss, stored", isHit=False, script=unique(folder))
        misses(results, "misses that are stored")
        results = compare(programs, origin, "/object/1", f"{CROWD} clients", isHit=True, connections=CROWD)
        ratio = results["lilypad"].p99 / results["nginx"].p99
        measure.hold(
            f"p99 of hits with {CROWD:,} connections, beside nginx", f"{ratio:.2f} ×", "at most 1 ×", ratio <= 1)
        for name, server in programs.items():
            print(f"  memory: {name} {servers.memory_megabytes(server.pids):.0f} MB")


def misses(results, what):
    ratio = results["nginx"].cpu / results["lilypad"].cpu
    measure.hold(
        f"{what}, requests per CPU second beside nginx", f"{ratio:.2f} ×", f"at least {MISS_GOAL} ×", ratio >= MISS_GOAL)


def head():
    print(
        f"  {'':<14} {'proxy':<9} {'requests/s':>11} {'CPU µs':>8} {'p99 ms':>9} {'beside nginx':>13} "
        f"{'beside Varnish':>15}")


def compare(programs, origin, path, label, isHit, script=None, connections=load.CONNECTIONS):
    targets = {name: (server.url + path, server.pids) for name, server in programs.items()}
    for url, _ in targets.values():
        servers.wait_until_up(url)
    before = cast.asked(origin)
    results = load.compare(targets, script, SECONDS, connections)
    fetched = cast.asked(origin) - before
    requests = sum(result.requests for result in results.values())
    # A cache that passes hits on, or answers misses itself, would be measured doing something else.
    if (fetched > requests / 100) if isHit else (fetched < requests * 0.95):
        sys.exit(f"{label}: {fetched} of {requests} requests reached the origin")
    for name, result in results.items():
        print(
            f"  {label:<14} {name:<9} {result.rate:>11,.0f} {result.cpu:>8.1f} {result.p99:>9.2f} "
            f"{results['nginx'].cpu / result.cpu:>11.2f} × {results['Varnish'].cpu / result.cpu:>13.2f} ×", flush=True)
    return results


def unique(folder):
    """Paths that no cache has seen: every run of the load generator begins with a number of its own."""
    script = folder / "unique.lua"
    script.write_text("""
        local prefix, number = nil, 0
        function init() prefix = "/object/" .. os.time() .. "-" .. tostring({}):gsub("table: ", "") .. "-" end
        function request()
            number = number + 1
            return wrk.format("GET", prefix .. number)
        end
    """)
    return script
