"""HTTP/1.1 as it stands on the wire, read without forgiveness: what is not well formed is said, never repaired.

Text is Latin-1 throughout, so that every byte survives the way from a script to a socket and back."""

import asyncio
import dataclasses

# Enough for the largest head and the largest piece of a body that a case sends.
LIMIT = 4 << 20


class Malformed(Exception):
    """What the peer sent is not HTTP/1.1."""


class Cut(Exception):
    """The peer ended the connection in the middle of a message."""


class Fields(list):
    """Header lines in their order: pairs of a name and a value."""

    def lines(self, name):
        return [value for key, value in self if key.lower() == name.lower()]

    def get(self, name):
        """All lines of a name as one value, None if there is none."""
        lines = self.lines(name)
        return ", ".join(lines) if lines else None

    def __contains__(self, name):
        return any(key.lower() == name.lower() for key, _ in self)


@dataclasses.dataclass
class Head:
    start: str
    fields: Fields
    raw: bytes


@dataclasses.dataclass
class Body:
    content: bytes = b""
    trailers: Fields = dataclasses.field(default_factory=Fields)
    chunked: bool = False
    # Why it is not whole, None if it is.
    cut: str | None = None


def parse_line(line):
    """A pair out of “Name: value”; values lose the blanks around them and nothing else."""
    name, colon, value = line.partition(":")
    if not colon or not name or any(letter in " \t\r\n" for letter in name):
        raise Malformed(f"a header line {line!r}")
    return name, value.strip(" \t")


def parse_fields(text):
    return Fields(parse_line(line) for line in text.split("\r\n") if line)


async def read_head(reader):
    """The next head, None if the connection ended before its first byte."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as end:
        if not end.partial:
            return None
        raise Cut(f"the head ended after {len(end.partial)} bytes: {end.partial[:80]!r}") from end
    except asyncio.LimitOverrunError as error:
        raise Malformed("a head without end") from error
    start, _, rest = raw.decode("latin-1").partition("\r\n")
    return Head(start, parse_fields(rest), raw)


async def read_chunk(reader):
    """The next chunk, empty for the last one (whose trailers are still unread)."""
    size = (await reader.readuntil(b"\r\n")).split(b";")[0].strip()
    try:
        count = int(size, 16)
    except ValueError as error:
        raise Malformed(f"a chunk of size {size!r}") from error
    if count == 0:
        return b""
    chunk = await reader.readexactly(count + 2)
    if chunk[-2:] != b"\r\n":
        raise Malformed("a chunk that is longer than it says")
    return chunk[:-2]


async def read_trailers(reader):
    lines = Fields()
    while (line := await reader.readuntil(b"\r\n")) != b"\r\n":
        lines.append(parse_line(line[:-2].decode("latin-1")))
    return lines


async def read_body(reader, fields, until_end):
    """The body that the fields announce; `until_end` if one without announcement lasts as long as the connection."""
    body = Body()
    parts = []
    coding = fields.get("Transfer-Encoding")
    length = fields.get("Content-Length")
    try:
        if coding is not None and coding.lower() == "chunked":
            body.chunked = True
            while chunk := await read_chunk(reader):
                parts.append(chunk)
            body.trailers = await read_trailers(reader)
        elif coding is not None:
            raise Malformed(f"the transfer coding {coding!r}")
        elif length is not None:
            left = number(length)
            while left:
                part = await reader.read(min(left, 1 << 20))
                if not part:
                    raise Cut(f"{left} of {length} bytes are missing")
                parts.append(part)
                left -= len(part)
        elif until_end:
            while part := await reader.read(1 << 20):
                parts.append(part)
    except asyncio.IncompleteReadError as end:
        parts.append(end.partial)
        body.cut = "the chunks have no end"
    except (Cut, Malformed, ConnectionError) as error:
        body.cut = str(error) or type(error).__name__
    body.content = b"".join(parts)
    return body


def number(length):
    if not length.isascii() or not length.isdigit():
        raise Malformed(f"the length {length!r}")
    return int(length)


def line(name, value):
    return f"{name}: {value}\r\n".encode("latin-1")


def head(start, fields):
    return start.encode("latin-1") + b"\r\n" + b"".join(line(*pair) for pair in fields) + b"\r\n"


def chunk(content):
    return b"%x\r\n%s\r\n" % (len(content), content)


def last_chunk(trailers=()):
    return b"0\r\n" + b"".join(line(*pair) for pair in trailers) + b"\r\n"
