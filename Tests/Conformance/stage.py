"""Where one case is played: its URL, its script at the origin, and a client in front of the server under test."""

import asyncio
import re
import time
import uuid

import dates
import wire
from client import Connection
from origin import Script


class Unmet(Exception):
    """Something that the case expects did not happen."""


class Skipped(Exception):
    """The server under test cannot be asked this."""


class Stage:
    def __init__(self, target, origin, title, answered):
        self.target, self.origin = target, origin
        self.name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
        self.id = str(uuid.uuid4())
        self.start = int(time.time())
        self.script = origin.scripts[self.id] = Script(self.fill)
        self.log = []
        self._answered = answered
        self._own = Connection(target.host, target.port)
        self._opened = [self._own]

    def fill(self, text):
        return dates.fill(text, self.start, self.url(), f"http://{self.target.authority}")

    def url(self, path=""):
        return f"/test/{self.id}{path}"

    def connection(self):
        """One more connection to the server under test, closed when the case ends."""
        connection = Connection(self.target.host, self.target.port)
        self._opened.append(connection)
        return connection

    def fields(self, number, lines=()):
        """What the client sends: its own fields, unless the case has others of that name, and those of the case."""
        own = wire.Fields(wire.parse_line(self.fill(line)) for line in lines)
        usual = [
            ("Host", self.target.authority), ("Test-ID", self.id), ("Test-Name", self.name), ("Req-Num", str(number)),
            ("Cache-Control", "nothing-to-see-here"), ("Pragma", "foo")]
        return [pair for pair in usual if pair[0] not in own] + own

    async def ask(self, method="GET", *lines, path="", number=1, body=None, connection=None):
        connection = connection or self._own
        got = await connection.ask(method, self.url(path), self.fields(number, lines), body)
        self.note(got)
        return got

    def answer(self, answer, number=1):
        """What the origin answers to a request of this number: an Answer, or a function that answers by itself."""
        self.script.answers[number] = answer

    async def crowd(self, count, *lines, method="GET", path="", number=1):
        """The same request from as many clients at once."""
        return await asyncio.gather(*(
            self.ask(method, *lines, path=path, number=number, connection=self.connection()) for _ in range(count)))

    async def send(self, method, *lines, path="", number=1, connection=None):
        """The head of a request alone."""
        connection = await (connection or self._own).open()
        await connection.send(wire.head(f"{method} {self.url(path)} HTTP/1.1", self.fields(number, lines)))
        return connection

    def note(self, got):
        """Every whole answer is looked at once more when all cases have run."""
        if got.cut is None:
            self._answered.append((self.name, got))

    def say(self, text):
        self.log.append(text)

    def check(self, condition, text):
        """For cases that are functions."""
        if not condition:
            raise Unmet(text)

    def end(self):
        for connection in self._opened:
            connection.close()
        del self.origin.scripts[self.id]
