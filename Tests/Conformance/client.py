"""A client that reports exactly what came: status, header lines, 1xx answers, body, trailers, and where it was cut."""

import asyncio
import dataclasses
import time

import wire
from wire import Fields

PATIENCE = 15


@dataclasses.dataclass
class Interim:
    status: int
    fields: Fields


@dataclasses.dataclass
class Got:
    """What came back for one request."""

    status: int = 0
    reason: str = ""
    version: str = ""
    fields: Fields = dataclasses.field(default_factory=Fields)
    body: bytes = b""
    trailers: Fields = dataclasses.field(default_factory=Fields)
    interim: list = dataclasses.field(default_factory=list)
    chunked: bool = False
    # Why it is not a whole answer, None if it is one.
    cut: str | None = None
    # Seconds from the last byte of the request to the end of the head, and to the end of the body.
    head_after: float = 0
    after: float = 0

    @property
    def count(self):
        """Which of the origin's answers this is, None if the origin did not write it."""
        text = self.fields.get("Server-Request-Count")
        return int(text) if text and text.isdigit() else None


class Connection:
    """One connection, opened when it is first needed and again when the server has closed it."""

    def __init__(self, host, port):
        self.host, self.port = host, port
        self.reader = self.writer = None

    async def open(self):
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(self.host, self.port, limit=wire.LIMIT)
        return self

    def close(self):
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None

    async def send(self, *parts):
        await self.open()
        for part in parts:
            self.writer.write(part)
        await self.writer.drain()

    async def ask(self, method, target, fields, body=None):
        """One request and its answer; whatever goes wrong is part of the report."""
        reused = self.writer is not None
        got = await self._ask(method, target, fields, body)
        if reused and got.cut == NOTHING:
            # The server may close a connection that is idle; then nothing was begun.
            got = await self._ask(method, target, fields, body)
        return got

    async def _ask(self, method, target, fields, body):
        try:
            async with asyncio.timeout(PATIENCE):
                fields = list(fields)
                names = {name.lower() for name, _ in fields}
                if body is not None and not names & {"content-length", "transfer-encoding"}:
                    fields.append(("Content-Length", str(len(body))))
                await self.send(wire.head(f"{method} {target} HTTP/1.1", fields), body or b"")
                return await self.receive(method)
        except TimeoutError:
            self.close()
            return Got(cut=f"nothing for {PATIENCE} seconds")
        except ConnectionError:
            self.close()
            return Got(cut=NOTHING)

    async def receive(self, method="GET"):
        """The next answer with its interim ones."""
        start = time.monotonic()
        got = Got()
        try:
            await self.receive_head(got)
            got.head_after = time.monotonic() - start
            await self.receive_body(got, method)
        except (wire.Cut, wire.Malformed) as error:
            got.cut = str(error)
        except ConnectionError:
            got.cut = "the connection was reset" if got.status else NOTHING
        got.after = time.monotonic() - start
        ends = (got.fields.get("Connection") or "").lower()
        if got.cut or "close" in ends or got.version == "HTTP/1.0":
            self.close()
        return got

    async def receive_head(self, got):
        while True:
            head = await wire.read_head(self.reader)
            if head is None:
                raise wire.Cut(NOTHING)
            got.version, status, got.reason = (head.start + "  ").split(" ", 2)
            got.reason = got.reason.strip()
            if not got.version.startswith("HTTP/1.") or len(status) != 3 or not status.isdigit():
                raise wire.Malformed(f"the status line {head.start!r}")
            got.status, got.fields = int(status), head.fields
            if got.status >= 200 or got.status == 101:
                return
            got.interim.append(Interim(got.status, got.fields))

    async def receive_body(self, got, method):
        if method == "HEAD" or got.status in (101, 204, 304):
            return
        body = await wire.read_body(self.reader, got.fields, until_end=True)
        got.body, got.trailers, got.chunked, got.cut = body.content, body.trailers, body.chunked, body.cut
        if "Content-Length" not in got.fields and not body.chunked:
            self.close()


NOTHING = "the connection ended before an answer"
