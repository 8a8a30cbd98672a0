"""Drives `lilypad dev` the way a developer does: edits files of a copy of the project and watches a headless Chromium.

    python Tests/Browser/dev.py

The edge is not compiled: a stand-in for `swift` on the PATH puts the program in place that was built before, and complains
like the compiler where a source says BROKEN. Building, swapping and reporting are the real ones.
"""

import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request

from kit import BIN, ROOT, Checks, browser, page
from playwright.sync_api import expect

# What a stream of events says when a page that holds it is left or reloaded.
LEFT = [r"/@lilypad/events.* failed", r"ERR_ABORTED"]
PATIENCE = 30

COUNTER = """import { useState } from 'react'

export function Counter() {
  const [count, setCount] = useState(0)
  return (
    <button type="button" data-testid="counter" className="CLASS" onClick={() => setCount(count + 1)}>
      WORD {count}
    </button>
  )
}
"""

SWIFT = """#!/bin/sh
if grep -q BROKEN edge/LilypadWorker.swift; then
  line=$(grep -n BROKEN edge/LilypadWorker.swift | head -1 | cut -d: -f1)
  echo "$PWD/edge/LilypadWorker.swift:$line:5: error: cannot find 'BROKEN' in scope"
  echo " $line | let BROKEN"
  exit 1
fi
mkdir -p .build/debug
cp "$LILYPAD_EDGE_PROGRAM" .build/debug/lilypad-edge.new
mv .build/debug/lilypad-edge.new .build/debug/lilypad-edge
"""


def until(what, condition):
    """Waits for a condition; how long does not matter, that it comes does."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited in vain for {what}")


class Project:
    """A copy of the project in which the checks may write."""

    def __init__(self, folder):
        self.root = pathlib.Path(folder)
        for name in ("edge", "wrangler.toml"):
            source = ROOT / name
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, self.root / name)
        shutil.copytree(
            ROOT / "site", self.root / "site", symlinks=True, ignore=shutil.ignore_patterns("node_modules", "dist"))
        (self.root / "Package.swift").write_text("// swift-tools-version: 6.2\n")
        (self.root / "Sources").mkdir()
        bin_folder = self.root / "bin"
        bin_folder.mkdir()
        (bin_folder / "swift").write_text(SWIFT)
        (bin_folder / "swift").chmod(0o755)
        self.environment = os.environ | {
            "PATH": f"{bin_folder}:{os.environ['PATH']}", "LILYPAD_EDGE_PROGRAM": str(BIN / "lilypad-edge"),
            "LILYPAD_TOOLCHAIN": os.environ.get("LILYPAD_TOOLCHAIN", str(ROOT / ".toolchain")), "TMPDIR": folder,
            "XDG_RUNTIME_DIR": folder, "NO_COLOR": "1"}
        subprocess.run(
            [str(BIN / "lilypad"), "setup"], cwd=self.root, env=self.environment, check=True, capture_output=True)
        self.counter("Clicked", "text-link")
        home = self.read("site/app/home/HomePage.tsx")
        home = home.replace("import { LiveEdge }", "import { Counter } from './Counter.tsx'\nimport { LiveEdge }")
        self.write("site/app/home/HomePage.tsx", home.replace("<LiveEdge />", "<Counter />\n          <LiveEdge />"))

    def read(self, path):
        return (self.root / path).read_text()

    def write(self, path, text):
        """As editors do it: a new file takes the place of the old one."""
        target = self.root / path
        scratch = target.with_name(target.name + "~")
        scratch.write_text(text)
        scratch.replace(target)

    def replace(self, path, old, new):
        text = self.read(path)
        assert old in text, f"{path} has no {old}"
        self.write(path, text.replace(old, new))

    @contextlib.contextmanager
    def put_back(self, *paths):
        """Whatever a check does to these files, the next one finds them as they were."""
        texts = {path: self.read(path) for path in paths}
        try:
            yield
        finally:
            for path, text in texts.items():
                if self.read(path) != text:
                    self.write(path, text)

    def counter(self, word, classes):
        self.write("site/app/home/Counter.tsx", COUNTER.replace("WORD", word).replace("CLASS", classes))


class Dev:
    """One run of `lilypad dev`."""

    def __init__(self, project, *arguments):
        self.project = project
        self.lines = []
        self.process = subprocess.Popen(
            [str(BIN / "lilypad"), "dev", *arguments], cwd=project.root, env=project.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    @property
    def text(self):
        """What it said, without the requests."""
        return "\n".join(line for line in self.lines if not re.search(r" (GET|POST) /\S* \d+ ", line))

    def url(self):
        def found():
            assert self.process.poll() is None, f"it ended:\n{self.text}"
            return next((line.split()[-1] for line in self.lines if line.startswith("listening site ")), None)
        return until("the line that says it listens", found)

    def says(self, pattern, after=0):
        return until(f"the line “{pattern}”", lambda: any(re.search(pattern, line) for line in self.lines[after:]))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=15)


def get(url):
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        return answer.read().decode()


def position(base):
    """The number of the newest event."""
    return re.search(r'__lilypadAfter = "([^"]*)"', get(base + "/@lilypad/client.js")).group(1)


@contextlib.contextmanager
def opened(instance, base, path="/", allow=()):
    """A page whose events arrive, marked so that a reload shows."""
    with page(instance, base, allow=[*LEFT, *allow]) as tab:
        with tab.expect_request("**/@lilypad/events*"):
            tab.goto(path)
        expect(tab.get_by_role("heading", level=1)).to_be_visible()
        tab.evaluate("window.kept = true")
        yield tab


def kept(tab):
    return tab.evaluate("window.kept === true")


def reloaded(tab):
    # Two documents may follow each other while the page is asked.
    def gone():
        with contextlib.suppress(Exception):
            return not kept(tab)
    until("a reload", gone)


def overlay(tab):
    return tab.locator("lilypad-dev dialog")


def component(instance, base, project):
    """A component's new code is in the page with its state, without a reload, and so are its new styles."""
    with opened(instance, base) as tab:
        button = tab.get_by_test_id("counter")
        for _ in range(3):
            button.click()
        expect(button).to_have_text("Clicked 3")
        project.counter("Pressed", "text-link tracking-[0.3em]")
        expect(button).to_have_text("Pressed 3")
        until("the new class", lambda: button.evaluate("e => getComputedStyle(e).letterSpacing") != "normal")
        assert kept(tab), "the page was loaded again"
        button.click()
        expect(button).to_have_text("Pressed 4")


def renamed_export(instance, base, project):
    """A module whose exports change cannot be taken in: the page is loaded again."""
    with opened(instance, base) as tab:
        counter = project.read("site/app/home/Counter.tsx")
        project.write("site/app/home/Counter.tsx", counter + "\nexport const step = 1\n")
        reloaded(tab)
        expect(tab.get_by_test_id("counter")).to_have_text("Clicked 0")
        project.write("site/app/home/Counter.tsx", counter)


def other_module(instance, base, project):
    """A module that no component stands above reloads the page."""
    with opened(instance, base) as tab:
        project.write("site/theme/theme.ts", project.read("site/theme/theme.ts") + "\nexport const probe = 1\n")
        reloaded(tab)
        expect(tab.get_by_test_id("counter")).to_be_visible()


def stylesheet(instance, base, project):
    """The stylesheet is swapped in the open page."""
    with opened(instance, base) as tab:
        project.write("site/app/app.css", project.read("site/app/app.css") + "\nh1 { outline: 7px solid red; }\n")
        heading = tab.get_by_role("heading", level=1)
        until("the new style", lambda: heading.evaluate("e => getComputedStyle(e).outlineWidth") == "7px")
        assert kept(tab), "the page was loaded again"
        until("one stylesheet", lambda: tab.evaluate("document.querySelectorAll('link[rel=stylesheet]').length") == 1)


def broken_module(instance, base, project):
    """A syntax error is shown over the page at its place and goes when it is mended; the page keeps its state."""
    with opened(instance, base) as tab:
        tab.get_by_test_id("counter").click()
        good = project.read("site/app/home/Counter.tsx")
        project.write("site/app/home/Counter.tsx", good.replace("return (", "return ]("))
        expect(overlay(tab)).to_be_visible()
        expect(overlay(tab)).to_contain_text("site/app/home/Counter.tsx:5:10")
        expect(overlay(tab)).to_contain_text("return ](")
        expect(overlay(tab).get_by_role("listitem")).to_have_count(1)
        tab.keyboard.press("Escape")
        expect(overlay(tab)).to_be_hidden()
        # Who comes now gets the code that was good last.
        with opened(instance, base) as late:
            expect(overlay(late)).to_be_visible()
            expect(late.get_by_test_id("counter")).to_have_text("Clicked 0")
        project.write("site/app/home/Counter.tsx", good.replace("Clicked", "Mended"))
        expect(tab.get_by_test_id("counter")).to_have_text("Mended 1")
        expect(overlay(tab)).to_have_count(0)
        assert kept(tab), "the page was loaded again"


def wrong_type(instance, base, project):
    """A type error is shown though the page runs on, also to a page that comes later, and goes when it is mended."""
    with opened(instance, base) as tab:
        good = project.read("site/app/home/Counter.tsx")
        project.write("site/app/home/Counter.tsx", good.replace("useState(0)", "useState<string>(0)"))
        expect(overlay(tab)).to_contain_text("TS2345")
        with opened(instance, base) as late:
            expect(overlay(late)).to_contain_text("site/app/home/Counter.tsx:4:")
        project.write("site/app/home/Counter.tsx", good)
        expect(overlay(tab)).to_have_count(0)


def documentation(instance, base, project):
    """A page of the documentation is loaded again by those who read it, and by nobody else."""
    with opened(instance, base, "/docs") as reader, opened(instance, base) as other:
        project.replace("site/docs/index.md", "\n## ", "\n## Freshly ")
        reloaded(reader)
        expect(reader.get_by_role("heading", name="Freshly").first).to_be_visible()
        assert kept(other), "a page that shows something else was loaded again"


def broken_link(instance, base, project):
    """A link to a page that does not exist is shown; what was good before is still served."""
    with opened(instance, base, "/docs") as tab:
        good = project.read("site/docs/index.md")
        project.write("site/docs/index.md", good + "\n[lost](no-such-page.md)\n")
        expect(overlay(tab)).to_contain_text("site/docs/index.md:")
        assert "Lilypad" in get(base + "/docs")
        project.write("site/docs/index.md", good)
        expect(overlay(tab)).to_have_count(0)


def same_bytes(base, project, dev):
    """Saving a file as it was, and an editor's scratch files, cause nothing."""
    before = position(base)
    lines = len(dev.lines)
    for path in ("site/app/home/Counter.tsx", "site/docs/index.md", "wrangler.toml", "edge/LilypadWorker.swift"):
        project.write(path, project.read(path))
        os.utime(project.root / path)
    (project.root / "site/app/.Counter.tsx.swp").write_text("scratch")
    # What follows is handled after what was before, so it shows that nothing else came.
    project.write("site/docs/index.md", project.read("site/docs/index.md") + "\nThe end.\n")
    dev.says(r"site/docs/index\.md|docs/index\.md", lines)
    assert int(position(base).split("-")[1]) - int(before.split("-")[1]) <= 1, "more than the one change was told"
    assert not [line for line in dev.lines[lines:] if "edge" in line], dev.lines[lines:]


class Visitor(threading.Thread):
    """Asks for the status all the time and remembers everything that is not an answer."""

    def __init__(self, base, method="GET"):
        super().__init__(daemon=True)
        self.base, self.method = base, method
        self.answers, self.failures, self.done = 0, [], False

    def run(self):
        host = self.base.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=PATIENCE)
        while not self.done:
            try:
                connection.request(self.method, "/api/v1/status")
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    self.failures.append(answer.status)
                self.answers += 1
            except Exception as error:
                self.failures.append(repr(error))
                connection.close()


def swap(instance, base, project, dev):
    """A change in Swift swaps the edge, and nobody who asks meanwhile is refused."""
    visitors = [Visitor(base) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
    with opened(instance, base) as tab:
        until("answers", lambda: all(visitor.answers > 20 for visitor in visitors))
        for round in range(3):
            lines = len(dev.lines)
            project.write("edge/LilypadWorker.swift", project.read("edge/LilypadWorker.swift") + f"// {round}\n")
            dev.says(r"edge → swapped", lines)
        expect(tab.locator("lilypad-dev .badge")).to_contain_text("Edge swapped")
        answers = [visitor.answers for visitor in visitors]
        until("answers", lambda: all(v.answers > n + 20 for v, n in zip(visitors, answers)))
        assert kept(tab)
    for visitor in visitors:
        visitor.done = True
        visitor.join()
    failures = [failure for visitor in visitors for failure in visitor.failures]
    assert not failures, f"{len(failures)} of {sum(v.answers for v in visitors)} failed: {failures[:3]}"


def killed_edge(base, dev):
    """An edge that is killed starts again, and who asks meanwhile waits."""
    until("an edge that has run for a while", lambda: json.loads(get(base + "/api/v1/status"))["uptimeSeconds"] >= 3)
    lines = len(dev.lines)
    os.kill(edges(dev)[0], signal.SIGKILL)
    assert '"version"' in get(base + "/api/v1/status")
    dev.says("ended by itself", lines)


def broken_swift(instance, base, project, dev):
    """Swift that does not compile leaves the old edge in place and is shown with its place."""
    with opened(instance, base) as tab:
        good = project.read("edge/LilypadWorker.swift")
        project.write("edge/LilypadWorker.swift", good + "let BROKEN\n")
        expect(overlay(tab)).to_contain_text("edge/LilypadWorker.swift:")
        expect(overlay(tab)).to_contain_text("Cannot find 'BROKEN' in scope.")
        assert '"version"' in get(base + "/api/v1/status")
        project.write("edge/LilypadWorker.swift", good)
        expect(overlay(tab)).to_have_count(0)


def configuration(base, project, dev):
    """A change of wrangler.toml starts the edge again."""
    lines = len(dev.lines)
    project.replace("wrangler.toml", 'ENVIRONMENT = "development"', 'ENVIRONMENT = "edited"')
    dev.says("swapped", lines)
    assert '"environment":"edited"' in get(base + "/api/v1/status")


def foreign_host(base):
    """Source code is not for sites that point their own name at this machine."""
    request = urllib.request.Request(base + "/@lilypad/module/app/main.tsx", headers={"Host": "rebound.example"})
    try:
        urllib.request.urlopen(request)
        raise AssertionError("it was answered")
    except urllib.error.HTTPError as error:
        assert error.code == 403


def taken_port(base, project):
    """An explicit port that is taken is refused with a sentence that names the holder."""
    port = base.rsplit(":", 1)[1]
    second = subprocess.run(
        [str(BIN / "lilypad"), "dev", "--port", port], cwd=project.root, env=project.environment, capture_output=True,
        text=True, timeout=PATIENCE)
    assert second.returncode == 1
    assert re.search(rf"Port {port} is taken by lilypad \(process \d+\)", second.stderr), second.stderr


def edges(dev):
    """The processes that this run has started."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if f"\nPPid:\t{dev.process.pid}\n" in (entry / "status").read_text():
                    if b"emulate" in (entry / "cmdline").read_bytes():
                        found.append(int(entry.name))
    return found


def ends(dev):
    """SIGTERM ends it and everything it has started."""
    children = edges(dev)
    assert children
    assert dev.stop() == 0, dev.text
    assert not [child for child in children if pathlib.Path(f"/proc/{child}").exists()]


def broken_start(instance, project):
    """A site and an edge that do not build at the start are shown in the browser, which goes on by itself."""
    counter = project.read("site/app/home/Counter.tsx")
    swift = project.read("edge/LilypadWorker.swift")
    project.write("edge/LilypadWorker.swift", swift + "let BROKEN\n")
    dev = Dev(project, "--port", "0")
    try:
        base = dev.url()
        with page(instance, base, allow=[*LEFT, "503"]) as tab:
            assert tab.goto("/").status == 503
            expect(overlay(tab)).to_contain_text("Cannot find 'BROKEN' in scope.")
            project.write("edge/LilypadWorker.swift", swift)
            expect(tab.get_by_role("heading", level=1)).to_be_visible()
    finally:
        project.write("edge/LilypadWorker.swift", swift)
        project.write("site/app/home/Counter.tsx", counter)
        dev.stop()


def main():
    checks = Checks()

    def check(name, function, *arguments):
        with project.put_back("site/app/home/Counter.tsx", "site/docs/index.md", "edge/LilypadWorker.swift"):
            checks.run(name, function, *arguments)

    with tempfile.TemporaryDirectory(prefix="lp-") as folder, browser() as instance:
        project = Project(folder)
        dev = Dev(project, "--port", "0")
        try:
            base = dev.url()
            check("a component changes in the page and keeps its state", component, instance, base, project)
            check("other exports than before reload the page", renamed_export, instance, base, project)
            check("a module above which there is no component reloads the page", other_module, instance, base, project)
            check("a stylesheet changes in the page", stylesheet, instance, base, project)
            check("a syntax error is shown and goes", broken_module, instance, base, project)
            check("a type error is shown and goes", wrong_type, instance, base, project)
            check("a page of the docs reloads for its readers only", documentation, instance, base, project)
            check("a dead link is shown and goes", broken_link, instance, base, project)
            check("a save without a change causes nothing", same_bytes, base, project, dev)
            check("a change in Swift swaps the edge and refuses nobody", swap, instance, base, project, dev)
            check("Swift that does not compile keeps the old edge", broken_swift, instance, base, project, dev)
            check("wrangler.toml starts the edge again", configuration, base, project, dev)
            check("an edge that is killed comes back", killed_edge, base, dev)
            check("modules are for this machine only", foreign_host, base)
            check("a taken port is refused with its holder", taken_port, base, project)
            check("everything ends with it", ends, dev)
            check("a broken start is shown in the browser", broken_start, instance, project)
        finally:
            if dev.process.poll() is None:
                dev.stop()
            if checks.failed:
                print(dev.text)
    checks.finish()


main()
