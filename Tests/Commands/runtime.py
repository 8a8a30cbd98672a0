"""What the tests of the runtime as a process share: a running one, and how to ask it."""

import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request

from tally import BIN

PATIENCE = 30


class Edge:
    """A running emulator. `lines` grows as it prints."""

    def __init__(self, folder, *arguments, program="lilypad-edge", environment=None):
        self.process = subprocess.Popen(
            [str(BIN / program), "emulate", *map(str, arguments)], cwd=folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
        self.lines = []
        self.wait_for(r"^listening app ")

    def wait_for(self, pattern):
        """Reads on until a line fits; the process ends before or it fits, so this cannot hang for long."""
        for line in self.lines:
            if re.search(pattern, line):
                return line
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if re.search(pattern, line):
                return line
        raise AssertionError(f"no line “{pattern}” in:\n" + "\n".join(self.lines))

    @property
    def url(self):
        return self.wait_for(r"^listening app ").split()[-1]

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        rest = self.process.stdout.read()
        self.lines += rest.splitlines()
        return self.process.wait(timeout=PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.stdout.close()
        self.process.wait()


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


def refused(folder, *arguments, program="lilypad-edge", environment=None):
    """What a start that must fail says."""
    result = subprocess.run(
        [str(BIN / program), "emulate", "--port", "0", *map(str, arguments)], cwd=folder, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=PATIENCE, env=environment or os.environ)
    assert result.returncode == 1, (result.returncode, result.stdout, result.stderr)
    return result.stderr
