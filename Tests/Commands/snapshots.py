"""`lilypad-edge state`: beside a running emulator and without one, under load, and killed in the middle."""

import contextlib
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Browser"))
from ledger import CONFIG, Session, start  # noqa: E402
from runtime import PATIENCE  # noqa: E402
from tally import BIN, Checks  # noqa: E402

# Nobody takes its messages.
OTHER_QUEUE = """
[[queues.producers]]
binding = "OTHER"
queue = "other"
"""

SEED = {
    "kv": {"ENTRIES": {"greeting": "hello", "odd/ä": {"value": "aGk=", "base64": True, "metadata": {"x": 1}}}},
    "r2": {"objects": {"a.txt": "text", "file": {"file": "attached.bin", "contentType": "text/x-a"}}},
    "queues": {"other": [{"id": 1}, {"text": "plain"}]}}


@contextlib.contextmanager
def project():
    with tempfile.TemporaryDirectory(prefix="lilypad-snapshots-") as name:
        folder = pathlib.Path(name)
        (folder / "wrangler.toml").write_text(CONFIG + OTHER_QUEUE)
        yield folder


def state(folder, *arguments, code=0):
    """What the command says."""
    done = subprocess.run(
        [str(BIN / "lilypad-edge"), "state", *arguments], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=PATIENCE * 4)
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def entries(folder):
    parts = json.loads(state(folder, "list", "--json"))["parts"]
    return {part["name"]: part["entries"] for part in parts}


def seeded(folder):
    (folder / "attached.bin").write_bytes(b"attached")
    (folder / "seed.json").write_text(json.dumps(SEED))
    assert "kv 2, r2 2, queues 2" in state(folder, "seed", "seed.json")


def is_as_seeded(session):
    assert session.expect(200, "GET", "/kv/greeting")[1] == b"hello"
    assert session.expect(200, "GET", "/kv/odd%2F%C3%A4")[1] == b"hi"
    assert session.expect(200, "GET", "/r2/a.txt")[1] == b"text"
    fields, content = session.expect(200, "GET", "/r2/file")
    assert (content, fields["Content-Type"]) == (b"attached", "text/x-a")


def works_without_an_emulator():
    with project() as folder:
        assert "no snapshots" in state(folder)
        seeded(folder)
        assert "Snapshot one" in state(folder, "snapshot", "one")
        assert "nothing was" in state(folder, "clear", code=1).lower(), "nobody was asked"
        state(folder, "clear", "--yes")
        assert set(entries(folder).values()) == {0}
        state(folder, "restore", "one")
        found = entries(folder)
        assert (found["kv"], found["r2"], found["queues"]) == (2, 2, 2), found
        with start(folder) as edge:
            is_as_seeded(Session(edge.url))
        state(folder, "remove", "one")
        assert "no snapshots" in state(folder)


def works_through_a_running_emulator():
    with project() as folder, start(folder) as edge:
        session = Session(edge.url)
        seeded(folder)
        is_as_seeded(session)
        text = state(folder, "list")
        assert f"held by process {edge.process.pid}" in text, text
        state(folder, "snapshot", "full")
        state(folder, "clear", "--part", "kv", "--yes")
        # What a Worker has read a moment ago is gone for it, too.
        session.expect(404, "GET", "/kv/greeting")
        session.expect(200, "GET", "/r2/a.txt")
        state(folder, "clear", "--yes")
        session.expect(404, "GET", "/r2/a.txt")
        session.expect(204, "PUT", "/kv/greeting", b"later")
        state(folder, "restore", "full")
        is_as_seeded(session)
        # The emulator goes on: writes, queues, and the restored state outlives it.
        session.expect(204, "PUT", "/kv/after", b"1")
        assert session.ask("POST", "/queue", {"body": "sent"})[0] < 300
        edge.wait_for(r"QUEUE messages 1/1")
        assert edge.stop() == 0


def refuses_in_one_sentence():
    with project() as folder:
        seeded(folder)
        state(folder, "snapshot", "one")
        for document, place in (
                ('{"kv": {"ENTRIES": {"a": 1}}}', "kv.ENTRIES.a"), ('{"r2": {"objects": {"a": {"base64": "*"}}}}', "r2.objects.a"),
                ('{"kv": {"ENTRIES": {"new": "1"}}, "surprise": 1}', "surprise"), ("{", "not JSON"),
                ('{"kv": {"ENTRIES": {"new": "1"}}, "r2": {"objects": {"b": {"file": "none"}}}}', "none")):
            (folder / "bad.json").write_text(document)
            text = state(folder, "seed", "bad.json", code=1)
            assert place in text and text.count("\n") == 1, (document, text)
        assert entries(folder)["kv"] == 2, "a part of a bad file was written"
        for arguments, words in (
                (("restore", "none"), "no snapshot"), (("snapshot", "one"), "already"), (("snapshot", "../x"), "letters"),
                (("clear", "--part", "x", "--yes"), "no part"), (("seed", "missing.json"), "cannot be read")):
            text = state(folder, *arguments, code=1)
            assert words in text and text.count("\n") == 1, text
        with start(folder) as edge:
            done = subprocess.run(
                [str(BIN / "example-edge"), "emulate", "--port", "0"], cwd=folder, capture_output=True, text=True,
                timeout=PATIENCE)
            assert done.returncode != 0 and f"process {edge.process.pid}" in done.stderr, done.stderr


def a_damaged_snapshot_changes_nothing():
    with project() as folder:
        seeded(folder)
        state(folder, "snapshot", "one")
        path = folder / ".lilypad/snapshots/one/r2.sqlite"
        path.write_bytes(path.read_bytes()[:5000] + b"damage" * 1000)
        text = state(folder, "restore", "one", code=1)
        assert "r2.sqlite" in text, text
        assert entries(folder)["kv"] == 2
        with start(folder) as edge:
            is_as_seeded(Session(edge.url))


def a_snapshot_is_of_one_moment():
    """A writer puts number after number into KV and then into R2: a copy of one moment has at most one more in KV."""
    with project() as folder, start(folder) as edge:
        over = threading.Event()
        written = [0]

        def write():
            session = Session(edge.url)
            while not over.is_set():
                number = written[0] + 1
                session.expect(204, "PUT", f"/kv/n{number:06}", b"x")
                session.expect(200, "PUT", f"/r2/n{number:06}", b"x" * 2000)
                written[0] = number

        writer = threading.Thread(target=write)
        writer.start()
        names = []
        try:
            for number in range(6):
                time.sleep(0.1)
                names.append(f"s{number}")
                state(folder, "snapshot", names[-1])
        finally:
            over.set()
            writer.join()
        seen = []
        for name in names:
            state(folder, "restore", name)
            found = entries(folder)
            assert 0 <= found["kv"] - found["r2"] <= 1, (name, found)
            seen.append(found["r2"])
        assert seen == sorted(seen) and seen[-1] > seen[0], seen
        session = Session(edge.url)
        assert session.expect(200, "GET", "/r2/n000001")[1] == b"x" * 2000


def whatever_is_killed_is_one_state_or_the_other(rounds=12):
    """All of A or all of B, in every store, however a restore or a snapshot ended."""
    random.seed(7)
    with project() as folder:
        for letter in "AB":
            with start(folder) as edge:
                session = Session(edge.url)
                for number in range(150):
                    session.expect(204, "PUT", f"/kv/k{number}", letter.encode())
                for number in range(40):
                    session.expect(200, "PUT", f"/r2/k{number}", letter.encode() * 100_000)
                state(folder, "snapshot", letter)
        counts = {"A": 0, "B": 0}
        for number in range(rounds):
            edge = start(folder)
            command = ("restore", "AB"[number % 2]) if number % 4 else ("snapshot", f"extra-{number}")
            process = subprocess.Popen(
                [str(BIN / "lilypad-edge"), "state", *command], cwd=folder, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(random.uniform(0.02, 0.25))
            edge.kill()
            process.wait(timeout=PATIENCE)
            with start(folder) as edge:
                session = Session(edge.url)
                letters = {session.expect(200, "GET", f"/kv/k{place}")[1][:1] for place in range(150)}
                letters |= {session.expect(200, "GET", f"/r2/k{place}")[1][:1] for place in range(40)}
            assert len(letters) == 1, f"round {number}: a mixture of {letters}"
            counts[letters.pop().decode()] += 1
            for snapshot in json.loads(state(folder, "list", "--json"))["snapshots"]:
                if snapshot["name"].startswith("extra"):
                    state(folder, "remove", snapshot["name"])
        print(f"  {rounds} kills: {counts}")
        left = [path.name for path in (folder / ".lilypad/state").iterdir() if path.name.startswith("restoring")]
        assert not left, left


def main():
    checks = Checks()
    checks.run("works without an emulator", works_without_an_emulator)
    checks.run("works through a running emulator", works_through_a_running_emulator)
    checks.run("refuses in one sentence", refuses_in_one_sentence)
    checks.run("a damaged snapshot changes nothing", a_damaged_snapshot_changes_nothing)
    checks.run("a snapshot is of one moment", a_snapshot_is_of_one_moment)
    checks.run("whatever is killed is one state or the other", whatever_is_killed_is_one_state_or_the_other)
    checks.finish()


if __name__ == "__main__":
    main()
