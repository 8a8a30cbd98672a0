"""Two production servers behind nginx are replaced one after the other while clients ask: no request is lost."""

import http.client
import itertools
import pathlib
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Browser"))
from nginx import free_port, nginx  # noqa: E402
from runtime import PATIENCE, Served, until  # noqa: E402
from tally import Checks  # noqa: E402

CONFIG = """
name = "sampler"
main = "worker.js"
compatibility_date = "2026-08-01"
[[r2_buckets]]
binding = "FILES"
bucket_name = "files"
"""

CLIENTS = 8
ROUNDS = 2


class Load:
    """Clients that ask again and again, over connections that they keep."""

    KINDS = (
        ("GET", "/text", None, b"Hello, World!"),
        ("POST", "/echo", b"x" * 5000, b"x" * 5000),
        ("GET", "/stream?chunks=20&size=500", None, None),
        ("PUT", "/digest", b"y" * 200_000, None),
        ("HEAD", "/text", None, b""),
    )

    def __init__(self, port):
        self.port = port
        self.answered = 0
        self.lost = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(CLIENTS)]

    def _run(self, number):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        kinds = itertools.cycle(self.KINDS[number % len(self.KINDS):] + self.KINDS[:number % len(self.KINDS)])
        while not self._stop.is_set():
            method, target, body, expected = next(kinds)
            try:
                connection.request(method, target, body)
                answer = connection.getresponse()
                content = answer.read()
                failure = answer.status != 200 or (expected is not None and content != expected)
                failure = failure and f"{method} {target}: {answer.status} {content[:100]}"
            except (OSError, http.client.HTTPException) as error:
                failure = f"{method} {target}: {error!r}"
                connection.close()
            with self._lock:
                self.answered += 1
                if failure:
                    self.lost.append(failure)
        connection.close()

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=PATIENCE)

    def goes_on(self, count=300):
        """Waits for so many more answers."""
        goal = self.answered + count
        until(f"{count} more answers", lambda: self.answered >= goal)


def start(folder, port, number):
    return Served(
        folder, "--port", port, "--persist-to", folder / f"state-{number}", "--trusted-proxies", "127.0.0.1",
        "--access-log", "off", "--threads", "1", program="example-edge")


def a_rolling_restart():
    with tempfile.TemporaryDirectory(prefix="lilypad-rolling-") as name:
        folder = pathlib.Path(name)
        (folder / "wrangler.toml").write_text(CONFIG)
        ports = [free_port(), free_port()]
        servers = [start(folder, port, number) for number, port in enumerate(ports)]
        try:
            with nginx(*ports) as port, Load(port) as load:
                load.goes_on()
                for number in [0, 1] * ROUNDS:
                    assert servers[number].stop() == 0, servers[number].lines
                    load.goes_on()
                    servers[number] = start(folder, ports[number], number)
                    load.goes_on()
            assert not load.lost, (len(load.lost), load.answered, load.lost[:5])
            print(f"  {load.answered} requests through {2 * ROUNDS} restarts, none lost")
        finally:
            for server in servers:
                server.__exit__()


def main():
    checks = Checks()
    checks.run("a rolling restart loses no request", a_rolling_restart)
    checks.finish()


if __name__ == "__main__":
    main()
