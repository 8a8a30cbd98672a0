"""What the benchmarks share: where the programs are, how one run is timed, and how a figure is held against its goal."""

import ctypes
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]

# A smoke run: every step once, on little data. Its figures mean nothing.
QUICK = os.environ.get("BENCH_QUICK") == "1"


def program(name):
    """A release binary: from LILYPAD_BIN, or as `Tests/Bench/run` builds it."""
    path = pathlib.Path(os.environ.get("LILYPAD_BIN", ROOT / ".build/release")) / name
    if not path.is_file():
        sys.exit(f"{path} is missing: run make bench, which builds it")
    return str(path.resolve())


def toolchain():
    return pathlib.Path(os.environ.get("LILYPAD_TOOLCHAIN", ROOT / ".toolchain")).resolve()


def environment():
    """Of the caller, with the tools that set-up installed for this checkout."""
    return os.environ | {"LILYPAD_TOOLCHAIN": str(toolchain())}


# What a command leaves running when it ends becomes our child, so that its CPU time is counted, too.
PR_SET_CHILD_SUBREAPER = 36
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class Run:
    """One finished command: seconds on the clock, seconds of CPU with all children, and what it printed."""

    def __init__(self, command, cwd):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        result = subprocess.run(
            [str(part) for part in command], cwd=cwd, env=environment(), stdin=subprocess.DEVNULL,
            capture_output=True, text=True)
        self.wall = time.perf_counter() - start
        collect_orphans()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.output = result.stdout
        if result.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))} failed:\n{result.stdout}{result.stderr}")


def collect_orphans():
    """Waits for what the last command started and did not wait for: a second is enough to notice a closed pipe."""
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.005)
        except ChildProcessError:
            return


def median(runs, key=lambda run: run.wall):
    return statistics.median(map(key, runs))


def settle():
    """Lets the disk finish what was written before, so that no round pays for the one before it."""
    os.sync()


def clear(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def seconds(value):
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def hold(subject, measured, goal, reached):
    """Says whether a goal is reached, here and in the table at the end of `Tests/Bench/run`."""
    print(f"  {subject}: {measured} (goal {goal}): {'reached' if reached else 'missed'}", flush=True)
    table = os.environ.get("BENCH_TABLE")
    if table:
        with open(table, "a") as file:
            file.write(json.dumps([subject, measured, goal, "reached" if reached else "missed"]) + "\n")
