"""A server whose answers are written in advance. It remembers every request, to the byte, and how it answered."""

import asyncio
import dataclasses
import re
import time

import dates
import wire
from wire import Fields

# What no cache could take for an answer to a conditional request: the validator was not the stored one.
MISMATCH = 999
BODILESS = (204, 304)


@dataclasses.dataclass
class Answer:
    """One scripted answer. Fields are lines, “Name: value”, with marks that are filled in when the case begins."""

    fields: tuple = ()
    status: int = 200
    # Nobody else answers with the default, so a body tells which request it was for.
    body: bytes | None = None
    # A request field and the value it must have for a 304 with the fields above; any other value is a mismatch.
    validator: tuple | None = None
    # 1xx answers before the final one: statuses and lines.
    interim: tuple = ()
    # Seconds before the head, and before the second half of the body.
    wait: float = 0
    hold: float = 0
    # Where the connection ends: "before" the head, in the "body", "after" the answer.
    close: str | None = None
    chunked: bool = False
    trailers: tuple = ()
    # Sends a Date, unless the fields have one.
    date: bool = True
    # Asks for the body of a request that expects to be asked.
    welcome: bool = True
    version: str = "HTTP/1.1"
    # Instead of everything else: the bytes of the answer, after which the connection ends.
    raw: bytes | None = None


@dataclasses.dataclass
class Seen:
    """A request as it came, and what it was answered."""

    number: int
    method: str
    target: str
    fields: Fields
    raw: bytes
    connection: int
    # How many requests the connection had brought before.
    earlier: int
    time: float
    body: wire.Body = dataclasses.field(default_factory=wire.Body)
    status: int | None = None
    answered: Fields = dataclasses.field(default_factory=Fields)
    sent: bytes = b""
    interim: list = dataclasses.field(default_factory=list)

    @property
    def request(self):
        """The number that the client gave the request."""
        return self.fields.get("Req-Num")


class Script:
    """The answers of one URL, by the number the client gave its request, and the requests that came."""

    def __init__(self, fill=lambda text: text):
        self.answers = {}
        self.seen = []
        self.fill = fill
        self._news = asyncio.Condition()

    def requests(self, number):
        return [seen for seen in self.seen if seen.request == str(number)]

    def answer(self, seen):
        """By number; a request without one, or with one too high, is answered like the last."""
        known = [key for key in self.answers if str(key) == seen.request]
        return self.answers[known[0] if known else max(self.answers)]

    async def tell(self):
        async with self._news:
            self._news.notify_all()

    async def until(self, condition, seconds=10):
        """Waits until a condition on the requests is true; whether it became so in time."""
        try:
            async with asyncio.timeout(seconds), self._news:
                await self._news.wait_for(lambda: condition(self.seen))
            return True
        except TimeoutError:
            return False


@dataclasses.dataclass
class Exchange:
    """For an answer that is a function: it reads and writes for itself and returns whether the connection goes on."""

    seen: Seen
    script: Script
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *parts):
        for part in parts:
            self.writer.write(part)
        await self.writer.drain()

    async def head(self, *lines, status=200):
        fields = [("Server-Request-Count", str(self.seen.number)), *(wire.parse_line(line) for line in lines)]
        self.seen.status, self.seen.answered = status, Fields(fields)
        await self.send(wire.head(f"HTTP/1.1 {status} Scripted", fields))


class Origin:
    def __init__(self):
        self.scripts = {}
        self.connections = 0
        self._server = None

    async def start(self, port=0):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=wire.LIMIT, backlog=1000)
        return self

    @property
    def port(self):
        return self._server.sockets[0].getsockname()[1]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def stop(self):
        self._server.close()

    async def _serve(self, reader, writer):
        self.connections += 1
        connection = self.connections
        earlier = 0
        try:
            while await self._exchange(reader, writer, connection, earlier):
                earlier += 1
        except (wire.Malformed, wire.Cut, ConnectionError, asyncio.IncompleteReadError):
            pass
        except asyncio.CancelledError:
            pass  # The run is over, and this connection was idle.
        finally:
            writer.close()

    async def _exchange(self, reader, writer, connection, earlier):
        head = await wire.read_head(reader)
        if head is None:
            return False
        method, target, _ = head.start.split(" ")
        match = re.search(r"/test/([0-9a-f-]{36})", target)
        script = self.scripts.get(match[1]) if match else None
        if script is None:
            await Exchange(None, None, reader, writer).send(b"HTTP/1.1 404 No Script\r\nContent-Length: 0\r\n\r\n")
            return False
        seen = Seen(len(script.seen) + 1, method, target, head.fields, head.raw, connection, earlier, time.time())
        script.seen.append(seen)
        await script.tell()
        answer = script.answer(seen)
        exchange = Exchange(seen, script, reader, writer)
        if callable(answer):
            goes_on = await answer(exchange)
        else:
            goes_on = await self._play(answer, exchange)
        await script.tell()
        return goes_on

    async def _play(self, answer, exchange):
        seen, reader, writer = exchange.seen, exchange.reader, exchange.writer
        expects = "100-continue" in (seen.fields.get("Expect") or "")
        if expects and answer.welcome:
            await exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if answer.welcome:
            seen.body = await wire.read_body(reader, seen.fields, until_end=False)
            if seen.body.cut:
                return False
        if answer.wait:
            await asyncio.sleep(answer.wait)
        if answer.close == "before":
            return False
        if answer.raw is not None:
            await exchange.send(exchange.script.fill(answer.raw.decode("latin-1")).encode("latin-1"))
            return False
        for status, lines in answer.interim:
            await exchange.send(wire.head(f"HTTP/1.1 {status} Interim", map(wire.parse_line, lines)))
            # Apart from what follows, so that nobody sees both at once.
            await asyncio.sleep(0.05)
        await self._final(answer, exchange)
        return not answer.close and answer.welcome and answer.version == "HTTP/1.1"

    async def _final(self, answer, exchange):
        seen, fill = exchange.seen, exchange.script.fill
        seen.status = answer.status
        body = default_body(seen) if answer.body is None else answer.body
        if answer.validator:
            name, value = answer.validator
            seen.status = 304 if seen.fields.get(name) == fill(value) else MISMATCH
        fields = Fields([("Server-Request-Count", str(seen.number))])
        if seen.status != MISMATCH:
            fields += [wire.parse_line(fill(line)) for line in answer.fields]
        if answer.date and "Date" not in fields:
            fields.append(("Date", dates.imf(now())))
        if seen.status not in BODILESS and not framed(fields):
            if answer.chunked:
                fields.append(("Transfer-Encoding", "chunked"))
            elif answer.version == "HTTP/1.1":
                fields.append(("Content-Length", str(len(body))))
        if answer.close == "after":
            fields.append(("Connection", "close"))
        seen.answered = fields
        parts = [wire.head(f"{answer.version} {seen.status} Scripted", fields)]
        if seen.method != "HEAD" and seen.status not in BODILESS:
            seen.sent = body
            parts += pieces(answer, body)
        for number, part in enumerate(parts):
            if number == len(parts) - 1 and answer.hold:
                await exchange.send()
                await asyncio.sleep(answer.hold)
            exchange.writer.write(part)
        await exchange.send()


def pieces(answer, body):
    """What goes out after the head, in two parts so that the second may wait or never come."""
    half = len(body) // 2
    if not answer.chunked:
        return [body[:half]] if answer.close == "body" else [body[:half], body[half:]]
    start = b"".join(wire.chunk(body[at:min(at + 16384, half)]) for at in range(0, half, 16384))
    if answer.close == "body":
        return [start]
    rest = wire.chunk(body[half:]) if body[half:] else b""
    return [start, rest + wire.last_chunk(map(wire.parse_line, answer.trailers))]


def framed(fields):
    return "Content-Length" in fields or "Transfer-Encoding" in fields


def default_body(seen):
    return f"{seen.target} answered to request {seen.request} as number {seen.number}".encode("latin-1")


def now():
    return dates.datetime.datetime.now(dates.datetime.timezone.utc)
