"""The Worker `ledger` (Tests/ExampleWorker/Ledger.swift) as the tests ask it."""

import contextlib
import http.client
import json
import pathlib
import sqlite3
import tempfile
import urllib.parse

from runtime import PATIENCE, Edge

CONFIG = """
name = "ledger"
main = "ledger.js"
compatibility_date = "2026-08-01"
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
max_batch_size = 10
max_batch_timeout = 0
max_retries = 100
max_concurrency = 2
"""

DATABASES = ("cache.sqlite", "kv.sqlite", "r2.sqlite", "queues.sqlite")


@contextlib.contextmanager
def project():
    with tempfile.TemporaryDirectory(prefix="lilypad-ledger-") as name:
        folder = pathlib.Path(name)
        (folder / "wrangler.toml").write_text(CONFIG)
        yield folder


def start(folder, *arguments):
    return Edge(folder, "--port", 0, "--no-request-log", *arguments, program="example-edge")


class Session:
    """One kept connection."""

    def __init__(self, url):
        self.connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=PATIENCE)

    def ask(self, method, path, body=None, headers=None, /, **query):
        """The status, the header fields and the whole body of an answer."""
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
        if query:
            path += "?" + urllib.parse.urlencode(query)
        self.connection.request(method, path, body, headers or {})
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def expect(self, status, method, path, body=None, headers=None, /, **query):
        got, fields, content = self.ask(method, path, body, headers, **query)
        assert got == status, (method, path[:100], query, got, content[:500])
        return fields, content

    def json(self, method, path, body=None, /, **query):
        return json.loads(self.expect(200, method, path, body, **query)[1])

    def error(self, method, path, body=None, headers=None, /, **query):
        """What a binding refused: name, message and perhaps a code."""
        return json.loads(self.expect(400, method, path, body, headers, **query)[1])

    def pages(self, path, name):
        """All entries of a list."""
        entries, cursor = [], {}
        while True:
            page = self.json("GET", path, **cursor)
            entries += page[name]
            if not page["cursor"]:
                return entries
            cursor = {"cursor": page["cursor"]}

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def quoted(key):
    return urllib.parse.quote(key, safe="")


def delivered(session, ids):
    """The texts that the consumer has written down for some messages."""
    texts = {}
    for begin in range(0, len(ids), 100):
        answer = session.json("POST", "/delivered", ids[begin:begin + 100])
        texts.update({name: entry[0] for name, entry in answer.items() if entry})
    return texts


def reading(file):
    """A database as it is, also while its process writes."""
    return contextlib.closing(sqlite3.connect(f"file:{urllib.parse.quote(str(file))}?mode=ro", uri=True))


def needed_files(state):
    """The files under `blobs/` and `cache/` that the databases name, and how often each blob is used."""
    uses = {}
    with reading(state / "r2.sqlite") as database:
        rows = database.execute("SELECT segments FROM object UNION ALL SELECT segments FROM part").fetchall()
        counted = {bytes(name).hex(): count for name, count in database.execute("SELECT name, uses FROM blob")}
    for (segments,) in rows:
        for begin in range(0, len(segments), 40):
            name = segments[begin:begin + 32].hex()
            uses[name] = uses.get(name, 0) + 1
    assert uses == counted, {name: (uses.get(name), counted.get(name)) for name in uses.keys() ^ counted.keys()}
    with reading(state / "cache.sqlite") as database:
        cache = {row[0] for row in database.execute("SELECT file FROM responses WHERE file IS NOT NULL")}
    return {f"blobs/{name[:2]}/{name[2:]}" for name in uses} | {f"cache/{number}" for number in cache}


def stored_files(state):
    found = [path for area in ("blobs", "cache") for path in (state / area).rglob("*") if not path.is_dir()]
    return {str(path.relative_to(state)) for path in found}
