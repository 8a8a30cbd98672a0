"""What each binding refuses, end to end: through a request, a handler and the stores on disk, with the limits that are in
force there. The vectors hold the rules themselves; here it is shown that their errors come through, one of each kind, that
nothing is stored, and that the connection lives on."""

import hashlib
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Browser"))
from ledger import Session, delivered, project, quoted, start  # noqa: E402
from tally import Checks  # noqa: E402

LONG = "k" * 513
EMPTY = hashlib.md5(b"").hexdigest()
CONTENT = hashlib.md5(b"new").hexdigest()


def kv(status, text, operation="PUT"):
    return {"name": "Error", "message": f"KV {operation} failed: {status} {text}"}


def r2(operation, text, code):
    return {"name": "Error", "message": f"{operation}: {text} ({code})", "code": code}


def type_error(text):
    return {"name": "TypeError", "message": text}


def message(text, **options):
    return {"body": text, "contentType": "text", **options}


# Method, path, body, query; what comes back. `…` at the end of a message leaves the rest open.
REFUSED = {
    "an empty key": ("PUT", "/kv/", b"new", {}, type_error("Key name cannot be empty.")),
    "a key that is a path": ("GET", "/kv/%2E%2E", None, {}, type_error('".." is not allowed as a key name.')),
    "a long key": ("PUT", f"/kv/{LONG}", b"new", {},
                   kv(414, "UTF-8 encoded length of 513 exceeds key length limit of 512.")),
    "a long value": ("PUT", "/kv/kept", bytes(26_214_401), {},
                     kv(413, "Value length of 26214401 exceeds limit of 26214400.")),
    "much metadata": ("PUT", "/kv/kept", b"new", {"metadata": '"' + "m" * 1023 + '"'},
                      kv(413, "Metadata length of 1025 exceeds limit of 1024.")),
    "metadata that is no JSON": ("PUT", "/kv/kept", b"new", {"metadata": "{"}, {"name": "SyntaxError", "message": "…"}),
    "a short time to live": ("PUT", "/kv/kept", b"new", {"expirationTtl": 59},
                             kv(400, "Invalid expiration_ttl of 59. Expiration TTL must be at least 60.")),
    "an expiration that is over": (
        "PUT", "/kv/kept", b"new", {"expiration": 1000},
        kv(400, "Invalid expiration of 1000. Please specify integer greater than the current number of seconds since "
                "the UNIX epoch.")),
    "a short cache time": ("GET", "/kv/kept", None, {"cacheTtl": 29},
                           kv(400, "Invalid cache_ttl of 29. Cache TTL must be at least 30.", "GET")),
    "a long page of keys": (
        "GET", "/kv", None, {"limit": 1001},
        kv(400, "Invalid key_count_limit of 1001. Please specify an integer less than 1000.", "GET")),
    "many keys at once": ("POST", "/kv", [f"{number}" for number in range(101)], {},
                          kv(400, "You can request a maximum of 100 keys", "GET_BULK")),

    "a long name of an object": ("PUT", "/r2/" + "k" * 1025, b"new", {},
                                 r2("put", "The specified object name is not valid.", 10020)),
    "much metadata of an object": ("PUT", "/r2/kept", b"new", {"metadata": '{"m":"' + "m" * 8192 + '"}'},
                                   r2("put", "Your metadata headers exceed the maximum allowed metadata size.", 10012)),
    "a wrong checksum": (
        "PUT", "/r2/kept", b"new", {"md5": EMPTY},
        r2("put", "The MD5 checksum you specified did not match what we received.\nYou provided a MD5 checksum with value: "
                  f"{EMPTY}\nActual MD5 was: {CONTENT}", 10037)),
    "no checksum": ("PUT", "/r2/kept", b"new", {"md5": "abc"}, type_error("MD5 is 32 hex characters, not 3")),
    "two checksums": ("PUT", "/r2/kept", b"new", {"md5": CONTENT, "sha256": "0" * 64},
                      type_error("You cannot specify multiple hashing algorithms.")),
    "a body of unknown length": (
        "PUT", "/r2/kept", lambda: iter([b"ne", b"w"]), {},
        type_error("Provided readable stream must have a known length (request/response body or readable half of "
                   "FixedLengthStream)")),
    "a range past the end": ("GET", "/r2/kept", None, {"offset": 5},
                             r2("get", "The requested range is not satisfiable", 10039)),
    "a negative range": (
        "GET", "/r2/kept", None, {"offset": -2},
        {"name": "RangeError",
         "message": "Invalid range. Starting offset (-2) must be greater than or equal to 0."}),
    "a range with two ends": ("GET", "/r2/kept", None, {"offset": 1, "suffix": 1},
                              type_error("Suffix is incompatible with offset.")),
    "a long page of objects": ("GET", "/r2", None, {"limit": 1001},
                               r2("list", "MaxKeys params must be positive integer <= 1000.", 10022)),
    "part number 0": ("PUT", "/r2/kept", b"new", {"upload": "UPLOAD", "part": 0},
                      type_error("Part number must be between 1 and 10000 (inclusive). Actual value was: 0")),
    "part number 10001": ("PUT", "/r2/kept", b"new", {"upload": "UPLOAD", "part": 10_001},
                          type_error("Part number must be between 1 and 10000 (inclusive). Actual value was: 10001")),
    "a part of an unknown upload": ("PUT", "/r2/kept", b"new", {"upload": "0" * 64, "part": 1},
                                    r2("uploadPart", "The specified multipart upload does not exist.", 10024)),
    "a part that is missing": (
        "POST", "/r2/kept", [[2, "0" * 32]], {"upload": "UPLOAD"},
        r2("completeMultipartUpload", "One or more of the specified parts could not be found.", 10025)),
    "a first part that is small": (
        "POST", "/r2/kept", "PARTS", {"upload": "UPLOAD"},
        r2("completeMultipartUpload", "Your proposed upload is smaller than the minimum allowed object size.", 10011)),

    "a large message": (
        "POST", "/queue", message("q" * 128_001), {},
        {"name": "Error", "message": "Queue send failed: message length of 128001 bytes exceeds limit of 128000…"}),
    "a large batch": (
        "POST", "/queue", [message("late")] * 101, {},
        {"name": "Error", "message": "Queue sendBatch failed: batch message count of 101 exceeds limit of 100…"}),
    "a heavy batch": (
        "POST", "/queue", [message("q" * 100_000)] * 3, {},
        {"name": "Error", "message": "Queue sendBatch failed: batch size of 300000 bytes exceeds limit of 288000…"}),
    "an empty batch": ("POST", "/queue", [], {}, type_error("sendBatch() requires at least one message")),
    "a long delay": ("POST", "/queue", message("late", delaySeconds=86_401), {},
                     {"name": "Error", "message": "Queue send failed: message delay 86401 is invalid…"}),
    "an unknown type": ("POST", "/queue", message("late", contentType="xml"), {},
                        type_error("Unsupported queue message content type: xml")),
    "a type that does not fit": (
        "POST", "/queue", {"body": {"id": "late"}, "contentType": "text"}, {},
        type_error('Content Type "text" requires a value of type string, but received: object')),

    "a key that is no URL": (
        "GET", "/cache/" + quoted("/item/9"), None, {},
        type_error("Invalid URL. Cache API keys must be fully-qualified, valid URLs.")),
    "an answer to POST": ("PUT", "/cache/" + quoted("https://cache.test/"), b"new", {"method": "POST"},
                          type_error("Cannot cache response to non-GET request.")),
    "a part of an answer": ("PUT", "/cache/" + quoted("https://cache.test/"), b"new", {"status": 206},
                            type_error("Cannot cache response to a range request (206 Partial Content).")),
    "an answer that varies by everything": ("PUT", "/cache/" + quoted("https://cache.test/"), b"new", {"vary": "*"},
                                            type_error("Cannot cache response with 'Vary: *' header.")),
}


def refuse(session, upload, parts, case):
    method, path, body, query, expected = case
    body = body() if callable(body) else parts if body == "PARTS" else body
    query = {name: upload if value == "UPLOAD" else value for name, value in query.items()}
    told = session.error(method, path, body, **query)
    start_of = expected["message"].removesuffix("…")
    fits = told["message"].startswith(start_of) if expected["message"].endswith("…") else told["message"] == start_of
    assert fits and told["name"] == expected["name"], told
    assert "code" not in expected or told.get("code") == expected["code"], told


def nothing_stored(session):
    assert session.expect(200, "GET", "/kv/kept")[1] == b"old"
    assert session.expect(200, "GET", "/r2/kept")[1] == b"old"
    assert session.pages("/kv", "keys") == ["kept"]
    assert [entry["key"] for entry in session.pages("/r2", "objects")] == ["kept"]
    assert not delivered(session, ["late"])
    session.expect(404, "GET", "/cache/" + quoted("https://cache.test/"))


def main():
    checks = Checks()
    with project() as folder, start(folder) as edge, Session(edge.url) as session:
        session.expect(204, "PUT", "/kv/kept", b"old")
        session.expect(200, "PUT", "/r2/kept", b"old")
        upload = session.expect(200, "POST", "/r2/kept", uploads="")[1].decode()
        etags = [session.expect(200, "PUT", "/r2/kept", b"small", upload=upload, part=part)[1].decode() for part in (1, 2)]
        connection = session.connection.sock
        for name, case in REFUSED.items():
            checks.run(name, refuse, session, upload, list(zip((1, 2), etags)), case)
        checks.run("nothing of it is stored", nothing_stored, session)

        def one_connection():
            assert session.connection.sock is connection

        checks.run("all on one connection", one_connection)
    checks.finish()


if __name__ == "__main__":
    main()
