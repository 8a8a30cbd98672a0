"""Origins that are down, silent, broken or confused, and clients that leave: what the next one is answered."""

import asyncio
import contextlib
import socket
import time

import wire
from expect import lacks, renewed, reused, status, told
from origin import Origin
from stage import Stage
from story import Expect, Group, answers, ask, get

group = Group("proxy-faults")
HOUR = "Cache-Control: max-age=3600"
BAD = status(502)
TEN = b"0123456789"


@group.scene("R", "an origin that is down is answered for with 502")
async def _(stage: Stage):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    async with stage.target.another(f"http://127.0.0.1:{port}") as target:
        other = Stage(target, stage.origin, "an origin that is down", [])
        start = time.monotonic()
        for method in ("GET", "POST"):
            got = await other.ask(method, body=None if method == "GET" else b"12345")
            stage.check(got.status == 502, f"{method}: {got.status} {got.cut}")
            stage.check(got.body or got.fields.get("Content-Length") == "0", "an answer without end")
        stage.check(time.monotonic() - start < 5, "it took more than five seconds")
        other.end()


@group.scene("R", "an origin that comes back is asked again")
async def _(stage: Stage):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    async with stage.target.another(f"http://127.0.0.1:{port}") as target:
        late = Origin()
        other = Stage(target, late, "an origin that comes back", [])
        other.answer(answers(HOUR))
        first = await other.ask()
        await late.start(port)
        second = await other.ask()
        stage.check((first.status, second.status) == (502, 200), f"{first.status}, then {second.status}")
        other.end()
        late.stop()


SILENCE = ("--timeout", "1")


@group.scene("R", "an origin that stays silent is answered for with 504")
async def _(stage: Stage):
    async with stage.target.another(stage.origin.url, *SILENCE) as target:
        other = Stage(target, stage.origin, "an origin that stays silent", [])
        other.answer(answers(wait=6))
        got = await other.ask()
        stage.check(got.status == 504, f"{got.status} {got.cut} after {got.after:.1f} s")
        stage.check(got.after < 5, f"only after {got.after:.1f} s")
        other.end()


@group.scene("O", "an origin that stops within its answer ends the client's too")
async def _(stage: Stage):
    async with stage.target.another(stage.origin.url, *SILENCE) as target:
        other = Stage(target, stage.origin, "an origin that stops", [])
        other.answer(answers(HOUR, body=TEN, hold=6))
        got = await other.ask()
        stage.check(
            got.cut is not None and got.after < 5, f"{got.status} whole={got.cut is None} after {got.after:.1f} s")
        other.answer(answers(HOUR, body=TEN), number=2)
        again = await other.ask(number=2)
        stage.check(again.body == TEN and again.count == 2, f"{again.status} {again.body}")
        other.end()


for method in ("GET", "HEAD", "POST"):
    group.case(
        "R", f"an origin that closes before it answers {method} is answered for with 502",
        ask(method, answers(close="before"), BAD, body=b"12345" if method == "POST" else None),
        get(answers(HOUR), renewed))


@group.scene("R", "a POST that may have been heard is not sent again")
async def _(stage: Stage):
    stage.answer(answers(close="before"))
    got = await stage.ask("POST", body=b"12345", connection=stage.connection())
    stage.check(got.status == 502 and len(stage.script.seen) == 1, f"{got.status}, sent {len(stage.script.seen)} times")


@group.scene("O", "a GET that nobody answered is sent once more")
async def _(stage: Stage):
    tries = 0

    async def at_second(exchange):
        nonlocal tries
        tries += 1
        if tries == 1:
            return False
        await exchange.head("Content-Length: 2")
        await exchange.send(b"ok")
        return True

    stage.answer(at_second)
    # A connection that was idle may just have been closed, so that is when it matters.
    got = await stage.ask(connection=stage.connection())
    stage.check(tries <= 2, f"sent {tries} times")
    stage.check(
        (got.status, got.body) == (200, b"ok") or (got.status == 502 and tries == 1),
        f"{got.status} after {tries} tries")


@group.scene("R", "a connection that the origin has closed fails nobody")
async def _(stage: Stage):
    stage.answer(answers("Cache-Control: no-store", close="after"))
    for _ in range(10):
        got = await stage.ask("POST", body=b"12345")
        stage.check(got.status == 200, f"{got.status}")


@group.scene("R", "a connection that the origin closes without a word fails no safe request")
async def _(stage: Stage):
    async def leave(exchange):
        await exchange.head("Content-Length: 2", "Cache-Control: no-store")
        await exchange.send(b"ok")
        return False

    stage.answer(leave)
    for _ in range(20):
        got = await stage.ask()
        stage.check(got.status == 200, f"{got.status}")


def cut(view):
    """The client must see that something is missing; a proxy that has not begun its answer may refuse instead."""
    if view.got.status < 500 and (not view.got.cut or "nothing for" in view.got.cut):
        return f"a whole answer, or none and no end: {view.got.status} {view.got.body[:40]!r}"


CUT = Expect("an answer that is cut, or none", cut, frozenset({"whole", "status", "body"}))
for chunked in (False, True):
    way = "in chunks" if chunked else "of known length"
    group.case(
        "R", f"an answer {way} that breaks off is cut for the client too, and not stored",
        get(answers(HOUR, body=TEN, chunked=chunked, close="body"), CUT), get(answers(HOUR, body=TEN), renewed),
        get(reused))
group.case(
    "R", "a broken answer does not take the place of a stored one's validation",
    get(answers("Cache-Control: no-cache", 'ETag: "abcd"', body=TEN)),
    get(answers("Cache-Control: no-cache", 'ETag: "efgh"', body=TEN, close="body"), CUT),
    get(answers("Cache-Control: no-cache", 'ETag: "ijkl"', body=b"abcdefghij"), renewed))


def raw(*lines, body=b""):
    return answers(raw="\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)


for called, answer in (
        ("no HTTP at all", answers(raw=b"SSH-2.0-OpenSSH_9.2\r\n")),
        ("a status line without status", raw("HTTP/1.1 OK", "Content-Length: 2", body=b"ok")),
        ("a status of two digits", raw("HTTP/1.1 20 OK", "Content-Length: 2", body=b"ok")),
        ("another major version", raw("HTTP/3.0 200 OK", "Content-Length: 2", body=b"ok")),
        ("half a head", answers(raw=b"HTTP/1.1 200 OK\r\nContent-Le")),
        ("two different lengths", raw("HTTP/1.1 200 OK", "Content-Length: 2", "Content-Length: 3", body=b"okk")),
        ("a negative length", raw("HTTP/1.1 200 OK", "Content-Length: -2", body=b"ok")),
        ("a length with a sign", raw("HTTP/1.1 200 OK", "Content-Length: +2", body=b"ok")),
        ("a length in letters", raw("HTTP/1.1 200 OK", "Content-Length: two", body=b"ok")),
        ("a field without colon", raw("HTTP/1.1 200 OK", "Content-Length: 2", "nonsense", body=b"ok")),
        ("a space before a colon", raw("HTTP/1.1 200 OK", "Content-Length : 2", body=b"ok")),
        ("a zero byte in a field", raw("HTTP/1.1 200 OK", "Content-Length: 2", "Foo: a\0b", body=b"ok")),
        ("a coding that nobody knows",
            raw("HTTP/1.1 200 OK", "Transfer-Encoding: chunked, foo", body=b"2\r\nok\r\n0\r\n\r\n")),
        ("a head without end",
            raw("HTTP/1.1 200 OK", *(f"Foo-{number}: {'x' * 1000}" for number in range(2000)), body=b"ok")),
        ("an upgrade that nobody asked for",
            raw("HTTP/1.1 101 Switching Protocols", "Upgrade: foo", "Connection: Upgrade"))):
    group.case(
        "R", f"an origin that answers {called} is answered for with 502",
        get(answer, BAD), get(answers(HOUR), renewed))
group.case(
    "R", "an answer with a length and chunks is refused or read as chunks",
    get(raw("HTTP/1.1 200 OK", "Content-Length: 2", "Transfer-Encoding: chunked", HOUR,
        body=b"5\r\nabcde\r\n0\r\n\r\n"), Expect(
        "502 or the chunks",
        lambda view: None if view.got.status == 502 or view.got.body == b"abcde" else f"{view.got.body!r}",
        frozenset({"status", "body"})), Expect(
        "one framing",
        lambda view: "two" if {"Content-Length", "Transfer-Encoding"} <= {name for name, _ in view.got.fields}
            else None)),
    get(answers(HOUR), status(200)))
group.case(
    "R", "chunks that do not add up are cut",
    get(raw("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", HOUR, body=b"5\r\nabcdefgh\r\n0\r\n\r\n"), CUT),
    get(answers(HOUR), renewed))
group.case(
    "R", "a chunk of a size that is no number is cut",
    get(raw("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", HOUR, body=b"2\r\nab\r\nxyz\r\n"), CUT),
    get(answers(HOUR), renewed))


@group.scene("R", "what follows an answer unasked is nobody's answer")
async def _(stage: Stage):
    async def say_more(exchange):
        await exchange.head("Content-Length: 2", "Cache-Control: no-store")
        await exchange.send(b"ok", b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
        return True

    stage.answer(say_more)
    for _ in range(5):
        got = await stage.ask()
        stage.check(got.body == b"ok" or got.status == 502, f"{got.status} {got.body}")


@group.scene("R", "interim answers do not go on for ever")
async def _(stage: Stage):
    async def chatter(exchange):
        with contextlib.suppress(ConnectionError):
            for _ in range(20_000):
                await exchange.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
        return False

    stage.answer(chatter)
    got = await stage.ask(connection=stage.connection())
    stage.check(
        got.status == 502 and len(got.interim) < 2000,
        f"{got.status} after {len(got.interim)} interim answers {got.cut}")


@group.scene("R", "a client that leaves in the middle harms nobody")
async def _(stage: Stage):
    content = TEN * 100_000

    async def slowly(exchange):
        await exchange.head(f"Content-Length: {len(content)}", HOUR)
        with contextlib.suppress(ConnectionError):
            for at in range(0, len(content), 50_000):
                await exchange.send(content[at:at + 50_000])
                await asyncio.sleep(0.02)
        return True

    stage.answer(slowly)
    leaver = await stage.send("GET", connection=stage.connection())
    await leaver.reader.read(1000)
    leaver.close()
    got = await stage.ask(connection=stage.connection())
    stage.check(got.body == content and got.cut is None, f"{got.status} {len(got.body)} bytes {got.cut}")


@group.scene("R", "a client that leaves during its upload leaves no half request")
async def _(stage: Stage):
    stage.answer(answers())
    leaver = await stage.send("POST", "Content-Length: 1000", connection=stage.connection())
    await leaver.send(b"x" * 500)
    await stage.script.until(lambda seen: seen, 5)
    leaver.close()
    got = await stage.ask("POST", body=b"12345", connection=stage.connection())
    stage.check(got.status == 200, f"{got.status}")
    whole = [seen.body.content for seen in stage.script.seen if seen.status]
    stage.check(whole == [b"12345"], f"the origin took {whole} for whole")


group.case(
    "R", "an answer of the proxy's own is not stored",
    get(answers(HOUR, close="before"), BAD, lacks("Age")), get(answers(HOUR), renewed))
group.case(
    "R", "a 5xx of the origin is passed on as it is",
    get(answers(status=503, body=b"its own words"), renewed, status(503)))
group.case(
    "R", "the directives of a request reach the origin",
    get("Cache-Control: no-cache, foo", told("Cache-Control: no-cache, foo")))
