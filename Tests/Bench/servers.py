"""Servers under load: started on one core and ended again, and what they cost while they run."""

import contextlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

# The servers share one core, whoever asks them has the other.
SERVER_CORE = 0
LOAD_CORE = 1

TICK = os.sysconf("SC_CLK_TCK")


def require(*tools):
    for tool in tools:
        if not shutil.which(tool):
            sys.exit(f"{tool} is missing: run make bench, which installs it")


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
        except urllib.error.HTTPError as answer:
            return answer.read()
        except OSError:
            time.sleep(0.02)
    sys.exit(f"{url} did not answer")


def wait_until_open(port):
    """For servers that speak something else than plain HTTP."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    sys.exit(f"nothing listens on port {port}")


class Server:
    """A running program that answers on a port of this machine."""

    def __init__(self, process, port):
        self.process = process
        self.port = port

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def pids(self):
        """With the workers of a program that has some."""
        text = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True).stdout
        return [self.process.pid] + [int(line) for line in text.split()]


@contextlib.contextmanager
def running(command, port=None, path="/", core=SERVER_CORE, **options):
    """Starts a program, waits until it answers if it has a port, and ends it in the end."""
    pin = [] if core is None else ["taskset", "-c", str(core)]
    process = subprocess.Popen(
        pin + [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **options)
    try:
        server = Server(process, port)
        if port:
            wait_until_up(server.url + path)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=15)


def nginx(folder, server_block, port, path="/", http="", core=SERVER_CORE):
    """nginx with one worker process. The folder holds its files; `http` is what stands outside of the server's block."""
    # It changes its user when it is started by root.
    folder.chmod(0o755)
    (folder / "nginx.conf").write_text(f"""
        worker_processes 1;
        daemon off;
        pid {folder}/nginx.pid;
        error_log {folder}/error.log;
        events {{ worker_connections 8192; }}
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
            {http}
            server {{
                listen 127.0.0.1:{port};
                {server_block}
            }}
        }}
    """)
    return running(
        ["nginx", "-c", folder / "nginx.conf", "-e", folder / "error.log"], port, path, core, stderr=subprocess.DEVNULL)


def living(pids):
    """nginx has a helper that looks at the files of its cache and leaves after a minute; it takes next to no time. The first
    process has to be there."""
    return [pid for pid in pids if pid == pids[0] or pathlib.Path(f"/proc/{pid}").exists()]


def cpu_seconds(pids):
    total = 0
    for pid in living(pids):
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def memory_megabytes(pids, field="VmRSS"):
    """`VmRSS` is what lies in memory now, `VmHWM` the most that ever did."""
    text = "".join(pathlib.Path(f"/proc/{pid}/status").read_text() for pid in living(pids))
    return sum(int(kb) for kb in re.findall(rf"{field}:\s+(\d+)", text)) / 1024


def forget_peak_memory(pids):
    """`VmHWM` counts from here on."""
    for pid in living(pids):
        pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")
