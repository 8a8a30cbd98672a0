"""The cache in front of an origin, beside nginx and Varnish in the same run: hits, misses, crowds, bounds, TLS."""

import pathlib
import tempfile

import measure
import servers
from proxies import bounds, hits, secure


def main():
    measure.program("lilypad-edge")
    servers.require("nginx", "varnishd", "h2load", "openssl", "wrk", "taskset")
    for part in (hits, bounds, secure):
        with tempfile.TemporaryDirectory(prefix="lilypad-bench-") as name:
            part.run(pathlib.Path(name))


if __name__ == "__main__":
    main()
