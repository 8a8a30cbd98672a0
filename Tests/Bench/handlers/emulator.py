"""The emulator with the Workers of `Tests/ExampleWorker`."""

import measure
import servers

# Without what a production server would not do either: measure Cloudflare's limits, and write a line for each request.
QUIET = ["--threads", 1, "--no-request-log", "--no-limits"]


def configure(folder, worker, toml=""):
    """A folder with the configuration of one Worker, `wrangler.toml`."""
    folder.mkdir()
    (folder / "wrangler.toml").write_text(
        f'name = "{worker}"\nmain = "worker.js"\ncompatibility_date = "2026-08-01"\n{toml}')
    return folder


def command(port, *options):
    return [measure.program("example-edge"), "emulate", "--port", port, *QUIET, *options]


def running(folder):
    port = servers.free_port()
    return servers.running(command(port), port, cwd=folder)
