"""Which stored answers a change at the origin drops (RFC 9111 §4.4)."""

from dates import ORIGIN, URL
from expect import renewed, reused
from story import Group, answers, ask, get

group = Group("invalidation")
HOUR = answers("Cache-Control: max-age=3600")
VARIES = answers("Cache-Control: max-age=3600", "Vary: Foo")

for method in ("POST", "PUT", "DELETE", "M-SEARCH"):
    group.case(
        "R", f"{method} drops the answer of its URL", get(HOUR), ask(method, answers(), body=b"12345"),
        get(HOUR, renewed))
    group.case(
        "O", f"{method} that fails drops nothing", get(HOUR), ask(method, answers(status=500), body=b"12345"),
        get(HOUR, reused))
    for name in ("Location", "Content-Location"):
        group.case(
            "C", f"{method} drops the answer of the URL in {name}",
            get(HOUR, path="/other"), ask(method, answers(f"{name}: {URL}/other"), body=b"12345"),
            get(HOUR, renewed, path="/other"))
for method in ("PATCH", "QUERY-LIKE"):
    group.case(
        "R", f"{method} drops the answer of its URL", get(HOUR), ask(method, answers(), body=b"12345"),
        get(HOUR, renewed))
group.case(
    "C", "a URL written out in Location is dropped too",
    get(HOUR, path="/other"), ask("POST", answers(f"Location: {ORIGIN}{URL}/other", status=201), body=b"12345"),
    get(HOUR, renewed, path="/other"))
# RFC 9111 §4.4: or one site could empty the cache of another.
group.case(
    "R", "the URL of another site in Location is left alone",
    get(HOUR, path="/other"),
    ask("POST", answers(f"Location: http://elsewhere.test{URL}/other", status=201), body=b"12345"),
    get(HOUR, reused, path="/other"))
group.case(
    "R", "a redirect after POST drops the answer of its URL",
    get(HOUR), ask("POST", answers(f"Location: {URL}/other", status=303), body=b"12345"), get(HOUR, renewed))
group.case(
    "O", "other URLs are left alone",
    get(HOUR, path="/other"), ask("POST", answers(), body=b"12345"), get(HOUR, reused, path="/other"))
for method in ("HEAD", "OPTIONS", "TRACE"):
    group.case(
        "O", f"{method}, which changes nothing, drops nothing",
        get(HOUR), ask(method, answers(status=200)), get(HOUR, reused))
group.case(
    "R", "all variants of the URL are dropped",
    get("Foo: 1", VARIES), get("Foo: 2", VARIES, renewed), ask("POST", answers(), body=b"12345"),
    get("Foo: 1", VARIES, renewed), get("Foo: 2", VARIES, renewed))
