"""What the browser checks share: a served bundle, a browser that reports everything it dislikes, and a tally."""

import contextlib
import os
import re
import subprocess
import threading

from playwright.sync_api import sync_playwright
from tally import BIN, ROOT, Checks

__all__ = ["BIN", "ROOT", "Checks", "browser", "page", "served"]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
TIMEOUT = 20_000

# Reports what the content security policy blocked; the console alone does not name the directive.
WATCH = """
addEventListener('securitypolicyviolation', (event) => {
  console.error('CSP violation: ' + event.violatedDirective + ' ' + event.blockedURI)
})
"""


@contextlib.contextmanager
def served(*arguments, cwd=ROOT):
    """Runs `lilypad-edge emulate` on a port of the system's choice and yields its URL."""
    process = subprocess.Popen(
        [str(BIN / "lilypad-edge"), "emulate", "--port", "0", *map(str, arguments)], cwd=cwd,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            found = re.match(r"listening app (\S+)", line)
            if found:
                break
        else:
            raise RuntimeError("the edge did not start:\n" + "".join(lines))
        # The pipe must be emptied, or the server waits for it in the end.
        threading.Thread(target=lambda: [None for _ in process.stdout], daemon=True).start()
        yield found.group(1)
    finally:
        process.terminate()
        process.wait(timeout=15)


@contextlib.contextmanager
def browser():
    with sync_playwright() as playwright:
        # The sandbox of Chromium needs rights that root in a container lacks; the pages are our own.
        instance = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield instance
        finally:
            instance.close()


@contextlib.contextmanager
def page(instance, base, allow=(), **options):
    """A page in a context of its own. On leaving, everything it complained about must be allowed by a pattern."""
    context = instance.new_context(base_url=base, **options)
    context.set_default_timeout(TIMEOUT)
    if options.get("java_script_enabled", True):
        context.add_init_script(WATCH)
    tab = context.new_page()
    complaints = []
    tab.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))

    def failed(request):
        # A page that is left while an image is on its way has nothing to complain about.
        if request.failure != "net::ERR_ABORTED":
            complaints.append(f"{request.url} failed: {request.failure}")

    tab.on("requestfailed", failed)
    try:
        yield tab
        rest = [text for text in complaints if not any(re.search(pattern, text) for pattern in allow)]
        assert not rest, "the page complained: " + "; ".join(rest)
    finally:
        context.close()
