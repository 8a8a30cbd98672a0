"""What was acknowledged survives SIGKILL.

Clients write KV entries, R2 objects, queue messages and cached responses through a Worker. At a random moment the process
is killed and started again on the same state; then every acknowledged write must be there, whole, and a write that was not
acknowledged either whole or not at all.

    durability.py [--rounds 6] [--seed NUMBER] [--clients 6]
"""

import argparse
import collections
import hashlib
import http.client
import json
import pathlib
import random
import shutil
import sqlite3
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Browser"))
from ledger import (  # noqa: E402
    DATABASES, Session, delivered, needed_files, project, quoted, start, stored_files)
from runtime import spawn, until  # noqa: E402
from tally import Checks  # noqa: E402

PART = 5 << 20

# What a key holds. `etag` is checked for objects alone; a key without a value is ABSENT.
Value = collections.namedtuple("Value", "size sha256 metadata etag")
ABSENT = None


class Write:
    """One write of a key, from before it was sent until its whole answer was there."""

    def __init__(self, value):
        self.value = value
        self.begin = time.monotonic()
        self.end = None

    @property
    def is_acknowledged(self):
        return self.end is not None


class History:
    """What was written to one key, by any number of clients."""

    def __init__(self):
        self.writes = [Write(ABSENT)]
        self.writes[0].end = self.writes[0].begin

    def write(self, value):
        self.writes.append(Write(value))
        return self.writes[-1]

    def allowed(self):
        """What the key may hold: a write that no acknowledged one came after."""
        last = max(write.begin for write in self.writes if write.is_acknowledged)
        return [write.value for write in self.writes if not write.is_acknowledged or write.end >= last]

    def settle(self, value):
        """The key holds this: another write is not to be seen any more."""
        self.writes = [Write(value)]
        self.writes[0].end = self.writes[0].begin


class Model:
    """What the clients know."""

    def __init__(self):
        self.lock = threading.Lock()
        self.keys = collections.defaultdict(History)
        self.messages = {}
        self.acknowledged_messages = set()
        self.arrived = set()
        self.uploads = []
        self.failures = []
        self.counts = collections.Counter()

    def write(self, path, value):
        with self.lock:
            return self.keys[path].write(value)

    def acknowledge(self, write, kind):
        write.end = time.monotonic()
        with self.lock:
            self.counts[kind] += 1


class Upload:
    """An upload in parts whose completion was not acknowledged."""

    def __init__(self, path, identifier, contents, metadata):
        self.path, self.identifier, self.contents, self.metadata = path, identifier, contents, metadata
        self.etags = []

    def value(self):
        whole = hashlib.sha256(b"".join(self.contents)).hexdigest()
        digests = b"".join(hashlib.md5(part).digest() for part in self.contents)
        etag = f"{hashlib.md5(digests).hexdigest()}-{len(self.contents)}"
        return Value(sum(map(len, self.contents)), whole, self.metadata, etag)

    def named_parts(self):
        return [[number, etag] for number, etag in enumerate(self.etags, 1)]


class Client(threading.Thread):
    """Writes one thing after the other until the process is gone."""

    def __init__(self, number, model, url, seed, is_over):
        super().__init__(daemon=True)
        self.number, self.model, self.is_over = number, model, is_over
        self.random = random.Random(seed)
        self.prefix = f"{seed}-"
        self.count = 0
        self.session = Session(url)

    def run(self):
        actions = [self.put_entry] * 8 + [self.delete] * 4 + [self.put_object] * 7 + [self.put_upload] * 2 \
            + [self.send] * 6 + [self.put_cached] * 3
        try:
            while True:
                self.random.choice(actions)()
        except (OSError, http.client.HTTPException) as error:
            if not self.is_over.is_set():
                self.model.failures.append(f"client {self.number}: {error!r}")
        except Exception as error:
            self.model.failures.append(f"client {self.number}: {error!r}")
        finally:
            self.session.close()

    def fresh(self):
        self.count += 1
        return f"{self.prefix}{self.count}"

    def key(self, area, count):
        """Mostly a key of its own, now and then one that all clients write."""
        if self.random.random() < 0.15:
            return f"/{area}/shared%2F{self.random.randrange(3)}"
        return f"/{area}/{self.number}%2F{self.random.randrange(count)}"

    def content(self, *sizes):
        # Some contents are equal, so that objects share their files.
        source = random.Random(self.random.randrange(4)) if self.random.random() < 0.3 else self.random
        low, high = source.choice(sizes)
        return source.randbytes(source.randint(low, high))

    def streamed(self, content):
        """A body in pieces, so that the end may come in the middle of it."""
        return (content[begin:begin + 65536] for begin in range(0, len(content), 65536))

    def put(self, kind, path, content, value, status, **query):
        write = self.model.write(path, value)
        headers = {"Content-Length": str(len(content))}
        self.session.expect(status, "PUT", path, self.streamed(content), headers, **query)
        self.model.acknowledge(write, kind)

    def put_entry(self):
        content, metadata = self.content((0, 0), (1, 200), (1, 200), (1000, 60_000), (70_000, 300_000)), self.fresh()
        value = Value(len(content), hashlib.sha256(content).hexdigest(), json.dumps(metadata), None)
        self.put("entries", self.key("kv", 12), content, value, 204, metadata=json.dumps(metadata))

    def put_object(self):
        content = self.content((1, 1), (1, 500), (1000, 70_000), (100_000, 900_000), (1_000_000, 4_000_000))
        metadata = json.dumps({"version": self.fresh()}, separators=(",", ":"))
        value = Value(len(content), hashlib.sha256(content).hexdigest(), metadata, hashlib.md5(content).hexdigest())
        self.put("objects", self.key("r2", 6), content, value, 200, metadata=metadata)

    def put_cached(self):
        content = self.content((1, 500), (1000, 60_000), (70_000, 400_000))
        path = f"/cache/{quoted(f'https://cache.test/{self.number}/{self.random.randrange(5)}')}"
        self.put("cached", path, content, Value(len(content), hashlib.sha256(content).hexdigest(), None, None), 204)

    def delete(self):
        path = self.random.choice([self.key("kv", 12), self.key("r2", 6)])
        write = self.model.write(path, ABSENT)
        self.session.expect(204, "DELETE", path)
        self.model.acknowledge(write, "deletes")

    def put_upload(self):
        """One small part, or one of the least size and a small one; sometimes it is left or aborted."""
        contents = [self.content((1, 200_000))]
        if self.random.random() < 0.4:
            contents.insert(0, random.Random(self.random.randrange(3)).randbytes(PART))
        metadata = json.dumps({"version": self.fresh()}, separators=(",", ":"))
        path = self.key("r2", 6)
        identifier = self.session.expect(200, "POST", path, uploads="", metadata=metadata)[1].decode()
        upload = Upload(path, identifier, contents, metadata)
        self.model.uploads.append(upload)
        for number, content in enumerate(contents, 1):
            headers = {"Content-Length": str(len(content))}
            body = self.streamed(content)
            etag = self.session.expect(200, "PUT", path, body, headers, upload=identifier, part=number)[1].decode()
            upload.etags.append(etag)
        fate = self.random.random()
        if fate < 0.1:
            return
        self.model.uploads.remove(upload)
        if fate < 0.2:
            self.session.expect(204, "DELETE", path, upload=identifier)
            return
        write = self.model.write(path, upload.value())
        # Not acknowledged, it may still be open after the restart.
        self.model.uploads.append(upload)
        self.session.expect(200, "POST", path, upload.named_parts(), upload=identifier)
        self.model.acknowledge(write, "uploads")
        self.model.uploads.remove(upload)

    def send(self):
        """One message or several at once; some are delayed, some fail at first."""
        messages = []
        for _ in range(self.random.choice((1, 1, 1, 5))):
            text = "".join(self.random.choices("abcdé\n\"", k=self.random.choice((1, 100, 2000, 20_000))))
            body = {"id": self.fresh(), "text": text, "failures": self.random.choice((0, 0, 0, 1))}
            messages.append({"body": body, "delaySeconds": self.random.choice((0, 0, 0, 1))})
        for message in messages:
            self.model.messages[message["body"]["id"]] = message["body"]["text"]
        self.session.expect(202, "POST", "/queue", messages if len(messages) > 1 else messages[0])
        with self.model.lock:
            self.model.acknowledged_messages |= {message["body"]["id"] for message in messages}
            self.model.counts["messages"] += len(messages)


def seen(session, path):
    """What a key holds now."""
    status, headers, content = session.ask("GET", path)
    if status == 404:
        return ABSENT
    assert status == 200, (path, status, content[:300])
    is_object = path.startswith("/r2/")
    etag = headers["ETag"].strip('"') if is_object else None
    return Value(len(content), hashlib.sha256(content).hexdigest(), headers.get("X-Metadata"), etag)


def check_keys(model, session):
    """Every key holds something that it may hold; the lists say the same as the reads."""
    present = {"kv": set(), "r2": set(), "cache": set()}
    for path, history in sorted(model.keys.items()):
        value = seen(session, path)
        assert value in history.allowed(), f"{path} holds {value}, not one of {history.allowed()}"
        history.settle(value)
        _, area, key = path.split("/")
        if value is not ABSENT:
            present[area].add(key.replace("%2F", "/"))
    assert set(session.pages("/kv", "keys")) == present["kv"]
    listed = {entry["key"]: entry for entry in session.pages("/r2", "objects")}
    assert listed.keys() == present["r2"]
    for key, entry in listed.items():
        value = model.keys["/r2/" + quoted(key)].writes[0].value
        told = (entry["size"], entry["etag"], json.dumps(entry["metadata"], separators=(",", ":")))
        assert told == (value.size, value.etag, value.metadata), (key, told, value)


def finish_uploads(model, session):
    """Parts that were acknowledged are there still: the upload can be completed, unless it was."""
    uploads, model.uploads = model.uploads, []
    for upload in uploads:
        if len(upload.etags) < len(upload.contents):
            # One with a part stays open, and its part with it.
            if not upload.etags:
                session.expect(204, "DELETE", upload.path, upload=upload.identifier)
            continue
        status, _, content = session.ask("POST", upload.path, upload.named_parts(), upload=upload.identifier)
        if status == 400:
            assert json.loads(content)["code"] == 10024, content
            # Completed before: whether that is what the key holds was checked, if nothing came after it.
            continue
        assert status == 200, (upload.path, status, content)
        value = seen(session, upload.path)
        assert value == upload.value(), (upload.path, value, upload.value())
        model.keys[upload.path].settle(value)


def check_messages(model, session):
    """Every acknowledged message arrives; what arrives was sent so."""
    waiting = sorted(model.acknowledged_messages - model.arrived)

    def arrive():
        texts = delivered(session, waiting)
        for identifier, text in texts.items():
            assert text == model.messages[identifier], f"message {identifier} has changed"
            model.arrived.add(identifier)
        waiting[:] = [identifier for identifier in waiting if identifier not in texts]
        return not waiting

    try:
        until("every message", arrive)
    except AssertionError:
        raise AssertionError(f"{len(waiting)} acknowledged messages did not arrive: {waiting[:5]}") from None


def check_files(state):
    """After the sweep there is no file that nothing needs, and none is missing."""
    def compare():
        needed, stored = needed_files(state), stored_files(state)
        assert needed <= stored, f"files are missing: {sorted(needed - stored)[:5]}"
        return needed == stored

    until("the sweep of files that nothing needs", compare)


def check_databases(state):
    """What the killed process left behind is sound, and lacks no file. In a copy, as opening a database tidies it up.

    How many files nothing needs.
    """
    with tempfile.TemporaryDirectory(prefix="lilypad-copy-") as name:
        copy = pathlib.Path(name)
        for database in DATABASES:
            for file in (database, database + "-wal"):
                if (state / file).exists():
                    shutil.copy(state / file, copy / file)
            connection = sqlite3.connect(copy / database)
            result = connection.execute("PRAGMA integrity_check").fetchall()
            connection.close()
            assert result == [("ok",)], (database, result)
        needed, stored = needed_files(copy), stored_files(state)
        assert needed <= stored, f"files are missing: {sorted(needed - stored)[:5]}"
        return len(stored - needed)


def kill_while_starting(folder, chance):
    process = spawn(folder, "--port", 0, "--no-request-log", program="example-edge")
    time.sleep(chance.uniform(0, 0.4))
    process.kill()
    process.communicate()


def play(folder, model, arguments, number):
    """One round: write, kill, look at what is left."""
    chance = random.Random(f"{arguments.seed} {number}")
    state = folder / ".lilypad/state"
    is_over = threading.Event()
    before = collections.Counter(model.counts)
    with start(folder) as edge:
        clients = [
            Client(index, model, edge.url, f"{arguments.seed}-{number}-{index}", is_over)
            for index in range(arguments.clients)]
        for client in clients:
            client.start()
        moment = chance.uniform(0.02, 0.8)
        time.sleep(moment)
        is_over.set()
        edge.kill()
        for client in clients:
            client.join(timeout=30)
    assert not model.failures, model.failures
    orphans = check_databases(state)
    starts = chance.choice((0, 0, 0, 1, 2))
    for _ in range(starts):
        kill_while_starting(folder, chance)
    pending = sum(not write.is_acknowledged for history in model.keys.values() for write in history.writes)
    with start(folder) as edge, Session(edge.url) as session:
        check_keys(model, session)
        finish_uploads(model, session)
        check_messages(model, session)
        check_files(state)
        if number == arguments.rounds:
            unknown = set(session.pages("/delivered", "keys")) - model.messages.keys()
            assert not unknown, f"messages that nobody sent: {unknown}"
        assert edge.stop() == 0, edge.lines[-5:]
    check_databases(state)
    kinds = ", ".join(f"{count - before[kind]} {kind}" for kind, count in sorted(model.counts.items()))
    print(f"  round {number}: killed after {moment:.2f} s: {kinds} acknowledged, {pending} writes unanswered, "
          f"{orphans} files to sweep, {starts} starts killed")
    sys.stdout.flush()


def survive(arguments):
    model = Model()
    with project() as folder:
        for number in range(1, arguments.rounds + 1):
            play(folder, model, arguments, number)
    for kind in ("entries", "objects", "cached", "deletes", "uploads", "messages"):
        assert model.counts[kind], f"no {kind}"
    total = sum(model.counts.values())
    print(f"  {arguments.rounds} rounds, {total} acknowledged writes: {dict(sorted(model.counts.items()))}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--clients", type=int, default=6)
    arguments = parser.parse_args()
    print(f"  seed {arguments.seed}, {arguments.clients} clients")
    checks = Checks()
    checks.run("what was acknowledged survives SIGKILL", survive, arguments)
    checks.finish()


if __name__ == "__main__":
    main()
