"""Opens the emulator's dashboard in headless Chromium and works with it: by mouse, by keyboard, on a phone, in both themes.

    python Tests/Browser/dashboard.py [folder for screenshots]
"""

import contextlib
import hmac
import http.client
import json
import os
import pathlib
import re
import sys
import tempfile
import urllib.parse

from kit import browser, page
from playwright.sync_api import expect
from tally import Checks

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Commands"))
from runtime import Edge, ask, ask_json, until  # noqa: E402

PHONE = {"width": 390, "height": 844}
WIDE = {"width": 1280, "height": 900}
PLACES = ("/", "/requests", "/kv", "/r2", "/queues", "/crons", "/state")

# What is asked and edited from outside.
LEDGER = """
name = "ledger"
main = "ledger.js"
compatibility_date = "2026-08-01"
[assets]
directory = "./public"
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
[[queues.consumers]]
queue = "messages"
max_batch_size = 1
max_batch_timeout = 0
max_retries = {retries}
dead_letter_queue = "graveyard"
"""

# A second Worker with every other kind of binding, variables, and a trigger.
EVERYTHING = """
name = "everything"
main = "everything.js"
compatibility_date = "2026-08-01"
[assets]
directory = "./public"
binding = "ASSETS"
[vars]
NAME = "Ada"
SECRET = "tell-nobody"
FEATURES = { search = true }
[version_metadata]
binding = "RELEASE"
[triggers]
crons = ["*/5 * * * *"]
[[kv_namespaces]]
binding = "VISITS"
[[r2_buckets]]
binding = "FILES"
bucket_name = "files"
[[queues.producers]]
binding = "JOBS"
queue = "jobs"
[[ratelimits]]
name = "LIMITER"
namespace_id = "1001"
simple = { limit = 5, period = 60 }
[[services]]
binding = "GREETER"
service = "greeter"
[[hyperdrive]]
binding = "DATABASE"
id = "x"
localConnectionString = "postgres://ada:secret@db.test/app"
"""

GREETER = """
name = "greeter"
main = "greeter.js"
compatibility_date = "2026-08-01"
[vars]
GREETING = "Good morning"
"""

CONFIGS = ("ledger", "everything", "greeter")
# Digits that a number of the browser would lose.
ACCOUNT = '{"id":12345678901234567890,"name":"Ada","roles":["admin"]}'


class Stage:
    """A running emulator with something in it."""

    def __init__(self, folder, edge):
        self.folder, self.edge, self.app = folder, edge, edge.url
        self.services = edge.wait_for(r"^listening (services|api|rest) ").split()[-1]
        credentials = json.loads((folder / ".lilypad/credentials.json").read_text())
        self.token = hmac.digest(credentials["apiToken"].encode(), b"lilypad dashboard", "sha256").hex()
        self.door = f"/?token={self.token}"

    def ask(self, method, path, body=None):
        return ask(self.app + path, method, body)

    def redelivered(self):
        return ask_json(self.app + "/delivered")["keys"]

    @contextlib.contextmanager
    def page(self, instance, path="/", allow=(), **options):
        """A page of somebody who has signed in."""
        options.setdefault("viewport", WIDE)
        # A stream of events ends when its page is left.
        with page(instance, self.services, allow=[r"/api/events", *allow], **options) as tab:
            tab.goto(self.door)
            expect(tab.get_by_role("heading", level=1)).to_be_visible()
            expect(tab.get_by_role("status").filter(has_text="Live")).to_be_visible()
            if path != "/":
                tab.goto(path)
                expect(tab.get_by_role("heading", level=1)).to_be_visible()
            yield tab


def write_project(folder, retries):
    (folder / "ledger.toml").write_text(LEDGER.format(retries=retries))
    (folder / "everything.toml").write_text(EVERYTHING)
    (folder / "greeter.toml").write_text(GREETER)
    public = folder / "public"
    (public / "guide").mkdir(parents=True, exist_ok=True)
    (public / "index.html").write_text("<!doctype html><title>The app</title><link rel=icon href=data:,>")
    (public / "guide/index.html").write_text("<!doctype html><title>Guide</title>")


def start(folder, *arguments):
    configs = [part for name in CONFIGS for part in ("--config", f"{name}.toml")]
    return Edge(
        folder, *configs, "--port", 0, "--movable-clock", "--no-cron", *arguments, program="example-edge")


@contextlib.contextmanager
def stage():
    with tempfile.TemporaryDirectory(prefix="lilypad-dashboard-") as name:
        folder = pathlib.Path(name)
        # A consumer that gives up at once; then one with patience, as if the Worker had been mended.
        write_project(folder, retries=0)
        with start(folder) as edge:
            first = Stage(folder, edge)
            for number in (1, 2):
                body = {"body": {"id": f"order-{number}", "text": "shipped", "failures": 1}}
                assert first.ask("POST", "/queue", json.dumps(body).encode())[0] == 202
            until("the dead messages", lambda: queue(first, "graveyard")["waiting"] == 2)
            assert edge.stop() == 0
        write_project(folder, retries=5)
        with start(folder) as edge:
            second = Stage(folder, edge)
            second.ask("PUT", "/kv/account%2Fada", ACCOUNT.encode())
            second.ask("PUT", "/kv/greeting", b"hello")
            second.ask("PUT", "/kv/pixel", bytes(range(256)))
            for number in range(20):
                second.ask("PUT", f"/kv/visit%2F{number:04}", b"%d" % number)
            second.ask("PUT", "/r2/notes%2Fread-me.txt", b"What is in the bucket.\n")
            second.ask("PUT", "/r2/plan.json", b'{"steps":[]}')
            second.ask("GET", "/guide/")
            second.ask("GET", "/guide")
            second.ask("GET", "/nowhere")
            yield second


def told(running, path):
    """What the dashboard's interface says to somebody who has the token of the REST interface."""
    account = json.loads((running.folder / ".lilypad/credentials.json").read_text())
    return ask_json(running.services + path, headers={"Authorization": f"Bearer {account['apiToken']}"})


def queue(running, name):
    return next(each for each in told(running, "/api/queues")["queues"] if each["name"] == name)


def namespace(running, title):
    return next(each["id"] for each in told(running, "/api/kv")["namespaces"] if each["title"] == title)


def door(instance, running):
    """Nobody gets in without the token; with it the address loses it, and the cookie is for the browser alone."""
    for path in ("/", "/kv", "/?token=" + "0" * 64, "/api/overview"):
        status, _, body = ask(running.services + path)
        assert status == 401, (path, status)
        assert b"<script" not in body
    with page(instance, running.services, allow=[r"/api/events"]) as tab:
        answer = tab.goto(running.door)
        assert answer.status == 200
        assert urllib.parse.urlsplit(tab.url).query == "", tab.url
        cookie = next(each for each in tab.context.cookies() if each["name"] == "lilypad_dashboard")
        assert cookie["httpOnly"] and cookie["sameSite"] == "Strict", cookie
        assert running.token not in tab.content()
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy and "frame-ancestors 'none'" in policy, policy
        assert tab.locator("[style]").count() == 0
        expect(tab.get_by_role("heading", name="Overview")).to_be_visible()


def neighbours(instance, running):
    """A page of the app has the same host, so the cookie goes along; it is no page of the dashboard and can do nothing."""
    with page(instance, running.app, allow=[r"CORS", r"ERR_FAILED", r"403", r"/api/"]) as tab:
        tab.goto(running.services + running.door)
        expect(tab.get_by_role("heading", name="Overview")).to_be_visible()
        tab.goto("/")
        with tab.expect_response(re.compile("/api/queues/jobs/messages")) as sent:
            tab.evaluate("""(url) => fetch(url + '/api/queues/jobs/messages', {
                method: 'POST', mode: 'no-cors', credentials: 'include', body: '{"body":"from elsewhere"}',
            })""", running.services)
        # 401 would mean that the cookie did not come along, and then the check would say nothing.
        assert sent.value.status == 403, sent.value.status
        read = tab.evaluate("""(url) => fetch(url + '/api/kv', { credentials: 'include' })
            .then((answer) => answer.text(), () => null)""", running.services)
        assert read is None, read
    assert queue(running, "jobs")["waiting"] == 0


def overview(instance, running):
    with running.page(instance) as tab:
        main = tab.get_by_role("main")
        for text in ("ledger", "everything", "greeter", "ENTRIES", "LIMITER", "*/5 * * * *", running.app):
            expect(main.get_by_text(text).first).to_be_visible()
        # Variables by name; what they hold is nobody's business.
        expect(main.get_by_text("Variables: GREETING")).to_be_visible()
        expect(main.get_by_text("Variables: FEATURES, NAME, SECRET")).to_be_visible()
        assert "Good morning" not in main.inner_text() and "secret@db" not in main.inner_text()


def edits_a_value(instance, running):
    """What is saved here the Worker reads, and a value that was looked at keeps its digits."""
    with running.page(instance, "/kv") as tab:
        choose(tab, "Namespace", "ENTRIES")
        tab.get_by_role("searchbox").fill("account")
        expect(tab).to_have_url(re.compile("q=account"))
        tab.get_by_role("button", name="account/ada").click()
        value = tab.get_by_role("textbox", name=re.compile("^Value"))
        expect(value).to_have_value(re.compile("Ada"))
        tab.get_by_role("button", name="Tidy JSON").click()
        expect(value).to_have_value(re.compile(r'\n  "id": 12345678901234567890,'))
        value.fill('{"id": 12345678901234567890, "name": "Grace"')
        expect(tab.get_by_text("not complete")).to_be_visible()
        value.fill('{"id": 12345678901234567890, "name": "Grace"}')
        expect(tab.get_by_text("not complete")).to_have_count(0)
        tab.get_by_label("Metadata").fill('{"seen":true}')
        tab.get_by_role("button", name="Save").click()
        expect(tab.get_by_text("Saved.")).to_be_visible()
        status, fields, body = running.ask("GET", "/kv/account%2Fada")
        assert (status, body) == (200, b'{"id": 12345678901234567890, "name": "Grace"}'), body
        assert '{"seen":true}' in fields.values(), dict(fields)
        # The address is the state: a reload shows the same, and the way back leads to the list.
        tab.reload()
        expect(value).to_have_value(re.compile("Grace"))
        tab.go_back()
        expect(value).to_have_count(0)


def adds_and_deletes(instance, running):
    # The event of a deletion may come before its answer, and then the page asks for the key once more.
    with running.page(instance, "/kv", allow=[r"404"]) as tab:
        choose(tab, "Namespace", "ENTRIES")
        tab.get_by_role("button", name="New key").click()
        tab.get_by_label("Key", exact=True).fill("a b/ü?&#%")
        tab.get_by_role("textbox", name=re.compile("^Value")).fill("odd")
        tab.get_by_role("button", name="Save").click()
        path = "/kv/" + urllib.parse.quote("a b/ü?&#%", safe="")
        until("the new key", lambda: running.ask("GET", path)[2] == b"odd")
        tab.get_by_role("button", name="Delete").click()
        dialog = tab.get_by_role("dialog")
        expect(dialog).to_contain_text("a b/ü?&#%")
        dialog.get_by_role("button", name="Cancel").click()
        assert running.ask("GET", path)[0] == 200
        tab.get_by_role("button", name="Delete").click()
        tab.get_by_role("dialog").get_by_role("button", name="Delete").click()
        until("the deletion", lambda: running.ask("GET", path)[0] == 404)
        # Bytes that are no text are not shown as one.
        tab.get_by_role("button", name="pixel").click()
        expect(tab.get_by_text("base64").first).to_be_visible()


def moves_files(instance, running):
    """Chosen and dropped files arrive whole, and come back whole."""
    content = bytes(range(256)) * 4096
    with running.page(instance, "/r2?bucket=objects", allow=[r"404"]) as tab:
        tab.locator("input[type=file]").set_input_files(
            {"name": "a b ü.bin", "mimeType": "application/x-test", "buffer": content})
        expect(tab.get_by_text("is uploaded")).to_be_visible()
        tab.get_by_role("button", name="a b ü.bin").click()
        with tab.expect_download() as download:
            tab.get_by_role("link", name="Download").click()
        assert download.value.suggested_filename == "a b ü.bin", download.value.suggested_filename
        assert pathlib.Path(download.value.path()).read_bytes() == content
        status, fields, body = running.ask("GET", "/r2/" + urllib.parse.quote("a b ü.bin"))
        assert status == 200 and body == content
        data = tab.evaluate_handle("""() => {
            const data = new DataTransfer()
            data.items.add(new File(['dropped'], 'dropped.txt', { type: 'text/plain' }))
            return data
        }""")
        tab.get_by_role("button", name="notes/").click()
        expect(tab).to_have_url(re.compile("prefix=notes"))
        expect(tab.get_by_role("button", name="read-me.txt")).to_be_visible()
        for event in ("dragenter", "dragover", "drop"):
            tab.get_by_role("main").locator("table").first.dispatch_event(event, {"dataTransfer": data})
        until("the dropped file", lambda: running.ask("GET", "/r2/notes%2Fdropped.txt")[2] == b"dropped")
        expect(tab.get_by_role("button", name="dropped.txt")).to_be_visible()
        tab.get_by_role("button", name="dropped.txt").click()
        tab.get_by_role("button", name="Delete").click()
        tab.get_by_role("dialog").get_by_role("button", name="Delete").click()
        until("the deletion", lambda: running.ask("GET", "/r2/notes%2Fdropped.txt")[0] == 404)


def redelivers(instance, running):
    """A dead message goes back to where it died, and this time the consumer has patience."""
    assert running.redelivered() == []
    with running.page(instance, "/queues") as tab:
        row = tab.get_by_role("row").filter(has_text="messages")
        row.get_by_role("button", name=re.compile("dead")).click()
        expect(tab).to_have_url(re.compile("queue=graveyard"))
        messages = tab.get_by_role("main").get_by_role("listitem")
        expect(messages).to_have_count(2)
        first = messages.filter(has_text="order-1")
        expect(first).to_contain_text("died in messages")
        first.get_by_role("button", name=re.compile("^Redeliver")).click()
        expect(messages).to_have_count(1)
        until("the message at last", lambda: running.redelivered() == ["order-1"])
        tab.get_by_role("button", name=re.compile("^Redeliver all")).click()
        expect(messages).to_have_count(0)
        until("the other message", lambda: running.redelivered() == ["order-1", "order-2"])


def sends_a_message(instance, running):
    with running.page(instance, "/queues?queue=jobs") as tab:
        tab.get_by_text("Send a message").click()
        tab.get_by_label("Body").fill('{"id": 7}')
        tab.get_by_role("button", name="Send", exact=True).click()
        expect(tab.get_by_text("Sent.")).to_be_visible()
        # Nobody consumes it, so it waits, and the page has heard of it.
        messages = tab.get_by_role("main").get_by_role("listitem")
        expect(messages).to_have_count(1)
        messages.get_by_role("button", name=re.compile("^Delete")).click()
        tab.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(messages).to_have_count(0)


def explains_a_request(instance, running):
    """A request appears while the page is open, and says which rule answered it."""
    with running.page(instance, "/requests") as tab:
        rows = tab.get_by_role("main").get_by_role("row")
        running.ask("GET", "/guide/?fresh")
        fresh = rows.filter(has_text="/guide/?fresh")
        expect(fresh).to_have_count(1)
        fresh.get_by_role("button").click()
        why = tab.get_by_test_id("explanation")
        expect(why).to_contain_text("asset rule")
        expect(why).to_contain_text("guide/index.html")
        running.ask("GET", "/kv/greeting?who")
        expect(rows.filter(has_text="/kv/greeting?who")).to_have_count(1)
        rows.filter(has_text="/kv/greeting?who").get_by_role("button").click()
        expect(why).to_contain_text("worker")
        expect(why).to_contain_text("200")
        # Asset requests out of sight; then the ones that failed.
        choose(tab, "Answered by", "-assets")
        expect(rows.filter(has_text="/guide/?fresh")).to_have_count(0)
        expect(rows.filter(has_text="/kv/greeting?who")).to_have_count(1)
        choose(tab, "Answered by", "")
        running.ask("GET", "/nowhere")
        choose(tab, "Status", "4")
        expect(rows.filter(has_text="/nowhere")).not_to_have_count(0)
        expect(rows.filter(has_text="/kv/greeting?who")).to_have_count(0)
        tab.reload()
        expect(tab.get_by_label("Status")).to_have_value("4")


def thousand(instance, running):
    """A thousand requests stay quick to look through."""
    connection = http.client.HTTPConnection(running.app.removeprefix("http://"), timeout=30)
    with running.page(instance, "/requests") as tab:
        for number in range(1100):
            connection.request("GET", f"/kv/greeting?n={number:04}")
            connection.getresponse().read()
        connection.close()
        expect(tab.get_by_text("n=1099").first).to_be_attached()
        expect(tab.get_by_text("1,000 requests of")).to_be_visible()
        tab.evaluate("""() => {
            window.longest = 0
            new PerformanceObserver((list) => {
                for (const entry of list.getEntries()) window.longest = Math.max(window.longest, entry.duration)
            }).observe({ type: 'longtask' })
        }""")
        tab.get_by_role("searchbox").press_sequentially("n=0777", delay=30)
        expect(tab.get_by_role("main").get_by_role("row")).to_have_count(2)
        longest = tab.evaluate("window.longest")
        # Longer than that and typing would stutter; usual is a tenth of it.
        assert longest < 500, f"the page stood still for {longest} ms"


def signs_in_again(instance, running):
    """A page whose cookie is gone says how to get in, and is back when another one has signed in."""
    path = f"/kv?namespace={namespace(running, 'ENTRIES')}"
    with running.page(instance, path, allow=[r"401"]) as tab:
        tab.context.clear_cookies()
        tab.get_by_role("searchbox").fill("greeting")
        expect(tab.get_by_role("alert").filter(has_text="token").first).to_be_visible()
        # Everything is refused now, the stream of events as well once it is asked for.
        tab.reload()
        assert "Not signed in" in tab.inner_text("body")
        other = tab.context.new_page()
        other.goto(running.door)
        expect(other.get_by_role("status").filter(has_text="Live")).to_be_visible()
        tab.reload()
        expect(tab.get_by_role("status").filter(has_text="Live")).to_be_visible()
        expect(tab.get_by_role("button", name="greeting")).to_be_visible()


def comes_back(instance, running):
    """While the emulator is away the page says so; afterwards it shows what is there, unasked."""
    port = urllib.parse.urlsplit(running.services).port
    with tempfile.TemporaryDirectory(prefix="lilypad-dashboard-") as name:
        folder = pathlib.Path(name)
        write_project(folder, retries=0)
        with contextlib.ExitStack() as stack:
            edge = stack.enter_context(start(folder))
            second = Stage(folder, edge)
            port = urllib.parse.urlsplit(second.services).port
            with second.page(instance, "/requests", allow=[r"ERR_CONNECTION_REFUSED", r"ERR_INCOMPLETE"]) as tab:
                second.ask("GET", "/before")
                rows = tab.get_by_role("main").get_by_role("row")
                expect(rows.filter(has_text="/before")).to_have_count(1)
                edge.stop()
                state = tab.get_by_role("status").filter(has_text=re.compile("not reached|Reconnecting"))
                expect(state).to_be_visible()
                again = stack.enter_context(start(folder, "--services-port", port))
                ask(again.url + "/after")
                expect(tab.get_by_role("status").filter(has_text="Live")).to_be_visible()
                expect(rows.filter(has_text="/after")).to_have_count(1)
                expect(rows.filter(has_text="/before")).to_have_count(0)
                ask(again.url + "/later")
                expect(rows.filter(has_text="/later")).to_have_count(1)


def crons(instance, running):
    with running.page(instance, "/crons") as tab:
        expect(tab.get_by_text("has not run since")).to_be_visible()
        tab.get_by_role("button", name=re.compile("^Run now")).click()
        row = tab.get_by_role("main").get_by_role("row").filter(has_text="hand")
        expect(row).to_contain_text("ok")
        before = ask_json(running.app + "/cdn-cgi/local/clock")["now"]
        tab.get_by_label(re.compile("Minutes")).fill("90")
        tab.get_by_role("button", name="Move").click()
        until("the clock", lambda: ask_json(running.app + "/cdn-cgi/local/clock")["now"] - before >= 5400)


def state(instance, running):
    """A snapshot is taken, everything cleared, the snapshot restored, a file sown."""
    with running.page(instance, "/state") as tab:
        tab.get_by_label("Name of the snapshot").fill("before")
        tab.get_by_role("button", name="Take a snapshot").click()
        expect(tab.get_by_role("button", name="Restore before")).to_be_visible()
        tab.get_by_role("button", name="Clear everything").click()
        dialog = tab.get_by_role("dialog")
        expect(dialog.get_by_role("button", name="Clear")).to_be_disabled()
        dialog.get_by_role("textbox").fill("clean")
        tab.keyboard.press("Enter")
        expect(dialog).to_be_visible()
        assert running.ask("GET", "/kv/greeting")[0] == 200
        dialog.get_by_role("textbox").fill("clear")
        dialog.get_by_role("button", name="Clear").click()
        until("the emptiness", lambda: running.ask("GET", "/kv/greeting")[0] == 404)
        seed = {"kv": {"ENTRIES": {"greeting": "sown"}}}
        tab.locator("input[type=file]").set_input_files(
            {"name": "seed.json", "mimeType": "application/json", "buffer": json.dumps(seed).encode()})
        tab.get_by_role("button", name="Put these in").click()
        until("the seed", lambda: running.ask("GET", "/kv/greeting")[2] == b"sown")
        tab.get_by_role("button", name="Restore before").click()
        dialog.get_by_role("textbox").fill("before")
        dialog.get_by_role("button", name="Restore").click()
        until("what was before", lambda: running.ask("GET", "/kv/greeting")[2] == b"hello")


def keyboard(instance, running):
    """From the skip link to an opened request and back, without a mouse."""
    with running.page(instance) as tab:
        tab.goto("/kv")
        expect(tab.get_by_role("heading", level=1, name="KV")).to_be_visible()
        tab.keyboard.press("Tab")
        expect(tab.get_by_role("link", name="Skip to content")).to_be_focused()
        tab.keyboard.press("Enter")
        assert tab.evaluate("document.activeElement.id") == "content"
        tab.keyboard.press("?")
        expect(tab.get_by_role("dialog")).to_contain_text("Keys")
        tab.keyboard.press("Escape")
        expect(tab.get_by_role("dialog")).to_have_count(0)
        tab.keyboard.press("g")
        tab.keyboard.press("r")
        expect(tab.get_by_role("heading", level=1, name="Requests")).to_be_focused()
        running.ask("GET", "/guide/")
        running.ask("GET", "/guide")
        tab.keyboard.press("/")
        expect(tab.get_by_role("searchbox")).to_be_focused()
        tab.keyboard.type("guide")
        expect(tab).to_have_url(re.compile("q=guide"))
        # The field takes letters; Escape leaves it.
        tab.keyboard.press("Escape")
        expect(tab.get_by_role("searchbox")).not_to_be_focused()
        tab.keyboard.press("j")
        expect(tab.get_by_test_id("explanation")).to_be_visible()
        first = tab.url
        tab.keyboard.press("j")
        expect(tab).not_to_have_url(first)
        tab.keyboard.press("k")
        expect(tab).to_have_url(first)
        tab.keyboard.press("Escape")
        expect(tab.get_by_test_id("explanation")).to_have_count(0)
        expect(tab).not_to_have_url(re.compile("seq="))


def details_in_sight(instance, running):
    """What a row far down opens is in sight and has the focus; when it is closed, the row has it again."""
    for size in (WIDE, PHONE):
        for path, names in (
            ("/requests", "GET /kv/greeting?n=0500"), (f"/kv?namespace={namespace(running, 'ENTRIES')}", "visit/0019"),
            ("/r2?bucket=objects", "plan.json")):
            with running.page(instance, path, viewport=size) as tab:
                row = tab.get_by_role("main").get_by_role("button", name=names).first
                row.scroll_into_view_if_needed()
                row.click()
                title = tab.locator("#detail-title")
                expect(title).to_be_in_viewport()
                expect(title).to_be_focused()
                tab.keyboard.press("Escape")
                expect(title).to_have_count(0)
                expect(row).to_be_focused()


def scenes(running):
    """The pages with something opened on them."""
    entries = namespace(running, "ENTRIES")
    running.ask("GET", "/guide/")
    return {
        "overview": "/", "requests": "/requests?source=-assets", "request": "/requests?q=guide&seq=",
        "kv": f"/kv?namespace={entries}", "kv-value": f"/kv?namespace={entries}&key=account%2Fada",
        "kv-binary": f"/kv?namespace={entries}&key=pixel",
        "r2": "/r2?bucket=objects", "r2-object": "/r2?bucket=objects&key=plan.json", "queues": "/queues",
        "dead": "/queues?queue=graveyard", "crons": "/crons", "state": "/state",
    }


def opened(tab, path):
    """Opens a scene and waits until nothing more comes."""
    if path.endswith("seq="):
        tab.goto(path.removesuffix("&seq="))
        tab.get_by_role("main").get_by_role("row").get_by_role("button").first.click()
        expect(tab.get_by_test_id("explanation")).to_be_visible()
    else:
        tab.goto(path)
    expect(tab.get_by_role("heading", level=1)).to_be_visible()
    expect(tab.get_by_role("status").filter(has_text="Live")).to_be_visible()
    if "key=" in path:
        expect(tab.locator("#detail-title")).to_be_visible()


def phone(instance, running):
    with running.page(instance, viewport=PHONE, allow=[r"404"]) as tab:
        for name, path in scenes(running).items():
            opened(tab, path)
            wide = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{name} scrolls sideways by {wide} px at 390 px"
            expect(tab.locator(".places [aria-current]")).to_be_in_viewport(ratio=0.99)


def themes(instance, running):
    """Text keeps a contrast of 4.5 to its background in both themes (WCAG 2.2, 1.4.3)."""
    measure = (pathlib.Path(__file__).parent / "contrast.js").read_text()
    for scheme in ("light", "dark"):
        with running.page(instance, color_scheme=scheme, allow=[r"404"]) as tab:
            for name, path in scenes(running).items():
                opened(tab, path)
                low = tab.evaluate(measure)
                assert not low, f"{name} in the {scheme} theme: {low[:5]}"
    with running.page(instance, color_scheme="light", allow=[r"/assets/", r"ERR_FAILED"]) as tab:
        tab.get_by_label("Colours").select_option("dark")
        # Before the application, so that nothing flashes.
        tab.route("**/assets/*.js", lambda route: route.abort())
        tab.reload()
        assert tab.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


def names(instance, running):
    """Everything that can be pressed has a name, and every id is unique."""
    with running.page(instance, allow=[r"404"]) as tab:
        for name, path in scenes(running).items():
            opened(tab, path)
            nameless = tab.evaluate("""() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
                .filter((element) => element.checkVisibility())
                .filter((element) => !(element.innerText?.trim() || element.getAttribute('aria-label')
                    || element.labels?.length || element.title))
                .map((element) => element.outerHTML.slice(0, 100))""")
            assert not nameless, f"{name}: {nameless}"
            doubled = tab.evaluate("""() => { const ids = [...document.querySelectorAll('[id]')].map((e) => e.id)
                return ids.filter((id, index) => ids.indexOf(id) !== index) }""")
            assert not doubled, f"{name}: {doubled}"


def at_home(instance, running):
    """No page asks anybody but the emulator for anything."""
    with running.page(instance, allow=[r"404"]) as tab:
        asked = set()
        tab.on("request", lambda request: asked.add(urllib.parse.urlsplit(request.url).netloc))
        for path in scenes(running).values():
            opened(tab, path)
        assert asked == {urllib.parse.urlsplit(running.services).netloc}, asked


def screenshots(instance, running, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        for size in (WIDE, PHONE):
            with running.page(instance, viewport=size, color_scheme=scheme, allow=[r"404"]) as tab:
                for name, path in scenes(running).items():
                    opened(tab, path)
                    tab.wait_for_timeout(150)
                    tab.screenshot(path=str(folder / f"{name}-{size['width']}-{scheme}.png"))
                tab.goto("/")
                expect(tab.get_by_role("heading", level=1)).to_be_visible()
                tab.keyboard.press("?")
                tab.screenshot(path=str(folder / f"keys-{size['width']}-{scheme}.png"))


def choose(tab, label, option):
    """An option by the beginning of its text, or by its value."""
    field = tab.get_by_role("combobox", name=label, exact=True)
    value = field.evaluate(
        "(field, wanted) => [...field.options].find((o) => o.value === wanted || o.text.startsWith(wanted + ' '))?.value",
        option)
    assert value is not None, f"{label} has no {option}"
    field.select_option(value)


def main():
    wanted = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("LILYPAD_SCREENSHOTS")
    checks = Checks()
    with stage() as running, browser() as instance:
        if wanted:
            checks.run("screenshots", screenshots, instance, running, pathlib.Path(wanted))
        for check in (door, neighbours, overview, edits_a_value, adds_and_deletes, moves_files, redelivers,
                      sends_a_message, explains_a_request, thousand, details_in_sight, signs_in_again, comes_back, crons, keyboard,
                      phone, themes, names, at_home, state):
            checks.run(check.__name__.replace("_", " "), check, instance, running)
    checks.finish()


if __name__ == "__main__":
    main()
