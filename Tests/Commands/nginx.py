"""A real proxy in front of production servers, on a port of its own."""

import contextlib
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

from runtime import PATIENCE

CONFIG = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 1000000;
    client_max_body_size 0;
    large_client_header_buffers 8 16k;
    # None is given up for a while after a failure: the one that has just come back is needed when the other one goes.
    upstream origin {{
        {servers}
        keepalive 16;
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://origin;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_redirect off;
            proxy_buffering off;
            proxy_request_buffering {buffers_requests};
            proxy_buffer_size 32k;
            proxy_buffers 8 32k;
            proxy_connect_timeout 5s;
            # Another server is tried when one cannot be reached, and for requests that may be repeated when a connection
            # breaks before there is an answer. Answers are never tried again, whatever they are.
            proxy_next_upstream error;
        }}
    }}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def nginx(*ports, buffers_requests=False):
    """Yields the port of an nginx in front of servers on these ports."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    assert pathlib.Path(program).exists(), "nginx is not installed; Debian has it as nginx-light."
    with tempfile.TemporaryDirectory(prefix="lilypad-nginx-") as name:
        folder = pathlib.Path(name)
        # It changes its user when it is started by root.
        folder.chmod(0o755)
        port = free_port()
        servers = " ".join(f"server 127.0.0.1:{each} max_fails=0;" for each in ports)
        (folder / "nginx.conf").write_text(
            CONFIG.format(folder=folder, port=port, servers=servers, buffers_requests="on" if buffers_requests else "off"))
        process = subprocess.Popen(
            [program, "-p", name, "-c", folder / "nginx.conf", "-e", folder / "error.log"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            end = time.monotonic() + PATIENCE
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                assert process.poll() is None and time.monotonic() < end, (folder / "error.log").read_text()
                time.sleep(0.02)
            yield port
        except Exception:
            print((folder / "error.log").read_text()[-2000:])
            raise
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
