"""The emulator at a terminal: what it says at the start, its keys, and the terminal's manners afterwards. On a real pty."""

import contextlib
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import termios
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Browser"))
from tally import BIN, Checks  # noqa: E402

CONFIG = """
name = "ledger"
main = "ledger.js"
compatibility_date = "2026-08-01"
[triggers]
crons = ["*/5 * * * *", "0 12 * * *"]
[[kv_namespaces]]
binding = "ENTRIES"
[[kv_namespaces]]
binding = "DELIVERED"
[[r2_buckets]]
binding = "OBJECTS"
bucket_name = "objects"
[[queues.producers]]
binding = "MESSAGES"
queue = "messages"
"""

PATIENCE = 30


class Shell:
    """A terminal with the emulator in front."""

    def __init__(self, folder, *arguments):
        self.text = ""
        self.opened = folder / "opened"
        browser = folder / "browser"
        browser.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >> {self.opened}\n')
        browser.chmod(0o755)
        command = [str(BIN / "example-edge"), "emulate", "--port", "0", *arguments]
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.environ["BROWSER"] = str(browser)
            os.environ.pop("NO_COLOR", None)
            os.execv(command[0], command)
        self.code = None

    def read(self, seconds=0.05):
        while select.select([self.terminal], [], [], seconds)[0]:
            try:
                piece = os.read(self.terminal, 65536)
            except OSError:
                return
            if not piece:
                return
            self.text += piece.decode(errors="replace")

    def wait_for(self, pattern, count=1):
        """Until the terminal shows something so often; the last place."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.read()
            found = list(re.finditer(pattern, self.text))
            if len(found) >= count:
                return found[-1]
        raise AssertionError(f"no “{pattern}” in:\n{self.text}")

    def press(self, keys):
        os.write(self.terminal, keys.encode())

    def echoes(self):
        """Whether the terminal shows what is typed, and waits for whole lines: its ordinary manners."""
        flags = termios.tcgetattr(self.terminal)[3]
        return bool(flags & termios.ECHO) and bool(flags & termios.ICANON)

    def url(self, what="app", count=1):
        return self.wait_for(rf"listening {what} (\S+)", count)[1]

    def ask(self, path, count=1):
        with contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(self.url(count=count) + path, timeout=PATIENCE).read()

    def wait(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.read()
            done, status = os.waitpid(self.process, os.WNOHANG)
            if done:
                self.code = status
                return os.waitstatus_to_exitcode(status)
        raise AssertionError(f"it does not end:\n{self.text}")

    def close(self):
        if self.code is None:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
        os.close(self.terminal)


@contextlib.contextmanager
def shell(*arguments):
    with tempfile.TemporaryDirectory(prefix="lilypad-terminal-") as name:
        folder = pathlib.Path(name)
        (folder / "wrangler.toml").write_text(CONFIG)
        running = Shell(folder, *arguments)
        try:
            running.folder = folder
            running.url("s3")
            yield running
        finally:
            running.close()


def says_what_runs():
    with shell() as running:
        running.wait_for(r"dashboard http://127\.0\.0\.1:\d+/\?token=[0-9a-f]{64}")
        lines = running.text.split("\r\n")
        assert len(lines) <= 24 and all(len(line) <= 120 for line in lines), running.text
        for text in ("ledger", "kv namespace", "ENTRIES", "r2 bucket", "*/5 * * * *", "state ", "keys ", "started in"):
            assert text in running.text, f"{text!r} is missing in:\n{running.text}"


def keys_do_what_they_say():
    with shell() as running:
        running.wait_for("dashboard http")
        running.press("?")
        running.wait_for("narrows the requests")
        running.press("o")
        running.wait_for("opening http")
        running.press("d")
        running.wait_for("opening http", 2)
        end = time.monotonic() + PATIENCE
        while not (running.opened.exists() and len(running.opened.read_text().split()) == 2):
            assert time.monotonic() < end, "the browser was not called"
            time.sleep(0.02)
        assert "?token=" in running.opened.read_text().split()[1]
        running.press("t")
        running.wait_for(r"2  0 12 \* \* \*")
        running.press("2")
        running.wait_for(r'CRON "0 12 \* \* \*" ')
        running.press("c")
        running.wait_for(re.escape("\x1b[2J"))


def requests_are_narrowed():
    with shell() as running:
        running.wait_for("dashboard http")
        running.ask("/one")
        running.wait_for("GET /one")
        running.press("f")
        running.wait_for("filter .*: ")
        # While somebody types, lines wait.
        running.ask("/held")
        running.press("/kvx\x7f -404")
        running.wait_for("-404")
        assert "GET /held" not in running.text
        running.press("\r")
        running.wait_for("Shown are requests with: /kv -404")
        running.wait_for("GET /held")
        running.ask("/other")
        running.ask("/kv/ENTRIES?list")
        running.ask("/kv")
        running.press("f\r")
        running.wait_for("All requests are shown")
        running.ask("/last")
        running.wait_for("GET /last")
        assert "GET /other" not in running.text, running.text
        running.press("f")
        running.wait_for("filter .*: ", 3)
        running.press("x\x1b")
        running.ask("/after")
        running.wait_for("GET /after")


def starts_again():
    with shell() as running:
        running.wait_for("dashboard http")
        (running.folder / "wrangler.toml").write_text(CONFIG.replace('"ENTRIES"', '"ENTRIES"\nid = "renamed"'))
        running.press("r")
        running.url("s3", count=2)
        running.wait_for("dashboard http", 2)
        running.ask("/again", count=2)
        running.wait_for("GET /again")
        running.press("q")
        assert running.wait() == 0


def leaves_the_terminal_as_it_was():
    for end in ("q", "\x03", signal.SIGTERM, signal.SIGHUP):
        with shell() as running:
            running.wait_for("dashboard http")
            wait_until(lambda: not running.echoes(), "the keys come at once")
            if isinstance(end, str):
                running.press(end)
            else:
                os.kill(running.process, end)
            if end != signal.SIGHUP:
                assert running.wait() == 0
                assert running.echoes(), f"after {end!r} the terminal does not echo"


def is_suspended_and_comes_back():
    with shell() as running:
        running.wait_for("dashboard http")
        wait_until(lambda: not running.echoes(), "the keys come at once")
        running.press("\x1a")
        wait_until(running.echoes, "the shell has its terminal back")
        assert os.waitpid(running.process, os.WUNTRACED)[1] & 0xFF == 0x7F, "it is not stopped"
        os.kill(running.process, signal.SIGCONT)
        wait_until(lambda: not running.echoes(), "the keys come at once again")
        running.press("?")
        running.wait_for("narrows the requests")


def has_no_keys_elsewhere():
    """With a standard input that is no terminal nothing is read, and the log is JSON."""
    with tempfile.TemporaryDirectory(prefix="lilypad-terminal-") as name:
        folder = pathlib.Path(name)
        (folder / "wrangler.toml").write_text(CONFIG)
        process = subprocess.Popen(
            [str(BIN / "example-edge"), "emulate", "--port", "0"], cwd=folder, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("listening s3 "):
                break
        process.stdin.write("q")
        process.stdin.close()
        url = next(line.split()[-1] for line in lines if line.startswith("listening app "))
        with contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(url + "/still-there", timeout=PATIENCE)
        process.terminate()
        rest = process.stdout.read()
        process.wait()
        assert '"target":"/still-there"' in rest, rest
        assert "token" not in "".join(lines) + rest


def wait_until(condition, what):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"not true: {what}"
        time.sleep(0.02)


def main():
    checks = Checks()
    checks.run("says what runs, on one screen", says_what_runs)
    checks.run("keys do what they say", keys_do_what_they_say)
    checks.run("requests are narrowed while they come", requests_are_narrowed)
    checks.run("starts again with what the files say by then", starts_again)
    checks.run("leaves the terminal as it was", leaves_the_terminal_as_it_was)
    checks.run("is suspended and comes back", is_suspended_and_comes_back)
    checks.run("has no keys elsewhere", has_no_keys_elsewhere)
    checks.finish()


if __name__ == "__main__":
    main()
