"""What a 304 or the answer to a HEAD changes in the stored answer (RFC 9111 §3.2, §4.3.4, §4.3.5)."""

from expect import asked_by, has, lacks, renewed, reused, validated
from story import Expect, Group, answers, confirms, get, head, pause

group = Group("update304")
BRIEF = "Cache-Control: max-age=1"
HOUR = "Cache-Control: max-age=3600"
TAG = 'ETag: "abcd"'


def update(kind, name, old, new):
    """The field replaces the stored one, for this client and the next; where it is missing the stored one stays."""
    group.case(
        kind, f"{name} of a 304 replaces the stored one",
        get(answers(BRIEF, TAG, f"{name}: {old}")), pause(),
        get(confirms("If-None-Match", '"abcd"', HOUR, TAG, f"{name}: {new}"), validated, has(f"{name}: {new}")),
        get(reused, has(f"{name}: {new}")))


for name in ("Test-Header", "X-Test-Header", "Content-Foo", "X-Content-Foo"):
    update("R", name, "old", "new")
for name, old, new in (
        ("Content-Location", "/foo", "/bar"), ("Content-MD5", "abc", "def"),
        ("Content-Security-Policy", "default-src 'self'", "default-src 'none'"),
        ("Content-Type", "text/plain", "text/html"),
        ("Clear-Site-Data", '"cookies"', '"cache"'),
        ("Expires", "Thu, 18 Aug 2050 02:01:18 GMT", "Thu, 18 Aug 2050 03:01:18 GMT"),
        ("Public-Key-Pins", "a", "b"), ("Set-Cookie", "a=1", "a=2"), ("Set-Cookie2", "a=1", "a=2"),
        ("X-Frame-Options", "deny", "sameorigin"), ("X-XSS-Protection", "1", "0")):
    update("C", name, old, new)
# The stored bytes are in the old coding and have the old place (RFC 9111 §3.2).
for name, old, new in (
        ("Content-Encoding", "foobar", "bazbar"), ("Content-Range", "bytes 0-20/21", "bytes 1-21/22")):
    group.case(
        "C", f"{name} of a 304 does not replace what the stored bytes are",
        get(answers(BRIEF, TAG, f"{name}: {old}")), pause(),
        get(confirms("If-None-Match", '"abcd"', HOUR, TAG, f"{name}: {new}"), validated, has(f"{name}: {old}")),
        get(reused, has(f"{name}: {old}")))
group.case(
    "C", "ETag of a 304 replaces the stored one",
    get(answers(BRIEF, 'ETag: W/"abcd"')), pause(),
    get(confirms("If-None-Match", 'W/"abcd"', HOUR, 'ETag: "abcd"'), validated, has('ETag: "abcd"')),
    get(reused, has('ETag: "abcd"')))
group.case(
    "R", "a field that the 304 does not have stays",
    get(answers(BRIEF, TAG, "Test-Header: old", "Content-Type: text/plain")), pause(),
    get(confirms("If-None-Match", '"abcd"', HOUR), validated, has("Test-Header: old"), has("Content-Type: text/plain")),
    get(reused, has("Test-Header: old"), has("Content-Type: text/plain"), has(TAG)))
group.case(
    "R", "freshness begins again with the Cache-Control of a 304",
    get(answers(BRIEF, TAG)), pause(), get(confirms("If-None-Match", '"abcd"', HOUR, TAG), validated, has(HOUR)),
    get(reused, has(HOUR)))
group.case(
    "R", "freshness ends with the Cache-Control of a 304",
    get(answers(BRIEF, TAG)), pause(),
    get(confirms("If-None-Match", '"abcd"', "Cache-Control: max-age=0", TAG), validated),
    get(answers(BRIEF, TAG), renewed))
group.case(
    "R", "freshness begins again with a 304 that says nothing of it",
    get(answers("Cache-Control: max-age=3", TAG)), pause(4), get(confirms("If-None-Match", '"abcd"', TAG), validated),
    get(reused))
group.case(
    "R", "Content-Length of a 304 is not taken over",
    get(answers(BRIEF, TAG, body=b"0123456789")), pause(),
    get(confirms("If-None-Match", '"abcd"', HOUR, TAG, "Content-Length: 36"), validated, has("Content-Length: 10")),
    get(reused, has("Content-Length: 10")))
group.case(
    "R", "a 304 does not bring fields of its connection into the stored answer",
    get(answers(BRIEF, TAG)), pause(),
    get(confirms("If-None-Match", '"abcd"', HOUR, TAG, "Connection: a", "a: 1", "Keep-Alive: timeout=17"), validated,
        lacks("a", "Keep-Alive")),
    get(reused, lacks("a", "Keep-Alive")))
group.case(
    "R", "the Age begins again with a 304",
    get(answers(BRIEF, TAG, "Age: 100")), pause(), get(confirms("If-None-Match", '"abcd"', HOUR, TAG), validated),
    get(reused, Expect(
        "an Age that is small again",
        lambda view: None if int(view.got.fields.get("Age") or 0) < 50 else f"Age: {view.got.fields.get('Age')}")))

heads = Group("updateHEAD")

heads.case(
    "C", "HEAD for a stale copy is asked with HEAD", get(answers(BRIEF)), pause(), head(asked_by("HEAD"), renewed))

SAME = b"the same for GET and HEAD"

heads.case(
    "C", "the answer to HEAD makes the stored one fresh again",
    get(answers(BRIEF, TAG, body=SAME)), pause(), head(answers(HOUR, TAG, body=SAME), asked_by("HEAD")), get(reused))
heads.case(
    "C", "the answer to HEAD brings new fields to the stored one",
    get(answers(BRIEF, TAG, "Test-Header: old", body=SAME)), pause(),
    head(answers(HOUR, TAG, "Test-Header: new", body=SAME), asked_by("HEAD")), get(reused, has("Test-Header: new")))
heads.case(
    "C", "a 410 to HEAD does not make the stored answer fresh again",
    get(answers(BRIEF, TAG, body=SAME)), pause(), head(answers(HOUR, TAG, status=410, body=SAME), asked_by("HEAD")),
    get(answers(HOUR, TAG, body=SAME), renewed))
heads.case(
    "C", "HEAD with another length makes the stored answer stale",
    get(answers("Cache-Control: max-age=3600", TAG, body=SAME)),
    head("Cache-Control: no-cache", answers(HOUR, TAG, body=SAME + b"!"), asked_by("HEAD")),
    get(answers(HOUR, TAG, body=SAME + b"!"), renewed))
heads.case(
    "C", "HEAD with another tag makes the stored answer stale",
    get(answers("Cache-Control: max-age=3600", TAG, body=SAME)),
    head("Cache-Control: no-cache", answers(HOUR, 'ETag: "efgh"', body=SAME), asked_by("HEAD")),
    get(answers(HOUR, 'ETag: "efgh"', body=SAME), renewed))
