"""Static files: requests per second and CPU per request, beside nginx in the same run.

One server thread on one core, the load generator on another, 64 connections kept open. Rounds alternate, so that whatever
else the machine does hits both. The figure to trust is requests per second of server CPU.
"""

import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import measure

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "4"))
GOAL = 0.7
TICK = os.sysconf("SC_CLK_TCK")


def free_port():
    """Below the range from which load generators take their own ports."""
    for port in range(20000, 32000, 7):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    sys.exit("no free port")


def wait_until_up(url):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            return urllib.request.urlopen(url, timeout=1).read()
        except OSError:
            time.sleep(0.02)
    sys.exit(f"{url} did not answer")


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def memory_megabytes(pids):
    text = "".join(pathlib.Path(f"/proc/{pid}/status").read_text() for pid in pids)
    return sum(int(kb) for kb in re.findall(r"VmRSS:\s+(\d+)", text)) / 1024


def load(url, pids, headers=()):
    before = cpu_seconds(pids)
    command = ["taskset", "-c", "1", "wrk", "-t1", "-c64", f"-d{SECONDS}s", "--latency"]
    for header in headers:
        command += ["-H", header]
    text = subprocess.run(command + [url], capture_output=True, text=True, check=True).stdout
    used = cpu_seconds(pids) - before
    requests = int(re.search(r"(\d+) requests in", text).group(1))
    if "Non-2xx" in text:
        sys.exit(f"{url} answered with errors:\n{text}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
    p99 = re.search(r"99%\s+(\S+)", text).group(1)
    return {"rate": rate, "cpu": used / requests * 1e6, "p99": p99}


def start_nginx(folder, public, port):
    (folder / "nginx.conf").write_text(f"""
        worker_processes 1;
        daemon off;
        pid {folder}/nginx.pid;
        error_log {folder}/error.log;
        events {{ worker_connections 1024; }}
        http {{
            include /etc/nginx/mime.types;
            access_log off;
            sendfile on;
            tcp_nopush on;
            keepalive_requests 100000000;
            client_body_temp_path {folder}/body;
            proxy_temp_path {folder}/proxy;
            fastcgi_temp_path {folder}/fastcgi;
            uwsgi_temp_path {folder}/uwsgi;
            scgi_temp_path {folder}/scgi;
            open_file_cache max=1000;
            server {{
                listen 127.0.0.1:{port};
                root {public};
                add_header Cache-Control "public, max-age=0, must-revalidate";
            }}
        }}
    """)
    command = ["taskset", "-c", "0", "nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return process


def children(pid):
    text = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout
    return [pid] + [int(line) for line in text.split()]


def main():
    edge = measure.program("lilypad-edge")
    for tool in ("nginx", "wrk", "taskset"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is missing: run make bench, which installs it")
    with tempfile.TemporaryDirectory(prefix="lilypad-bench-") as name:
        folder = pathlib.Path(name)
        # nginx changes its user when it is started by root.
        folder.chmod(0o755)
        public = folder / "public"
        public.mkdir()
        for size, file in ((13, "tiny.txt"), (10_000, "page.js"), (65_536, "large.js")):
            (public / file).write_text(("const a = 1;\n" * (size // 13 + 1))[:size])
        (folder / "wrangler.toml").write_text(
            'name = "bench"\ncompatibility_date = "2026-08-01"\n[assets]\ndirectory = "./public"\n')
        nginx_port = free_port()
        nginx = start_nginx(folder, public, nginx_port)
        edge_port = None
        lilypad = None
        try:
            wait_until_up(f"http://127.0.0.1:{nginx_port}/tiny.txt")
            edge_port = free_port()
            lilypad = subprocess.Popen(
                ["taskset", "-c", "0", edge, "emulate", "--port", str(edge_port), "--threads", "1"],
                cwd=folder, stdout=subprocess.DEVNULL)
            wait_until_up(f"http://127.0.0.1:{edge_port}/tiny.txt")
            servers = {
                "nginx": (nginx_port, children(nginx.pid)),
                "lilypad-edge": (edge_port, [lilypad.pid]),
            }
            report(servers)
        finally:
            for process in filter(None, (nginx, lilypad)):
                process.terminate()
                process.wait(timeout=15)


def report(servers):
    print(f"static files, 1 server thread, 64 connections, {ROUNDS} rounds of {SECONDS} s each, medians")
    print(f"  {'file':<10} {'server':<14} {'requests/s':>11} {'CPU µs':>8} {'p99':>9} {'per CPU second':>15}")
    ratios = {}
    for file, label in (("tiny.txt", "13 B"), ("page.js", "10 kB"), ("large.js", "64 KiB")):
        rounds = {name: [] for name in servers}
        for _ in range(ROUNDS):
            for name, (port, pids) in servers.items():
                rounds[name].append(load(f"http://127.0.0.1:{port}/{file}", pids))
        cpu = {name: statistics.median(r["cpu"] for r in results) for name, results in rounds.items()}
        for name, results in rounds.items():
            rate = statistics.median(r["rate"] for r in results)
            p99 = results[len(results) // 2]["p99"]
            ratio = cpu["nginx"] / cpu[name]
            print(f"  {label:<10} {name:<14} {rate:>11,.0f} {cpu[name]:>8.1f} {p99:>9} {ratio:>13.2f} ×", flush=True)
        ratios[label] = cpu["nginx"] / cpu["lilypad-edge"]
    for name, (_, pids) in servers.items():
        print(f"  memory: {name} {memory_megabytes(pids):.0f} MB")
    measure.hold(
        "a 10 kB file, requests per CPU second beside nginx", f"{ratios['10 kB']:.2f} ×", f"at least {GOAL} ×",
        ratios["10 kB"] >= GOAL)


if __name__ == "__main__":
    main()
