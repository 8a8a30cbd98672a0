"""Who plays: the origin with static answers, and the proxies in front of it. Each proxy has one thread for its clients, on
the one core that all of them share; the origin runs beside the load generator, on the other one."""

import http.client
import re
import subprocess

import measure
import servers

KILOBYTE = "x" * 1024
LARGE = 64 * 1024
TLS_FILES = ("certificate.pem", "key.pem")


def origin(folder):
    """nginx that serves a kilobyte under any path of `/object/`, and the same as something that nobody may store."""
    public = folder / "public"
    public.mkdir(parents=True)
    (public / "large").write_text("x" * LARGE)
    for path in (folder.parent, folder, public):
        path.chmod(0o755)
    fresh = 'add_header Cache-Control "public, max-age=86400"; default_type text/plain;'
    block = f"""
        location /object/ {{ {fresh} return 200 "{KILOBYTE}"; }}
        location /large {{ {fresh} root {public}; }}
        location /private/ {{ add_header Cache-Control "no-store"; default_type text/plain; return 200 "{KILOBYTE}"; }}
        location = /status {{ stub_status; }}
        location / {{ return 200; }}
    """
    return servers.nginx(folder, block, servers.free_port(), core=servers.LOAD_CORE)


def asked(origin):
    """How many requests the origin has had."""
    connection = http.client.HTTPConnection("127.0.0.1", origin.port)
    connection.request("GET", "/status")
    text = connection.getresponse().read().decode()
    connection.close()
    return int(re.search(r"requests\s+\d+ \d+ (\d+)", text).group(1))


def nginx(folder, origin, memory, tls=None):
    """`proxy_cache`, which keeps bodies in files and trusts the system to keep those in memory."""
    folder.mkdir()
    http = f"""
        proxy_cache_path {folder}/cache levels=1:2 keys_zone=cache:64m max_size={memory}m inactive=1d use_temp_path=off;
        upstream origin {{ server 127.0.0.1:{origin.port}; keepalive 256; keepalive_requests 100000000; }}
    """
    # With nopush the end of a large answer waits for a delayed acknowledgement.
    block = """
        tcp_nopush off;
        location / {
            proxy_pass http://origin;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_cache cache;
        }
    """
    if tls:
        port = servers.free_port()
        certificate, key = (tls / name for name in TLS_FILES)
        block = f"listen 127.0.0.1:{port + 1} ssl http2; ssl_certificate {certificate}; ssl_certificate_key {key};" + block
        return servers.nginx(folder, block, port, "/object/0", http)
    return servers.nginx(folder, block, servers.free_port(), "/object/0", http)


def varnish(folder, origin, memory):
    port = servers.free_port()
    folder.mkdir()
    command = [
        "varnishd", "-F", "-j", "none", "-n", folder, "-a", f"127.0.0.1:{port}", "-b", f"127.0.0.1:{origin.port}",
        "-s", f"malloc,{memory}m", "-s", "Transient=malloc,16m", "-p", "thread_pools=1", "-p", "thread_pool_min=100",
        "-p", "thread_pool_max=1500", "-p", "timeout_idle=60",
    ]
    return servers.running(command, port, "/object/0", stderr=subprocess.DEVNULL)


def command(origin, memory, port, *options):
    return [
        measure.program("lilypad-edge"), "proxy", "--upstream", origin.url, "--port", port, "--threads", 1, "--memory", memory,
        "--no-request-log", *options,
    ]


def lilypad(folder, origin, memory):
    port = servers.free_port()
    folder.mkdir()
    return servers.running(command(origin, memory, port), port, "/object/0", cwd=folder)


def caches(stack, folder, origin, memory=256):
    """The three caches, each with room for this many megabytes."""
    return {
        "nginx": stack.enter_context(nginx(folder / "nginx", origin, memory)),
        "Varnish": stack.enter_context(varnish(folder / "varnish", origin, memory)),
        "lilypad": stack.enter_context(lilypad(folder / "lilypad", origin, memory)),
    }
