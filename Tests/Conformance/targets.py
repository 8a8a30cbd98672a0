"""The servers that can stand between the client and the origin: ours, and others to compare it with."""

import asyncio
import contextlib
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Browser"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Commands"))
from runtime import Proxy  # noqa: E402

from stage import Skipped  # noqa: E402


class Target:
    """Where the client sends its requests. `ours` if what only this project promises can be asked of it."""

    ours = False

    def __init__(self, host, port):
        self.host, self.port = host, port

    @property
    def authority(self):
        return f"{self.host}:{self.port}"

    def another(self, upstream, *options):
        """A second server of the same kind in front of another origin."""
        raise Skipped("a second server cannot be started")


def at(url):
    parts = urllib.parse.urlsplit(url)
    return parts.hostname, parts.port or 80


@contextlib.asynccontextmanager
async def direct(upstream):
    """The origin itself: what the cases give without any cache."""
    yield Target(*at(upstream))


@contextlib.asynccontextmanager
async def given(url):
    """A server that somebody else has started in front of the origin's port."""
    yield Target(*at(url))


class Lilypad(Target):
    ours = True

    def another(self, upstream, *options):
        return lilypad(upstream, *options)


@contextlib.asynccontextmanager
async def lilypad(upstream, *options):
    with tempfile.TemporaryDirectory(prefix="lilypad-proxy-") as folder:
        start = lambda: Proxy(folder, "--upstream", upstream, "--port", 0, "--profile", "rfc", *options)  # noqa: E731
        proxy = await asyncio.to_thread(start)
        target = Lilypad(*at(proxy.url))
        target.process = proxy.process
        try:
            with proxy:
                yield target
        finally:
            ended = proxy.process.returncode
            if ended not in (None, -9):
                print(f"the proxy ended by itself with {ended}:", *proxy.lines[-20:], sep="\n    ")


NGINX = """
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/client;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    client_max_body_size 0;
    proxy_cache_path {folder}/cache levels=1:2 keys_zone=cache:10m;
    upstream origin {{ server {upstream}; keepalive 64; }}
    server {{
        listen 127.0.0.1:{port} backlog=1000;
        location / {{
            proxy_pass http://origin;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_cache cache;
            proxy_cache_key $http_host$request_uri;
            proxy_cache_revalidate on;
            proxy_cache_lock on;
            proxy_cache_use_stale error timeout updating;
            proxy_cache_background_update on;
            proxy_request_buffering off;
        }}
    }}
}}
"""

VARNISH = """
vcl 4.1;
backend default {{ .host = "{host}"; .port = "{port}"; }}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@contextlib.asynccontextmanager
async def peer(name, upstream):
    """nginx or Varnish with the cache on and nothing else set that its manual does not suggest."""
    program = shutil.which({"nginx": "nginx", "varnish": "varnishd"}[name])
    if program is None:
        raise SystemExit(f"{name} is not installed")
    host, port = at(upstream)
    own = free_port()
    with tempfile.TemporaryDirectory(prefix=f"lilypad-{name}-") as folder:
        config = pathlib.Path(folder, "config")
        # The workers of both may run as another user.
        pathlib.Path(folder).chmod(0o777)
        if name == "nginx":
            config.write_text(NGINX.format(folder=folder, port=own, upstream=f"{host}:{port}"))
            command = [program, "-p", folder, "-c", config]
        else:
            config.write_text(VARNISH.format(host=host, port=port))
            command = [program, "-F", "-n", folder, "-a", f"127.0.0.1:{own}", "-f", config, "-s", "malloc,64M",
                       "-p", "default_ttl=0", "-p", "default_grace=0",
                       "-p", "default_keep=3600"]
        process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            await answering("127.0.0.1", own)
            yield Target("127.0.0.1", own)
        finally:
            process.terminate()
            process.wait(timeout=30)


async def answering(host, port):
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(host, port)
                writer.close()
                return
            await asyncio.sleep(0.05)
