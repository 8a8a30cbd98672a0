"""What the tests of the runtime as a process share: a running one, and how to ask it."""

import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

from tally import BIN

PATIENCE = 30


class Edge:
    """A running emulator, or another command of the program. `lines` grows as it prints, also while nobody waits for a line: a full pipe must not stop it."""

    command = "emulate"
    purpose = "app"

    def __init__(self, folder, *arguments, program="lilypad-edge", environment=None, **options):
        self.process = spawn(
            folder, *arguments, program=program, environment=environment, command=self.command, **options)
        self.lines = []
        self._grown = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.wait_for(rf"^listening {self.purpose} ")
        except AssertionError:
            self.kill()
            raise

    def _read(self):
        for line in self.process.stdout:
            with self._grown:
                self.lines.append(line.rstrip("\n"))
                self._grown.notify_all()
        with self._grown:
            self._ended = True
            self._grown.notify_all()

    def wait_for(self, pattern):
        """The first line that fits, printed already or not."""
        seen = 0
        end = time.monotonic() + PATIENCE
        with self._grown:
            while True:
                for line in self.lines[seen:]:
                    if re.search(pattern, line):
                        return line
                seen = len(self.lines)
                if self._ended or not self._grown.wait(end - time.monotonic()):
                    raise AssertionError(f"no line “{pattern}” in:\n" + "\n".join(self.lines))

    @property
    def url(self):
        return self.wait_for(rf"^listening {self.purpose} ").split()[-1]

    @property
    def port(self):
        return int(self.url.rsplit(":", 1)[1])

    def stop(self, number=signal.SIGTERM):
        """Ends the process and waits for its last line; the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(timeout=PATIENCE)
        self._reader.join(timeout=PATIENCE)
        return code

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._reader.join(timeout=PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()
        self.process.stdout.close()


class Proxy(Edge):
    """A running cache in front of an origin."""

    command = "proxy"
    purpose = "proxy"


class Served(Edge):
    """A running production server."""

    command = "serve"
    purpose = "serve"


def spawn(folder, *arguments, program="lilypad-edge", environment=None, command="emulate", **options):
    """The process alone, which may not have begun to listen."""
    return subprocess.Popen(
        [str(BIN / program), command, *map(str, arguments)], cwd=folder, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, **options)


def ask(url, method="GET", body=None, headers=None):
    """The status, the header fields and the body of an answer, whatever the status."""
    request = urllib.request.Request(url, method=method, data=body, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def ask_json(url, method="GET", body=None, headers=None):
    status, _, content = ask(url, method, body, headers)
    assert status < 400, (status, content)
    return json.loads(content)


def until(what, condition):
    """Waits for a condition; how long does not matter, that it comes does."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"{what} did not come")


def refused(folder, *arguments, program="lilypad-edge", environment=None, prefix=(), command="emulate"):
    """What a start that must fail says, on any port unless one is given. `prefix` is a command that runs the program."""
    port = [] if "--port" in arguments else ["--port", "0"]
    result = subprocess.run(
        [*prefix, str(BIN / program), command, *port, *map(str, arguments)], cwd=folder, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=PATIENCE, env=environment or os.environ)
    assert result.returncode == 1, (result.returncode, result.stdout, result.stderr)
    return result.stderr
