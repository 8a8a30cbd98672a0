"""Which fields of an answer are stored and come back, and which never leave the connection (RFC 9111 §3.1)."""

from dates import date
from expect import has, lacks, reused, status
from story import Expect, Group, answers, get

group = Group("headers")
HOUR = "Cache-Control: max-age=3600"

for line in (
        "Test-Header: foo", "X-Test-Header: foo", "Content-Foo: foo", "X-Content-Foo: foo",
        "Content-Encoding: foobar", "Content-Location: /foo", "Content-MD5: rL0Y20zC+Fzt72VPzMSk2A==",
        "Content-Range: bytes 0-20/21", "Content-Security-Policy: default-src 'self'", "Content-Type: text/plain",
        "Clear-Site-Data: \"cookies\"", 'ETag: "abcd"', f"Expires: {date(3600)}",
        'Public-Key-Pins: pin-sha256="a"; max-age=5', "Set-Cookie: a=b", "Set-Cookie2: a=b",
        "X-Frame-Options: deny", "X-XSS-Protection: 1", "Last-Modified: Mon, 05 Jan 2026 10:00:00 GMT",
        "Link: </a>; rel=preload", "Content-Language: de", "Content-Disposition: inline"):
    group.case(
        "R", f"{line.split(':')[0]} is stored", get(answers(HOUR, line)), get(reused, has(line)))
group.case(
    "R", "Cache-Control is stored", get(answers(f"{HOUR}, foo=\"bar, baz\"")),
    get(reused, has(f"{HOUR}, foo=\"bar, baz\"")))
group.case(
    "R", "lines of one name stay lines of their own",
    get(answers(HOUR, "Set-Cookie: a=1", "Set-Cookie: b=2; Expires=Mon, 05 Jan 2026 10:00:00 GMT")),
    get(reused, Expect(
        "two lines", lambda view: None if len(view.got.fields.lines("Set-Cookie")) == 2 else str(view.got.fields))))


def length_kept(view):
    return None if view.got.fields.get("Content-Length") == "10" else f"{view.got.fields.get('Content-Length')}"


group.case(
    "R", "an origin that writes more than it announced is read as far as it announced",
    get(answers(HOUR, "Content-Length: 10", body=b"0123456789and much more than that", close="after"),
        Expect("the ten bytes", lambda view: None if view.got.body == b"0123456789" else f"{view.got.body}",
            frozenset({"body"}))),
    get(reused, Expect("Content-Length: 10", length_kept, frozenset({"body"}))))
group.case(
    "R", "fields that Connection names are not passed on",
    get(answers(HOUR, "Connection: a, b", "a: 1", "b: 2", "c: 3"), lacks("a", "b"), has("c: 3")),
    get(reused, lacks("a", "b"), has("c: 3")))
group.case(
    "R", "fields that a second line of Connection names are not passed on",
    get(answers(HOUR, "Connection: a", "Connection: B ,keep-alive", "a: 1", "b: 2"), lacks("a", "b")),
    get(reused, lacks("a", "b")))
for name, value in (
        ("Keep-Alive", "timeout=17"), ("Proxy-Authenticate", "Basic"), ("Proxy-Authentication-Info", "foo"),
        ("Proxy-Authorization", "Basic abcd"), ("Proxy-Connection", "keep-alive"), ("TE", "gzip"),
        ("Upgrade", "foo/2")):
    group.case(
        "R", f"{name} is not passed on",
        get(answers(HOUR, f"{name}: {value}"), lacks(name)), get(reused, lacks(name)))
group.case(
    "R", "what the origin says of its connection is not said to the client",
    get(answers(HOUR, "Connection: close, x", "x: 1", close="after"), lacks("x"), Expect(
        "no word of x",
        lambda view: None if "x" not in (view.got.fields.get("Connection") or "").lower() else "Connection names x")),
    get(reused, lacks("x")))
# Whoever guesses what such a body is can be made to see two answers where there is one.
group.case(
    "C", "an answer in a coding that nobody knows is refused",
    get(answers(HOUR, "Transfer-Encoding: nonsense", close="after"), status(502)))
