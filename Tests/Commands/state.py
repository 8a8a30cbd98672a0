"""Bad states of the runtime as a process: whatever is wrong with the folder, the answer is one sentence, and nothing in it
is changed."""

import contextlib
import hashlib
import os
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Browser"))
from ledger import CONFIG, DATABASES, Session, delivered, needed_files, project, quoted, start, stored_files  # noqa: E402
from runtime import refused, until  # noqa: E402
from tally import Checks  # noqa: E402

FIRST_SCHEMAS = pathlib.Path(__file__).resolve().parent / "first-schemas"

LIMITER = """
[[ratelimits]]
name = "LIMITER"
namespace_id = "1001"
simple = { limit = 5, period = 60 }
"""

ALL = (*DATABASES, "ratelimits.sqlite")

# What a sentence for people must not contain: the names of types, and of cases.
INTERNALS = re.compile(r"StateFailure|GRDB|Optional\(|SQLite error|Error Domain|kind:|SQLITE_|\.swift")

# Without the rights of root over files that permissions forbid.
UNPRIVILEGED = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all")


@contextlib.contextmanager
def filled():
    """A folder with something in every database, as a clean end leaves it."""
    with project() as folder:
        (folder / "wrangler.toml").write_text(CONFIG + LIMITER)
        with start(folder) as edge, Session(edge.url) as session:
            source = random.Random(1)
            for number in range(40):
                session.expect(204, "PUT", f"/kv/{number}", source.randbytes(2000))
                session.expect(200, "PUT", f"/r2/{number}", source.randbytes(2000))
                session.expect(204, "PUT", f"/cache/{quoted(f'https://cache.test/{number}')}", source.randbytes(2000))
            late = [{"body": {"id": f"{number}", "text": "x" * 2000}, "delaySeconds": 3600} for number in range(40)]
            session.expect(202, "POST", "/queue", late)
            assert edge.stop() == 0
        yield folder, folder / ".lilypad/state"


def snapshot(folder):
    """Everything in a folder, but for the lock, which names whoever held it last."""
    return {
        str(path.relative_to(folder)): summary(path)
        for path in folder.rglob("*") if path.is_file() and path.name != "lock"}


def summary(path):
    """The bytes of a file; of a sound database what is in it, since opening one counts up a number in its header."""
    digest = hashlib.sha256()
    if path.suffix == ".sqlite":
        # As it lies there: nothing is made beside it.
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            with contextlib.suppress(sqlite3.DatabaseError, UnicodeDecodeError):
                for line in database.iterdump():
                    digest.update(line.encode())
                return digest.hexdigest()
    return hashlib.sha256(path.read_bytes()).hexdigest()


def assert_unchanged(folder, before, what=""):
    after = snapshot(folder)
    different = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert not different, f"{what}: the refused start has changed {sorted(different)}"


def one_sentence(folder, *arguments, prefix=()):
    """What a start that must fail says."""
    text = refused(folder, "--no-request-log", *arguments, program="example-edge", prefix=prefix).rstrip("\n")
    assert text.endswith(".") and "\n" not in text, text
    assert not INTERNALS.search(text), text
    return text


def damages(content):
    """Ways in which a file goes bad."""
    source = random.Random(2)
    yield "other content", source.randbytes(len(content))
    yield "no header", b"x" * 100 + content[100:]
    yield "no schema", content[:100] + source.randbytes(3996) + content[4096:]
    yield "no content", content[:4096] + source.randbytes(len(content) - 4096)
    yield "half of it", content[:len(content) // 2 + 777]
    yield "its beginning", content[:50]


def damaged_file(name):
    with filled() as (folder, state):
        file = state / name
        content = file.read_bytes()
        for what, damage in damages(content):
            file.write_bytes(damage)
            before = snapshot(state)
            text = one_sentence(folder)
            assert f"The state file {file} is damaged" in text and " away to start with an empty one." in text, text
            # That a page is bad shows when it is read, and then the file has been opened for writing.
            if what != "no content":
                assert_unchanged(state, before, what)
        # What the sentence says works.
        file.rename(folder / name)
        with start(folder) as edge, Session(edge.url) as session:
            session.expect(204, "PUT", "/kv/new", b"new")
            assert len(session.pages("/kv", "keys")) == (1 if name == "kv.sqlite" else 41)


def lost_while_running():
    """The file of an object goes missing: the request says which, and storing it again heals it."""
    with project() as folder:
        state = folder / ".lilypad/state"
        with start(folder) as edge, Session(edge.url) as session:
            session.expect(200, "PUT", "/r2/a", b"content")
            file = next(state / name for name in stored_files(state) if name.startswith("blobs/"))
            file.unlink()
            problem = session.error("GET", "/r2/a")
            assert problem["message"].startswith(f"get: The state file {file} is missing or cut short"), problem
            session.expect(200, "PUT", "/r2/a", b"content")
            assert session.expect(200, "GET", "/r2/a")[1] == b"content"


def second_process():
    with project() as folder, start(folder) as edge:
        text = one_sentence(folder)
        assert f"is in use by process {edge.process.pid} (" in text and "--persist-to" in text, text


def newer_schema(name):
    with filled() as (folder, state):
        with contextlib.closing(sqlite3.connect(state / name)) as database, database:
            database.execute("INSERT INTO grdb_migrations VALUES ('99: of tomorrow')")
        before = snapshot(state)
        text = one_sentence(folder)
        assert f"{state / name} was written by a newer version of this program; update" in text, text
        assert_unchanged(state, before)


def older_schema():
    """Files as the first migration of each made them. So far it is the only one, and this holds it to its word."""
    with project() as folder:
        (folder / "wrangler.toml").write_text(CONFIG + LIMITER)
        state = folder / ".lilypad/state"
        state.mkdir(parents=True)
        for name in ALL:
            with contextlib.closing(sqlite3.connect(state / name)) as database:
                database.executescript((FIRST_SCHEMAS / name).with_suffix(".sql").read_text())
        for content in (b"kept", b"part"):
            blob = hashlib.sha256(content).hexdigest()
            (state / "blobs" / blob[:2]).mkdir(parents=True)
            (state / "blobs" / blob[:2] / blob[2:]).write_bytes(content)
        with start(folder) as edge, Session(edge.url) as session:
            headers, content = session.expect(200, "GET", "/kv/old")
            assert (content, headers["X-Metadata"]) == (b"kept", '"since"')
            headers, content = session.expect(200, "GET", "/r2/old")
            assert (content, headers["X-Metadata"]) == (b"kept", '{"since":"then"}')
            assert session.expect(200, "GET", "/cache/" + quoted("https://cache.test/old"))[1] == b"kept"
            upload = "b5842439e7b5acce4f324c604fe5825c90a9b17743e0e614c9be954e4716ea39"
            session.expect(200, "POST", "/r2/parts", [[1, "2a3cb3f811fdeed4cd51ceeced3b534f"]], upload=upload)
            assert session.expect(200, "GET", "/r2/parts")[1] == b"part"
            until("the message", lambda: delivered(session, ["old"]) == {"old": "kept"})
            assert edge.stop() == 0


def empty_files():
    """A file without a byte, and a database without a table: both are new."""
    with project() as folder:
        state = folder / ".lilypad/state"
        state.mkdir(parents=True)
        for index, name in enumerate(DATABASES):
            (state / name).touch()
            if index % 2:
                with contextlib.closing(sqlite3.connect(state / name)) as database:
                    database.execute("VACUUM")
        with start(folder) as edge, Session(edge.url) as session:
            session.expect(204, "PUT", "/kv/a", b"a")
            # The bucket of the configuration is there before anything is in it.
            with contextlib.closing(sqlite3.connect(state / "r2.sqlite")) as database:
                assert database.execute("SELECT count(*) FROM bucket").fetchone() == (1,)
            session.expect(200, "PUT", "/r2/a", b"a")
            assert edge.stop() == 0


def path_is_a_file():
    with project() as folder:
        (folder / "state").write_text("mine")
        for path in (folder / "state", folder / "state/below"):
            text = one_sentence(folder, "--persist-to", path)
            assert str(path) in text and "Not a directory" in text, text
        assert (folder / "state").read_text() == "mine"


def no_permission():
    prefix = UNPRIVILEGED if os.geteuid() == 0 else ()
    with filled() as (folder, state):
        changes = [(state, 0o500), (state.parent / "locked", 0o500), (state / "blobs", 0o500), (state / "cache", 0o500),
                   (state / "lock", 0o400)]
        changes += [(state / name, mode) for name in ALL for mode in (0o400, 0o000)]
        (state.parent / "locked").mkdir()
        for path, mode in changes:
            usual = path.stat().st_mode
            path.chmod(mode)
            before = {} if path == state else snapshot(state) if mode else None
            arguments = ["--persist-to", path / "state"] if path.name == "locked" else []
            text = one_sentence(folder, *arguments, prefix=prefix)
            path.chmod(usual)
            assert str(path) in text and "cannot be written; make it writable" in text, (path.name, text)
            if before:
                assert_unchanged(state, before, path)
        with start(folder) as edge, Session(edge.url) as session:
            assert len(session.pages("/kv", "keys")) == 40


def read_only_file_system():
    with filled() as (folder, state):
        before = snapshot(state)
        subprocess.run(["mount", "--bind", state, state], check=True)
        try:
            subprocess.run(["mount", "-o", "remount,bind,ro", state], check=True)
            text = one_sentence(folder)
            assert f"The state in {state} cannot be written; make it writable, or choose another folder" in text, text
            assert_unchanged(state, before)
        finally:
            subprocess.run(["umount", state], check=True)
        with start(folder) as edge, Session(edge.url) as session:
            assert len(session.pages("/kv", "keys")) == 40


class Disk:
    """A small disk of its own under a folder."""

    def __init__(self, path, size):
        self.path = path
        self.ballast = path / "ballast"
        path.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", path], check=True)

    def fill(self, leaving=0):
        file = os.open(self.ballast, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        with contextlib.suppress(OSError):
            while True:
                os.write(file, bytes(4096))
        os.close(file)
        if leaving:
            os.truncate(self.ballast, self.ballast.stat().st_size - leaving)

    def free(self):
        self.ballast.unlink()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", self.path], check=True)


WRITES = [
    ("PUT", "/kv/late", b"x" * 5000), ("PUT", "/kv/large", b"x" * 100_000), ("DELETE", "/kv/a", None),
    ("PUT", "/r2/late", b"y" * 5000), ("PUT", "/r2/large", b"y" * 150_000), ("PUT", "/r2/a", b"replaced" * 1000),
    ("DELETE", "/r2/a", None),
    ("POST", "/queue", {"body": {"id": "late", "text": "x" * 5000}}),
    ("PUT", f"/cache/{quoted('https://cache.test/late')}", b"x" * 5000),
    ("PUT", f"/cache/{quoted('https://cache.test/large')}", b"x" * 150_000),
]


def full_while_running():
    with project() as folder, Disk(folder / ".lilypad/state", "2m") as disk:
        content = {"/kv/a": b"a" * 3000, "/r2/a": b"b" * 120_000, f"/cache/{quoted('https://cache.test/a')}": b"c" * 90_000}

        def check(session):
            for path, expected in content.items():
                assert session.expect(200, "GET", path)[1] == expected, path

        with start(folder) as edge, Session(edge.url) as session:
            for path, value in content.items():
                session.expect(200 if path.startswith("/r2") else 204, "PUT", path, value)
            # First until one is refused, so that the last one acknowledged ends where the disk does.
            disk.fill(leaving=60_000)
            for number in range(1000):
                path, value = f"/kv/more{number}", random.Random(number).randbytes(3000)
                if session.ask("PUT", path, value)[0] != 204:
                    break
                content[path] = value
            assert 0 < len(content) - 3 < 1000
            disk.fill()
            for method, path, body in WRITES:
                status, _, answer = session.ask(method, path, body)
                text = answer.decode()
                assert status in (400, 500), (method, path, status)
                assert len(re.findall("There is no room left on the disk for .*; free some space", text)) == 1, text
            check(session)
            assert not delivered(session, ["late"])
            disk.free()
            for method, path, body in WRITES[:2] + WRITES[3:5] + WRITES[7:]:
                status, _, answer = session.ask(method, path, body)
                assert status < 300, (method, path, answer)
                if method == "PUT":
                    content[path] = body
            check(session)
            until("the message", lambda: delivered(session, ["late"]))
            until("the files to be in order", lambda: needed_files(disk.path) == stored_files(disk.path))
            assert edge.stop() == 0
        with start(folder) as edge, Session(edge.url) as session:
            check(session)
            assert edge.stop() == 0


def full_at_start():
    with project() as folder, Disk(folder / ".lilypad/state", "2m") as disk:
        # A new state, and then one that is there: SQLite needs room for one, too.
        for _ in range(2):
            for leaving in (0, 4096, 20_000, 60_000):
                disk.fill(leaving)
                text = one_sentence(folder)
                assert re.search(r"There is no room left on the disk for \S+, so nothing was written; free some", text), text
                disk.free()
            with start(folder) as edge, Session(edge.url) as session:
                session.ask("PUT", "/kv/a", b"a")
                assert session.expect(200, "GET", "/kv/a")[1] == b"a"
                assert edge.stop() == 0


def own_mounts():
    """Whether this process may mount in a namespace of its own; then it goes on in one."""
    if "LILYPAD_OWN_MOUNTS" in os.environ:
        return True
    command = ["unshare", "--user", "--map-root-user", "--mount"]
    probe = [*command, "sh", "-c", 'mount -t tmpfs tmpfs /mnt && mount --bind /tmp /tmp && mount -o remount,bind,ro /tmp']
    if not shutil.which("unshare") or subprocess.run(probe, capture_output=True).returncode:
        return False
    os.environ["LILYPAD_OWN_MOUNTS"] = "1"
    os.execvp(command[0], [*command, sys.executable, *sys.argv])


def main():
    mounts = own_mounts()
    checks = Checks()
    if mounts:
        checks.run("a disk that is full while it runs", full_while_running)
        checks.run("a disk that is full when it starts", full_at_start)
        checks.run("a file system that is read-only", read_only_file_system)
    else:
        print("– skipped, as there are no mounts of one's own here: full disks, a read-only file system")
    for name in ALL:
        checks.run(f"a damaged {name}", damaged_file, name)
    checks.run("a file that goes missing while it runs", lost_while_running)
    checks.run("a second process", second_process)
    for name in ALL:
        checks.run(f"{name} of a newer version", newer_schema, name)
    checks.run("files of the first version", older_schema)
    checks.run("empty files", empty_files)
    checks.run("a file in place of the folder", path_is_a_file)
    if os.geteuid() or shutil.which(UNPRIVILEGED[0]):
        checks.run("no permission", no_permission)
    else:
        print("– skipped, as there is no setpriv here: no permission")
    checks.finish()


if __name__ == "__main__":
    main()
