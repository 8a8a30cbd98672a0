"""What an answer says about its own reuse, and when a stale copy may still serve (RFC 9111 §4.2.4, §5.2.2)."""

from dates import date
from expect import contacted, lacks, renewed, reused, stale, status, validated
from story import Expect, Group, answers, confirms, get, pause

group = Group("cc-response")

for value in ("private", "PrIvAtE", "private, max-age=3600"):
    group.refuses("R", f"{value} is not stored", f"Cache-Control: {value}", f"Expires: {date(3600)}", f"Date: {date()}")
for value in ("no-store", "No-StOrE", "no-store, max-age=3600", "max-age=3600, no-store"):
    group.refuses("R", f"{value} is not stored", f"Cache-Control: {value}", f"Expires: {date(3600)}", f"Date: {date()}")
group.case(
    "O", "a fresh answer is reused though the origin would now say no-store",
    get(answers("Cache-Control: max-age=3600")), get(answers("Cache-Control: no-store"), reused))
for value in ("no-cache", "No-CaChE", "no-cache, max-age=3600"):
    group.refuses(
        "R", f"{value} is not reused unasked", f"Cache-Control: {value}", f"Expires: {date(3600)}", f"Date: {date()}")
group.case(
    "O", "no-cache is stored and validated by its tag",
    get(answers("Cache-Control: no-cache", 'ETag: "abcd"')),
    get(confirms("If-None-Match", '"abcd"', 'ETag: "abcd"'), validated))
group.case(
    "O", "no-cache with a lifetime is stored and validated by its tag",
    get(answers("Cache-Control: no-cache, max-age=3600", 'ETag: "abcd"')),
    get(confirms("If-None-Match", '"abcd"', 'ETag: "abcd"'), validated))
group.case(
    "R", "no-cache whose validation fails is replaced",
    get(answers("Cache-Control: no-cache", 'ETag: "abcd"')),
    get(answers("Cache-Control: no-cache", 'ETag: "efgh"'), renewed))
group.reuses("O", "must-revalidate is reused while it is fresh", "Cache-Control: max-age=3600, must-revalidate")
group.case(
    "R", "must-revalidate is validated when it is stale",
    get(answers("Cache-Control: max-age=1, must-revalidate", 'ETag: "abcd"')), pause(),
    get(confirms("If-None-Match", '"abcd"', 'ETag: "abcd"'), validated))
group.reuses("O", "immutable is reused while it is fresh", "Cache-Control: max-age=3600, immutable")
group.case(
    "R", "immutable is not reused when it is stale",
    get(answers("Cache-Control: max-age=1, immutable")), pause(), get(renewed))

WITHHELD = Expect(
    "no reuse of the fields that no-cache names",
    lambda view: None if view.seen else lacks("a", "b").look(view))
group.case(
    "C", "fields that no-cache names are not reused unasked",
    get(answers('Cache-Control: max-age=3600, no-cache="a, b"', "a: 1", "b: 2", "c: 3")), get(WITHHELD))
group.case(
    "C", "fields that private names are not reused",
    get(answers('Cache-Control: max-age=3600, private="a, b"', "a: 1", "b: 2", "c: 3")), get(WITHHELD))

old = Group("stale")
CLOSES = answers("Cache-Control: max-age=3600", close="before")
FAILS = answers(status=503)

old.case(
    "C", "a stale copy serves when the origin closes the connection",
    get(answers("Cache-Control: max-age=1")), pause(), get(CLOSES, stale))
old.case(
    "C", "a stale copy does not hide a 503",
    get(answers("Cache-Control: max-age=1")), pause(), get(FAILS, renewed, status(503)))
old.case(
    "C", "a stale copy with stale-if-error serves when the origin closes the connection",
    get(answers("Cache-Control: max-age=1, stale-if-error=60")), pause(), get(CLOSES, stale))
old.case(
    "C", "a stale copy with stale-if-error serves instead of a 503",
    get(answers("Cache-Control: max-age=1, stale-if-error=60")), pause(), get(FAILS, stale))
old.case(
    "O", "behind its stale-if-error a copy does not hide a 503",
    get(answers("Cache-Control: max-age=1, stale-if-error=1")), pause(4), get(FAILS, renewed, status(503)))
old.case(
    "O", "stale-if-error does not hide a 404",
    get(answers("Cache-Control: max-age=1, stale-if-error=60")), pause(),
    get(answers(status=404), renewed, status(404)))
# RFC 9111 §5.5: the field is obsolete.
old.case(
    "C", "a stale answer comes without Warning",
    get(answers("Cache-Control: max-age=1, stale-if-error=60")), pause(), get(CLOSES, stale, lacks("Warning")))
old.case(
    "C", "a confirmed answer comes without Warning",
    get(answers("Cache-Control: max-age=1", 'ETag: "abcd"')), pause(),
    get(confirms("If-None-Match", '"abcd"', 'ETag: "abcd"'), validated, lacks("Warning")))
GATEWAY = status(502, 504)
for directive in ("must-revalidate", "proxy-revalidate", "no-cache"):
    old.case(
        "R", f"a copy with {directive} is never served stale",
        get(answers(f"Cache-Control: max-age=1, {directive}")), pause(), get(CLOSES, contacted, GATEWAY))
old.case(
    "R", "a copy with s-maxage is never served stale",
    get(answers("Cache-Control: s-maxage=1")), pause(), get(CLOSES, contacted, GATEWAY))
old.case(
    "R", "a copy with must-revalidate and stale-if-error is never served stale",
    get(answers("Cache-Control: max-age=1, must-revalidate, stale-if-error=60")), pause(),
    get(CLOSES, contacted, GATEWAY))
old.case(
    "O", "within stale-while-revalidate a stale copy answers at once",
    get(answers("Cache-Control: max-age=1, stale-while-revalidate=3600")), pause(),
    get(answers("Cache-Control: max-age=3600", wait=2), stale,
        Expect("an answer within a second", lambda view: None if view.got.after < 1 else f"{view.got.after:.1f} s")),
    pause(), get(Expect(
        "the answer that came in the background",
        lambda view: None if view.got.count == 2 and not view.seen else f"number {view.got.count}")))
old.case(
    "R", "behind its stale-while-revalidate an answer is waited for",
    get(answers("Cache-Control: max-age=1, stale-while-revalidate=1")), pause(4), get(renewed))
old.case(
    "R", "stale-while-revalidate does not overrule must-revalidate",
    get(answers("Cache-Control: max-age=1, stale-while-revalidate=3600, must-revalidate")), pause(), get(renewed))
