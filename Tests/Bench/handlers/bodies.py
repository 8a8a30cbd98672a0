"""A large body streamed into R2 and out of it again: how fast, and with how much memory.

R2 computes an MD5 and a SHA-256 of every byte it stores. nginx only stores (its `dav` module); Node writes the same file and
computes the same two hashes.
"""

import contextlib
import hashlib
import os
import pathlib
import statistics
import subprocess
import sys

import load
import measure
import servers
from handlers import emulator

MEGABYTES = 10 if measure.QUICK else 100
# What one body may take in buffers on its way, in megabytes.
GOAL = 16
BUCKET = '[[r2_buckets]]\nbinding = "FILES"\nbucket_name = "files"\n'
PEER = measure.ROOT / "Tests/Bench/peers/files.node.mjs"


def run(folder):
    source = folder / "source"
    source.write_bytes(os.urandom(MEGABYTES * 1_000_000))
    with contextlib.ExitStack() as stack:
        stored = folder / "stored"
        stored.mkdir()
        (folder / "nginx").mkdir()
        # nginx changes its user when it is started by root.
        for path in (folder, stored):
            path.chmod(0o777)
        port = servers.free_port()
        node = stack.enter_context(servers.running(["node", PEER, port, folder / "node"], port))
        block = f"root {stored}; dav_methods PUT; client_max_body_size 1g;"
        programs = {
            "nginx": stack.enter_context(servers.nginx(folder / "nginx", block, servers.free_port())),
            "Node with hashes": node,
            "lilypad R2": stack.enter_context(emulator.running(emulator.configure(folder / "r2", "file-store", BUCKET))),
        }
        report(source, programs)


class Transfers:
    """What went through one server: seconds each, and the memory it took."""

    def __init__(self, server):
        self.server = server
        self.up, self.down = [], []
        servers.forget_peak_memory(server.pids)
        self.before = servers.memory_megabytes(server.pids)

    def round(self, source, digest):
        url = self.server.url + "/file"
        self.up.append(curl("-T", source, "-H", "Expect:", "-o", "/dev/null", url))
        copy = source.with_name("copy")
        self.down.append(curl("-o", copy, url))
        if checksum(copy) != digest:
            sys.exit(f"{url} gave back other bytes than it got")

    @property
    def peak(self):
        return servers.memory_megabytes(self.server.pids, "VmHWM")


def curl(*arguments):
    command = [
        "taskset", "-c", str(servers.LOAD_CORE), "curl", "--silent", "--show-error", "--fail", "-w", "%{time_total}",
        *map(str, arguments),
    ]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def checksum(path):
    return hashlib.blake2b(pathlib.Path(path).read_bytes()).digest()


def report(source, programs):
    digest = checksum(source)
    transfers = {name: Transfers(server) for name, server in programs.items()}
    for _ in range(load.ROUNDS):
        for each in transfers.values():
            each.round(source, digest)
    print(f"{MEGABYTES} MB up and down again, {load.ROUNDS} rounds, medians")
    print(f"  {'server':<18} {'up MB/s':>9} {'down MB/s':>10} {'RSS before MB':>14} {'peak MB':>8}")
    speeds = {}
    for name, each in transfers.items():
        speeds[name] = [MEGABYTES / statistics.median(times) for times in (each.up, each.down)]
        up, down = speeds[name]
        print(f"  {name:<18} {up:>9,.0f} {down:>10,.0f} {each.before:>14.0f} {each.peak:>8.0f}", flush=True)
    ours = transfers["lilypad R2"]
    for name in ("nginx", "Node with hashes"):
        up, down = (mine / other for mine, other in zip(speeds["lilypad R2"], speeds[name]))
        print(f"  beside {name}: up {up:.2f} ×, down {down:.2f} ×")
    growth = ours.peak - ours.before
    measure.hold(
        f"memory while {MEGABYTES} MB go into R2 and out", f"{growth:.1f} MB more than before", f"at most {GOAL} MB",
        growth <= GOAL)
