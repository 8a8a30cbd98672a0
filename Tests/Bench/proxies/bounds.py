"""More objects than fit: every object is asked for again and again, in the same order, which is the worst for a cache that
keeps what was used last. What counts is that memory stays where it was once the cache is full."""

import contextlib
import re
import subprocess

import load
import measure
import servers
from proxies import cast

OBJECTS = 2_000 if measure.QUICK else 100_000
PASSES = 2
# Megabytes.
ROOM = 32
# Once full, a cache may breathe, and its processes have more to hold than the cache.
GROWTH_GOAL = 1.1
PEAK_GOAL = 3.0


def run(folder):
    with contextlib.ExitStack() as stack:
        origin = stack.enter_context(cast.origin(folder / "origin"))
        programs = cast.caches(stack, folder, origin, ROOM)
        print(f"{OBJECTS:,} objects of 1 kB through a cache of {ROOM} MB, {PASSES} times; memory in MB")
        passes = "".join(f"{f'pass {number}':>9}" for number in range(1, PASSES + 1))
        print(f"  {'proxy':<9} {'before':>8}{passes} {'peak':>8} {'requests/s':>11}")
        for name, server in programs.items():
            report(name, server, folder)


def report(name, server, folder):
    before = servers.memory_megabytes(server.pids)
    servers.forget_peak_memory(server.pids)
    after = []
    rates = []
    for _ in range(PASSES):
        rates.append(fetch_all(server, folder))
        after.append(servers.memory_megabytes(server.pids))
    peak = servers.memory_megabytes(server.pids, "VmHWM")
    print(
        f"  {name:<9} {before:>8.0f}{''.join(f'{value:>9.0f}' for value in after)} {peak:>8.0f} {max(rates):>11,.0f}",
        flush=True)
    if name != "lilypad":
        return
    growth = after[-1] / after[0]
    measure.hold(
        f"memory after {PASSES} × {OBJECTS:,} objects beside memory after the first", f"{growth:.2f} ×",
        f"at most {GROWTH_GOAL} ×", growth <= GROWTH_GOAL)
    share = (peak - before) / ROOM
    measure.hold(
        "most memory that a full cache took, beside its bound", f"{share:.2f} ×", f"at most {PEAK_GOAL} ×",
        share <= PEAK_GOAL)


def fetch_all(server, folder):
    """Asks for every object once, and a few of them twice: the load generator counts time, not requests."""
    script = folder / "objects.lua"
    script.write_text(f"""
        local number = 0
        function init(arguments) number = tonumber(arguments[1]) end
        function request()
            number = number % {OBJECTS} + 1
            return wrk.format("GET", "/object/" .. number)
        end
    """)
    fetched, rate = 0, 0
    while fetched < OBJECTS:
        text = subprocess.run(
            ["taskset", "-c", str(servers.LOAD_CORE), "wrk", "-t1", f"-c{load.CONNECTIONS}", "-d1s", "-s", script,
             server.url, "--", str(fetched)], capture_output=True, text=True, check=True).stdout
        if "Non-2xx" in text or "Socket errors" in text:
            raise SystemExit(f"{server.url} answered with errors:\n{text}")
        fetched += int(re.search(r"(\d+) requests in", text).group(1))
        rate = max(rate, float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)))
    return rate
