"""Load by wrk: requests per second and CPU per request, in rounds that alternate between the servers, so that whatever
else the machine does hits all of them. The figure to trust is CPU per request."""

import os
import re
import statistics
import subprocess
import sys

import servers

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "4"))
CONNECTIONS = 64


class Round:
    """One server under load for a while."""

    def __init__(self, url, pids, seconds, script, connections, is_ours=True):
        before = servers.cpu_seconds(pids)
        command = [
            "taskset", "-c", str(servers.LOAD_CORE), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency",
        ]
        if script:
            command += ["-s", str(script)]
        text = subprocess.run(command + [url], capture_output=True, text=True, check=True).stdout
        used = servers.cpu_seconds(pids) - before
        self.requests = int(re.search(r"(\d+) requests in", text).group(1))
        errors = failures(text)
        # Under a load that it passes on, a peer may lose a request now and then: that is said, and it is measured all the same.
        if errors > (0 if is_ours else self.requests / 50):
            sys.exit(f"{url} answered with errors:\n{text}")
        if errors:
            print(f"  ({errors} of {self.requests} requests to {url} failed)", flush=True)
        # Microseconds of all processes that answer.
        self.cpu = used / self.requests * 1e6
        self.rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
        # At the beginning of its line: a deviation of 71.99% is none.
        self.p99 = milliseconds(re.search(r"^\s+99%\s+(\S+)", text, re.MULTILINE).group(1))


class Result:
    """Medians of some rounds."""

    def __init__(self, rounds):
        self.rate = statistics.median(r.rate for r in rounds)
        self.cpu = statistics.median(r.cpu for r in rounds)
        self.p99 = statistics.median(r.p99 for r in rounds)
        # Of all rounds.
        self.requests = sum(r.requests for r in rounds)


def compare(targets, script=None, seconds=SECONDS, connections=CONNECTIONS):
    """`targets` maps a name to a URL and the processes behind it. Returns a result for each name."""
    rounds = {name: [] for name in targets}
    for _ in range(ROUNDS):
        for name, (url, pids) in targets.items():
            rounds[name].append(Round(url, pids, seconds, script, connections, "lilypad" in name))
    return {name: Result(results) for name, results in rounds.items()}


def failures(text):
    """Answers that were errors, and answers that never came, in what wrk says."""
    answered = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    sockets = re.search(r"Socket errors: (.+)", text)
    return sum(map(int, re.findall(r"\d+", " ".join(match.group(1) for match in (answered, sockets) if match))))


def milliseconds(text):
    """wrk's times: `310.00us`, `1.02ms`, `1.10s`."""
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]
