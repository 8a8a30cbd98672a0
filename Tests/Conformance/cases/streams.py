"""Bodies on their way through: long, slow, chunked, with trailers, asked for first, from and to old clients."""

import asyncio
import hashlib
import os
import socket

import wire
from expect import has, lacks, renewed, reused
from stage import Stage
from story import Expect, Group, answers, ask, get

group = Group("proxy-streams")
HOUR = "Cache-Control: max-age=3600"
PIECE = os.urandom(1 << 16)
# More than all the buffers of sockets on the way hold.
MUCH = 96 << 20


def megabytes(count):
    return PIECE * (count << 4)


def digest(content):
    return hashlib.sha256(content).hexdigest()


async def memory(stage):
    """Resident bytes of the server under test, 0 where nobody knows."""
    process = getattr(stage.target, "process", None)
    if process is None:
        return 0
    with open(f"/proc/{process.pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@group.scene("R", "a long answer of known length passes whole", heavy=True)
async def _(stage: Stage):
    content = megabytes(32)
    stage.answer(answers("Cache-Control: no-store", body=content))
    got = await stage.ask()
    stage.check(got.cut is None and digest(got.body) == digest(content), f"{len(got.body)} bytes, {got.cut}")


@group.scene("R", "a long answer in chunks passes whole", heavy=True)
async def _(stage: Stage):
    content = megabytes(32)
    stage.answer(answers("Cache-Control: no-store", body=content, chunked=True))
    got = await stage.ask()
    stage.check(got.cut is None and digest(got.body) == digest(content), f"{len(got.body)} bytes, {got.cut}")


@group.scene("R", "a long upload passes whole", heavy=True)
async def _(stage: Stage):
    content = megabytes(32)
    stage.answer(answers())
    got = await stage.ask("POST", body=content)
    stage.check(got.status == 200, f"status {got.status} {got.cut}")
    stage.check(digest(stage.script.seen[0].body.content) == digest(content), "the origin got something else")


@group.scene("R", "a long upload in chunks passes whole", heavy=True)
async def _(stage: Stage):
    content = megabytes(16)
    stage.answer(answers())
    connection = await stage.send("POST", "Transfer-Encoding: chunked")
    for at in range(0, len(content), 100_000):
        await connection.send(wire.chunk(content[at:at + 100_000]))
    await connection.send(wire.last_chunk())
    got = await connection.receive()
    stage.note(got)
    stage.check(got.status == 200, f"status {got.status} {got.cut}")
    stage.check(digest(stage.script.seen[0].body.content) == digest(content), "the origin got something else")


@group.scene("R", "an answer passes piece by piece while it is made")
async def _(stage: Stage):
    heard = asyncio.Event()

    async def slowly(exchange):
        await exchange.head("Transfer-Encoding: chunked", HOUR)
        await exchange.send(wire.chunk(b"first"))
        await asyncio.wait_for(heard.wait(), 5)
        await exchange.send(wire.chunk(b"second"), wire.last_chunk())
        return True

    stage.answer(slowly)
    connection = await stage.send("GET")
    async with asyncio.timeout(5):
        first = await wire.read_head(connection.reader)
        part = await connection.reader.readuntil(b"first")
    heard.set()
    async with asyncio.timeout(5):
        rest = await connection.reader.readuntil(b"second")
    stage.check(first and part and rest, "a piece did not come")


@group.scene("R", "an upload passes piece by piece while it is made")
async def _(stage: Stage):
    heard = asyncio.Event()

    async def listen(exchange):
        # The whole chunk: many a server does not look at one whose end is held back.
        await wire.read_chunk(exchange.reader)
        heard.set()
        while await wire.read_chunk(exchange.reader):
            pass
        await wire.read_trailers(exchange.reader)
        await exchange.head("Content-Length: 2")
        await exchange.send(b"ok")
        return True

    stage.answer(listen)
    connection = await stage.send("POST", "Transfer-Encoding: chunked")
    await connection.send(wire.chunk(b"first"))
    try:
        await asyncio.wait_for(heard.wait(), 5)
    except TimeoutError:
        stage.check(False, "the origin did not get the whole first chunk before the second was sent")
    await connection.send(wire.chunk(b"second"), wire.last_chunk())
    got = await connection.receive()
    stage.note(got)
    stage.check((got.status, got.body) == (200, b"ok"), f"{got}")


@group.scene("R", "who does not read makes the origin wait", heavy=True)
async def _(stage: Stage):
    sent = 0

    async def pour(exchange):
        nonlocal sent
        await exchange.head(f"Content-Length: {MUCH}", "Cache-Control: no-store")
        while sent < MUCH:
            await exchange.send(PIECE)
            sent += len(PIECE)
        return True

    stage.answer(pour)
    before = await memory(stage)
    await stage.send("GET", connection=stage.connection())
    await asyncio.sleep(3)
    grown = await memory(stage) - before
    stage.check(sent < MUCH, f"the origin could send all {MUCH >> 20} MB")
    stage.check(grown < 32 << 20, f"the memory grew by {grown >> 20} MB")


@group.scene("R", "an origin that does not read makes the client wait", heavy=True)
async def _(stage: Stage):
    done = asyncio.Event()

    async def ignore(exchange):
        await done.wait()
        return False

    stage.answer(ignore)
    before = await memory(stage)
    connection = await stage.send("POST", f"Content-Length: {MUCH}", connection=stage.connection())
    sent = 0
    try:
        async with asyncio.timeout(3):
            while sent < MUCH:
                await connection.send(PIECE)
                sent += len(PIECE)
    except TimeoutError:
        pass
    grown = await memory(stage) - before
    done.set()
    stage.check(sent < MUCH, f"the client could send all {MUCH >> 20} MB")
    stage.check(grown < 32 << 20, f"the memory grew by {grown >> 20} MB")


@group.scene("R", "a hundred clients that read slowly keep nobody else waiting", heavy=True)
async def _(stage: Stage):
    content = megabytes(1)
    stage.answer(answers(HOUR, body=content))
    stage.answer(answers("Cache-Control: no-store", body=b"quick"), number=2)
    await stage.ask()
    before = await memory(stage)
    slow = await asyncio.gather(*(slow_reader(stage) for _ in range(100)))
    try:
        for _ in range(20):
            await asyncio.gather(*(reader.read(512) for reader, _ in slow))
            got = await stage.ask(path="/quick", number=2)
            stage.check(got.body == b"quick" and got.after < 1, f"{got.status} after {got.after:.1f} s {got.cut}")
        grown = await memory(stage) - before
        stage.check(grown < 48 << 20, f"the memory grew by {grown >> 20} MB")
    finally:
        for _, writer in slow:
            writer.close()


async def slow_reader(stage):
    """A client with a small window that has sent its request and reads when it is told to."""
    pipe = socket.socket()
    pipe.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    pipe.setblocking(False)
    await asyncio.get_running_loop().sock_connect(pipe, (stage.target.host, stage.target.port))
    reader, writer = await asyncio.open_connection(sock=pipe, limit=1024)
    writer.write(wire.head(f"GET {stage.url()} HTTP/1.1", stage.fields(1)))
    await writer.drain()
    return reader, writer


@group.scene("R", "a hundred clients that send slowly keep nobody else waiting", heavy=True)
async def _(stage: Stage):
    stage.answer(answers())
    stage.answer(answers("Cache-Control: no-store", body=b"quick"), number=2)
    slow = [stage.connection() for _ in range(100)]
    for connection in slow:
        await stage.send("POST", "Content-Length: 20", connection=connection)
    for _ in range(19):
        await asyncio.gather(*(connection.send(b"x") for connection in slow))
        got = await stage.ask(path="/quick", number=2)
        stage.check(got.body == b"quick" and got.after < 1, f"{got.status} after {got.after:.1f} s {got.cut}")
    for connection in slow:
        await connection.send(b"x")
    statuses = [(await connection.receive("POST")).status for connection in slow]
    stage.check(statuses == [200] * 100, f"{statuses}")


group.case(
    "R", "trailers of an answer reach a client that takes them",
    get("TE: trailers", "Connection: TE", answers("Trailer: Foo", chunked=True, trailers=("Foo: bar",)), Expect(
        "the trailer", lambda view: None if view.got.trailers.get("Foo") == "bar" else f"{view.got.trailers}"),
        lacks("Foo")))
group.case(
    "R", "trailers never become fields of the stored answer",
    get("TE: trailers", "Connection: TE",
        answers(HOUR, chunked=True, trailers=("Foo: bar", "Cache-Control: no-store"))),
    get(reused, lacks("Foo"), has(HOUR)))


@group.scene("R", "trailers of an upload reach the origin, and not as fields")
async def _(stage: Stage):
    stage.answer(answers())
    connection = await stage.send("POST", "Transfer-Encoding: chunked", "Trailer: Foo")
    await connection.send(wire.chunk(b"12345"), wire.last_chunk([("Foo", "bar")]))
    got = await connection.receive()
    stage.note(got)
    seen = stage.script.seen[0]
    stage.check(seen.body.content == b"12345", f"the body {seen.body.content}")
    stage.check("Foo" not in seen.fields, "the trailer became a field")
    stage.check(seen.body.trailers.get("Foo") == "bar", f"the trailers {seen.body.trailers}")


@group.scene("R", "who asks before sending a body is told to go on")
async def _(stage: Stage):
    stage.answer(answers())
    connection = await stage.send("POST", "Content-Length: 5", "Expect: 100-continue")
    async with asyncio.timeout(5):
        interim = await wire.read_head(connection.reader)
    stage.check(interim.start.startswith("HTTP/1.1 100"), f"{interim.start}")
    await connection.send(b"12345")
    got = await connection.receive("POST")
    stage.note(got)
    stage.check(got.status == 200 and not got.interim, f"{got}")
    stage.check(stage.script.seen[0].body.content == b"12345", "another body")


@group.scene("R", "a body that is asked for reaches the origin though its client does not wait")
async def _(stage: Stage):
    stage.answer(answers())
    connection = await stage.send("POST", "Content-Length: 5", "Expect: 100-continue")
    await connection.send(b"12345")
    got = await connection.receive("POST")
    stage.note(got)
    stage.check(got.status == 200, f"{got}")
    stage.check(stage.script.seen[0].body.content == b"12345", "another body")


@group.scene("R", "an origin that refuses before the body is heard")
async def _(stage: Stage):
    stage.answer(answers(status=403, welcome=False))
    connection = await stage.send("POST", "Content-Length: 5", "Expect: 100-continue")
    got = await connection.receive("POST")
    if got.interim:
        # The proxy may ask for the body itself.
        await connection.send(b"12345")
    stage.note(got)
    stage.check(got.status == 403, f"{got.status} {got.cut}")


@group.scene("R", "an origin that answers before the upload ends is heard")
async def _(stage: Stage):
    async def refuse(exchange):
        await exchange.reader.read(1)
        await exchange.head("Content-Length: 4", "Connection: close", status=413)
        await exchange.send(b"full")
        # Or what is still under way would undo the answer.
        await asyncio.sleep(1)
        return False

    stage.answer(refuse)
    connection = await stage.send("POST", "Content-Length: 1000000")
    await connection.send(b"x" * 1000)
    got = await connection.receive("POST")
    stage.note(got)
    stage.check((got.status, got.body) == (413, b"full"), f"{got.status} {got.body} {got.cut}")


for size in (0, 1, 16384, 65536, 100_000):
    content = megabytes(1)[:size]
    group.case(
        "R", f"a stored answer of {size} bytes comes back whole", get(answers(HOUR, body=content)), get(reused))
    group.case(
        "R", f"a stored answer in chunks of {size} bytes comes back whole",
        get(answers(HOUR, body=content, chunked=True)), get(reused))
group.case(
    "R", "an answer that ends with its connection passes",
    get(answers(version="HTTP/1.0", body=b"old")), get(renewed))
group.case(
    "O", "an answer that ends with its connection is stored", get(answers(HOUR, version="HTTP/1.0", body=b"old")),
    get(reused))


async def from_old_client(stage, answer):
    stage.answer(answer)
    connection = await stage.connection().open()
    await connection.send(wire.head(f"GET {stage.url()} HTTP/1.0", stage.fields(1)))
    got = await connection.receive()
    stage.note(got)
    return got


@group.scene("R", "an old client gets no chunks")
async def _(stage: Stage):
    got = await from_old_client(stage, answers(body=b"0123456789", chunked=True))
    stage.check(not got.chunked and got.body == b"0123456789" and got.status == 200, f"{got}")


@group.scene("R", "an old client gets no interim answers")
async def _(stage: Stage):
    got = await from_old_client(stage, answers(interim=((103, ("Link: </a>",)),)))
    stage.check(not got.interim and got.status == 200, f"{got}")


@group.scene("R", "requests sent at once are answered in their order")
async def _(stage: Stage):
    stage.answer(answers(body=b"slow", wait=0.5))
    stage.answer(answers(body=b"fast"), number=2)
    stage.answer(answers(body=b"posted"), number=3)
    connection = await stage.connection().open()
    await connection.send(
        wire.head(f"GET {stage.url('/1')} HTTP/1.1", stage.fields(1)),
        wire.head(f"GET {stage.url('/2')} HTTP/1.1", stage.fields(2)),
        wire.head(f"POST {stage.url('/3')} HTTP/1.1", stage.fields(3, ["Content-Length: 5"])), b"12345")
    bodies = [(await connection.receive()).body for _ in range(3)]
    stage.check(bodies == [b"slow", b"fast", b"posted"], f"{bodies}")


@group.scene("R", "connections to the origin are used again")
async def _(stage: Stage):
    stage.answer(answers("Cache-Control: no-store"))
    for _ in range(20):
        await stage.ask()
    first = sum(seen.earlier == 0 for seen in stage.script.seen)
    stage.check(first <= 5, f"{first} of 20 requests came on a new connection")


@group.scene("R", "one connection serves request after request")
async def _(stage: Stage):
    stage.answer(answers(HOUR))
    connection = await stage.connection().open()
    writer = connection.writer
    for number in range(50):
        got = await stage.ask(connection=connection)
        stage.check(got.status == 200 and connection.writer is writer, f"request {number}: {got.status} {got.cut}")


group.case("R", "a body behind GET reaches the origin", ask("GET", Expect(
    "the body", lambda view: None if view.seen and view.seen[0].body.content == b"12345" else "no body"),
    body=b"12345"))
