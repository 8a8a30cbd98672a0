"""Messages on their way: methods, statuses, targets, and the fields a proxy keeps, drops and adds (RFC 9110 §7.6)."""

import re

import wire
from dates import ago
from expect import asked_by, has, lacks, renewed, reused, status, told, unasked, untold
from story import Expect, Group, answers, ask, get, head
from stage import Stage

methods = Group("proxy-methods")


def brought(content):
    def look(view):
        bodies = [seen.body.content for seen in view.seen]
        return None if bodies == [content] else f"the origin got {bodies}"

    return Expect(f"the origin gets {content!r}", look)


for method in ("POST", "PUT", "PATCH", "DELETE", "PROPFIND", "M-SEARCH", "QUERY", "FOO", "get"):
    methods.case(
        "R", f"{method} passes with its body", ask(method, asked_by(method), renewed, brought(b"12345"), body=b"12345"))
for method in ("OPTIONS", "DELETE", "BAR"):
    methods.case(
        "R", f"{method} passes without a body",
        ask(method, asked_by(method), renewed, brought(b""), untold("Transfer-Encoding")))
for code in (201, 202, 226, 299, 300, 304, 402, 418, 429, 444, 451, 501, 505, 511, 599, 600, 799, 999):
    methods.case("R", f"the status {code} passes", get(answers(status=code), renewed, status(code)))
methods.case("R", "OPTIONS that may go no further is not passed on", ask("OPTIONS", "Max-Forwards: 0", unasked))
methods.case("R", "OPTIONS that may go further is counted", ask("OPTIONS", "Max-Forwards: 5", told("Max-Forwards: 4")))
methods.case("R", "Max-Forwards of other methods is left alone", get("Max-Forwards: 0", told("Max-Forwards: 0")))


@methods.scene("R", "CONNECT is refused")
async def _(stage: Stage):
    connection = await stage.connection().open()
    authority = f"127.0.0.1:{stage.origin.port}"
    await connection.send(wire.head(f"CONNECT {authority} HTTP/1.1", [("Host", authority)]))
    got = await connection.receive()
    stage.check(got.status >= 400, f"status {got.status}")


@methods.scene("R", "a target in absolute form reaches the origin as a path")
async def _(stage: Stage):
    stage.answer(answers())
    connection = await stage.connection().open()
    url = f"http://{stage.target.authority}{stage.url('/a?b')}"
    await connection.send(wire.head(f"GET {url} HTTP/1.1", stage.fields(1)))
    got = await connection.receive()
    stage.note(got)
    stage.check(got.status == 200, f"status {got.status}")
    stage.check(stage.script.seen[0].target == stage.url("/a?b"), f"the origin saw {stage.script.seen[0].target}")


for path, called in (
        ("/a%2Fb/%7Euser/%e4", "encoded letters"), ("?q=a+b%20c&&=;", "an odd query"), ("?", "an empty query"),
        ("//a///b/", "several slashes"), ("/:a@b!$&'()*+,;=~", "letters that need no code")):
    methods.case("R", f"a target with {called} passes as it is", get(Expect(
        "the same target",
        lambda view: None if view.seen and view.seen[0].target == view.stage.url(view.step.path)
        else f"{[seen.target for seen in view.seen]}"), path=path))

heads = Group("proxy-head")
HOUR = "Cache-Control: max-age=3600"
TEN = b"0123456789"

heads.case(
    "R", "HEAD brings the fields without a body",
    head(answers(HOUR, "Foo: 1", body=TEN), has("Content-Length: 10"), has("Foo: 1")))
heads.case(
    "O", "a stored answer serves HEAD",
    get(answers(HOUR, "Foo: 1", body=TEN)), head(reused, has("Content-Length: 10"), has("Foo: 1")))
heads.case(
    "R", "behind a HEAD the whole answer is sent to GET",
    head(answers(HOUR, body=TEN)), get(answers(HOUR, body=TEN), Expect(
        "ten bytes", lambda view: None if view.got.body == TEN else f"{view.got.body!r}", frozenset({"body"}))))
heads.case(
    "R", "HEAD of a chunked answer has no body", head(answers(HOUR, body=TEN, chunked=True)),
    get(answers(body=TEN), Expect(
        "an answer of its own", lambda view: None if view.got.body == TEN else f"{view.got.body!r}",
        frozenset({"body"}))))
for code in (204, 304):
    heads.case(
        "R", f"a {code} that speaks of a length has no body",
        get(answers("Content-Length: 10", status=code), status(code)), get(answers(body=TEN), status(200)))

fields = Group("proxy-fields")


def via(pattern):
    def look(view):
        value = view.seen[0].fields.get("Via") if view.seen else None
        return None if re.fullmatch(pattern, value or "") else f"the origin saw Via: {value}"

    return Expect("the proxy in Via, behind those before it", look)


fields.case("R", "Via tells the origin of the proxy", get(via(r"1\.1 [^ ,]+( \(.*\))?")))
fields.case(
    "R", "Via of earlier proxies stays",
    get("Via: 1.0 fred, 1.1 p.example.net (x)", via(r"1\.0 fred, 1\.1 p\.example\.net \(x\), 1\.1 [^ ,]+")))
fields.case(
    "O", "Via tells the client of the proxy",
    get(Expect("Via", lambda view: None if re.fullmatch(r"1\.1 [^ ,]+", view.got.fields.get("Via") or "")
               else f"Via: {view.got.fields.get('Via')}")))
fields.case(
    "R", "Via of a proxy behind stays",
    get(answers("Via: 1.1 inner"), Expect(
        "both", lambda view: None if re.fullmatch(r"1\.1 inner(, 1\.1 [^ ,]+)?", view.got.fields.get("Via") or "")
        else f"Via: {view.got.fields.get('Via')}")))


def forwarded(view):
    value = view.seen[0].fields.get("Forwarded") if view.seen else None
    last = (value or "").split(",")[-1].strip().lower()
    pairs = dict(pair.split("=", 1) for pair in last.split(";") if "=" in pair)
    fits = pairs.get("for") == "127.0.0.1" and pairs.get("proto") == "http"
    return None if fits else f"the origin saw Forwarded: {value}"


def unbelieved(view):
    for name in ("Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"):
        value = view.seen[0].fields.get(name) if view.seen else None
        if "203.0.113.9" in (value or "") or "evil" in (value or ""):
            return f"the origin saw {name}: {value}"


fields.case("O", "Forwarded tells the origin of the client", get(Expect("for and proto of the client", forwarded)))
fields.case("O", "X-Forwarded-For tells the origin of the client", get(told("X-Forwarded-For: 127.0.0.1")))
fields.case("O", "X-Forwarded-Proto tells the origin of the scheme", get(told("X-Forwarded-Proto: http")))
fields.case(
    "C", "what a stranger says of earlier clients is not believed",
    get("Forwarded: for=203.0.113.9;host=evil", "X-Forwarded-For: 203.0.113.9", "X-Forwarded-Host: evil",
        Expect("nothing of what the client says", unbelieved), Expect("for and proto of the client", forwarded)))
fields.case(
    "R", "Connection cannot take away what the proxy adds",
    get("Connection: Via, Forwarded, X-Forwarded-For, close", via(r"1\.1 [^ ,]+"), Expect("for and proto", forwarded)))
fields.case(
    "R", "fields that Connection names stay behind",
    get("Connection: a, B", "a: 1", "b: 2", "c: 3", untold("a", "b"), told("c: 3"),
        Expect("Connection without a",
            lambda view: None if "a" not in (view.seen[0].fields.get("Connection") or "").split(", ")
               else "Connection names a")))
for line in ("Keep-Alive: timeout=17", "Proxy-Authorization: Basic abcd", "Proxy-Connection: keep-alive", "TE: gzip"):
    fields.case("R", f"{line.split(':')[0]} of a request stays behind", get(line, untold(line.split(":")[0])))
fields.case(
    "R", "Upgrade stays behind, or the connection becomes another",
    get("Connection: Upgrade", "Upgrade: foo/2", Expect(
        "no Upgrade at the origin, or a refusal",
        lambda view: None if view.got.status >= 400 or view.seen and "Upgrade" not in view.seen[0].fields
        else "the origin saw Upgrade", frozenset({"status"}))))
fields.case(
    "R", "an upgrade to h2c is not taken over by the origin",
    get("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
        untold("Upgrade", "HTTP2-Settings")))
fields.case("R", "Authorization and Cookie reach the origin", get(
    "Authorization: Basic abcd", "Cookie: a=1; b=2", told("Authorization: Basic abcd"), told("Cookie: a=1; b=2")))
fields.case(
    "R", "lines of one name reach the origin in their order",
    get("Foo: 1", "Foo: 2, 3", "Foo: 4", told("Foo: 1, 2, 3, 4")))
fields.case("R", "letters outside ASCII reach the origin", get("Foo: \u00e4\u00ff", told("Foo: \u00e4\u00ff")))
fields.case("R", "letters outside ASCII reach the client", get(answers("Foo: \u00e4\u00ff"), renewed))
fields.case("R", "empty fields pass both ways", get("Foo:", answers("Bar:"), told("Foo:"), has("Bar:")))
fields.case(
    "R", "long fields pass both ways",
    get(f"Foo: {'a' * 4000}", answers(f"Bar: {'b' * 4000}"), told(f"Foo: {'a' * 4000}")))
fields.case(
    "R", "a hundred fields reach the client",
    get(answers(*(f"Foo-{number}: {number}" for number in range(100)))))
fields.case("R", "Date of the origin is left alone", get(answers(HOUR, f"Date: {ago(100)}"), has(f"Date: {ago(100)}")))
fields.case("R", "an answer without Date gets one", get(answers(date=False), Expect(
    "a Date", lambda view: None if "Date" in view.got.fields else "no Date")))
fields.case(
    "R", "lines of Set-Cookie stay lines of their own",
    get(answers("Set-Cookie: a=1", "Set-Cookie: b=2, c"), Expect(
        "two lines",
        lambda view: None if view.got.fields.lines("Set-Cookie") == ["a=1", "b=2, c"] else f"{view.got.fields}")))
ADDED = {"via", "forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "connection"}


def nothing_else(view):
    sent = {name.lower() for name, _ in view.stage.fields(1)}
    more = {name.lower() for name, _ in view.seen[0].fields} - sent - ADDED
    return f"the origin saw {sorted(more)} besides" if more else None


fields.case(
    "C", "nothing is asked for that the client does not ask for",
    get(Expect("the client's fields and the usual ones", nothing_else)))
fields.case("R", "Server of the origin is left alone", get(answers("Server: scripted"), has("Server: scripted")))
fields.case("R", "a stored answer keeps fields of the connection to itself", get(
    answers(HOUR, "Connection: close", "Keep-Alive: timeout=17", close="after")), get(reused, lacks("Keep-Alive")))
