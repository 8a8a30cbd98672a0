"""Workers: what a handler and its bindings cost, beside the programs that people would use instead, in the same run."""

import pathlib
import tempfile

import measure
import servers
from handlers import bodies, hello, start, store


def main():
    measure.program("example-edge")
    servers.require("nginx", "node", "redis-server", "wrk", "taskset", "curl")
    for part in (hello, store, bodies, start):
        with tempfile.TemporaryDirectory(prefix="lilypad-bench-") as name:
            part.run(pathlib.Path(name))


if __name__ == "__main__":
    main()
