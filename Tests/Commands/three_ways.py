"""The requests of Tests/ThreeWays on `emulate` and on `serve` behind nginx, with the answers that the Worker gives in memory.

`swift test --filter ThreeWays` asks the same in memory and keeps the answers up to date.
"""

import contextlib
import hashlib
import http.client
import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Browser"))
from nginx import nginx  # noqa: E402
from runtime import PATIENCE, Edge, Served  # noqa: E402
from tally import ROOT, Checks  # noqa: E402

CONFIG = """
name = "sampler"
main = "worker.js"
compatibility_date = "2026-08-01"
[[r2_buckets]]
binding = "FILES"
bucket_name = "files"
"""

FOLDER = ROOT / "Tests/ThreeWays"
TABLE = json.loads((FOLDER / "requests.json").read_text())
ANSWERS = json.loads((FOLDER / "answers.json").read_text())


def pattern(size):
    """`Sampler.pattern`."""
    return bytes((place * 31 + (place >> 8)) & 255 for place in range(size))


def send(connection, question):
    connection.putrequest(question["method"], question["target"], skip_host=True, skip_accept_encoding=True)
    connection.putheader("Host", TABLE["host"])
    for name, value in question.get("headers", []):
        connection.putheader(name, value.encode())
    content = question.get("body")
    if content is None:
        connection.endheaders()
        return
    body = pattern(content["pattern"]) if "pattern" in content else content["text"].encode()
    if content.get("chunked"):
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders((body[place:place + 50_000] for place in range(0, len(body), 50_000)), encode_chunked=True)
    else:
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)


def ask(connection, question):
    """The answer in the form of answers.json."""
    send(connection, question)
    response = connection.getresponse()
    answer = {"name": question["name"], "status": response.status}
    fields = [[name.lower(), value] for name, value in response.getheaders() if name.lower() not in TABLE["ignored"]]
    # Sorting keeps those of the same name in their order.
    answer["headers"] = sorted(fields, key=lambda field: field[0])
    try:
        body = response.read()
    except http.client.IncompleteRead:
        answer["breaks"] = True
        return answer
    if question["method"] == "HEAD":
        assert body == b"", body[:100]
        return answer
    try:
        text = body.decode() if len(body) <= 300 else None
    except UnicodeDecodeError:
        text = None
    if text is None:
        answer |= {"size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    else:
        answer["text"] = text
    return answer


def compare(expected, actual):
    if expected.get("isUncaught"):
        # Developers see the error, users do not.
        actual = {"name": actual["name"], "status": actual["status"], "isUncaught": True}
    differences = {key: (expected.get(key), actual.get(key)) for key in expected | actual
                   if expected.get(key) != actual.get(key)}
    assert not differences, f"{expected['name']}: expected and actual {differences}"


def run(checks, where, port):
    """All over one connection, which has to survive each of them but a broken one."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    for question, expected in zip(TABLE["requests"], ANSWERS, strict=True):
        def check(question=question, expected=expected):
            nonlocal connection
            try:
                compare(expected, ask(connection, question))
            except Exception:
                connection.close()
                raise
            # nginx closes without a word after an answer that came before the whole request was passed on.
            if expected.get("breaks") or question.get("isUnread"):
                connection.close()

        checks.run(f"{where}: {question['name']}", check)
    connection.close()


@contextlib.contextmanager
def project():
    with tempfile.TemporaryDirectory(prefix="lilypad-ways-") as name:
        folder = pathlib.Path(name)
        (folder / "wrangler.toml").write_text(CONFIG)
        yield folder


def main():
    checks = Checks()
    with project() as folder, Edge(folder, "--port", "0", program="example-edge") as edge:
        run(checks, "emulate", edge.port)
    with project() as folder:
        arguments = ["--port", "0", "--trusted-proxies", "127.0.0.1", "--access-log", "off"]
        with Served(folder, *arguments, program="example-edge") as edge, nginx(edge.port) as port:
            run(checks, "serve behind nginx", port)
    checks.finish()


if __name__ == "__main__":
    main()
