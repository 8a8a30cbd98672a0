"""One page changed inside `lilypad dev` on a site of a thousand pages: how long from the save until the page is written.

The clock starts before the save, as an editor does it (truncate and write), and stops when the output folder has the page
with the new words; that is looked at every millisecond. How long until the server answers with them stands beside it.
"""

import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import measure

PAGES = 100 if measure.QUICK else 1000
CHANGES = 3 if measure.QUICK else 10
GOAL = 0.1


class Session:
    """A running `lilypad dev` on a project of generated pages."""

    def __init__(self, project):
        self.output = project / ".lilypad/dev/public/docs"
        self.log = []
        self.url = None
        self.listening = threading.Event()
        generator = pathlib.Path(__file__).with_name("generate_docs.py")
        subprocess.run(
            [sys.executable, generator, project / "site", "--pages", str(PAGES)], stdout=subprocess.DEVNULL, check=True)
        (project / "wrangler.toml").write_text(
            'name = "bench"\ncompatibility_date = "2026-08-01"\n'
            '[assets]\ndirectory = "./dist/public"\nnot_found_handling = "404-page"\n')
        # There is no Package.swift here, so the edge beside lilypad is used as it is.
        measure.program("lilypad-edge")
        self.process = subprocess.Popen(
            [measure.program("lilypad"), "dev", "--port", "0"], cwd=project, env=measure.environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.log.append(line)
            if line.startswith("listening site "):
                self.url = line.split()[2]
                self.listening.set()
        self.listening.set()

    def wait(self):
        if not self.listening.wait(timeout=120) or self.url is None:
            self.fail("lilypad dev did not start")

    def fail(self, message):
        sys.exit(f"{message}:\n{''.join(self.log[-40:])}")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            sys.exit("lilypad dev did not end within 15 s of SIGTERM")

    def change(self, page, word):
        """Seconds from the save until the page is written, and until it is served."""
        written = self.output / f"{page.stem}.html"
        text = page.read_text().replace("\n\n", f"\n\nThe word is {word}.\n\n", 2)
        start = time.perf_counter()
        page.write_text(text)
        self.until(lambda: word in written.read_text(), start, 0.001, f"{written} was not written again")
        on_disk = time.perf_counter() - start
        url = f"{self.url.rstrip('/')}/docs/{page.stem}"
        self.until(
            lambda: word in urllib.request.urlopen(url, timeout=5).read().decode(), start, 0.003, f"{url} did not change")
        return on_disk, time.perf_counter() - start

    def until(self, condition, start, pause, message):
        while not condition():
            if time.perf_counter() - start > 15:
                self.fail(message)
            time.sleep(pause)


def main():
    with tempfile.TemporaryDirectory(prefix="lilypad-bench-") as name:
        project = pathlib.Path(name)
        session = Session(project)
        try:
            session.wait()
            # The first is not counted: it brings both ends to life.
            results = []
            for number in range(CHANGES + 1):
                page = project / f"site/docs/page-{(number * 7 + 20) % PAGES:04d}.md"
                results.append(session.change(page, f"lilyword{number}x"))
                # As fast as somebody who saves after every word, so that one change is through before the next.
                time.sleep(0.4)
        finally:
            session.stop()
        report(results[1:])


def report(results):
    written, served = zip(*results)
    middle = statistics.median(written)
    print(f"dev: one of {PAGES:,} pages saved inside lilypad dev, {len(results)} times")
    for title, values in (("until written", written), ("until served", served)):
        print(
            f"  {title:<44} median {measure.seconds(statistics.median(values)):>7}, worst {measure.seconds(max(values)):>7}",
            flush=True)
    measure.hold(
        "one page in dev, save to written", f"{measure.seconds(middle)}, worst {measure.seconds(max(written))}",
        f"under {GOAL * 1000:.0f} ms", middle < GOAL)


if __name__ == "__main__":
    main()
