"""What Cache-Status says of an answer (RFC 9211). That every answer has it, well formed, is seen at the end of a run."""

import status_field
from dates import ago
from expect import part, renewed, reused, stale, status, unasked, validated
from stage import Stage
from story import Expect, Group, answers, ask, confirms, get, pause

group = Group("cache-status")
HOUR = "Cache-Control: max-age=3600"
TAG = 'ETag: "abcd"'


def says(**wanted):
    """The parameters of the cache nearest to the client; None for one that must not be there."""
    def look(view):
        value = view.got.fields.get("Cache-Status")
        try:
            found = status_field.last(view.got.fields)
        except status_field.Invalid as error:
            return f"Cache-Status: {value}: {error}"
        fits = all(found.get(name.replace("_", "-")) == wish for name, wish in wanted.items())
        return None if value and fits else f"Cache-Status: {value}"

    return Expect(f"Cache-Status with {wanted}", look)


group.case("R", "a miss is a miss", get(answers(HOUR), says(hit=None, fwd="uri-miss")))
group.case("O", "a miss that is stored says so", get(answers(HOUR), says(fwd="uri-miss", stored=True)))
group.case(
    "R", "a miss that is not stored does not say so",
    get(answers("Cache-Control: no-store"), says(fwd="uri-miss", stored=None)))
group.case("R", "a hit is a hit", get(answers(HOUR)), get(reused, says(hit=True, fwd=None)))


def ttl(least, most):
    def look(view):
        value = status_field.last(view.got.fields).get("ttl")
        return None if type(value) is int and least <= value <= most else f"ttl={value}"

    return Expect(f"ttl from {least} to {most}", look)


group.case("O", "a hit says how long it stays fresh", get(answers(HOUR, "Age: 600")), get(reused, ttl(2995, 3000)))
group.case(
    "O", "a stale hit says for how long it is stale",
    get(answers("Cache-Control: max-age=1, stale-while-revalidate=60")), pause(),
    get(stale, says(hit=True), ttl(-4, -1)))
group.case(
    "R", "a renewed answer was stale", get(answers("Cache-Control: max-age=1")), pause(),
    get(answers(HOUR), renewed, says(hit=None, fwd="stale")))
group.case(
    "R", "a validated answer was stale", get(answers("Cache-Control: max-age=1", TAG)), pause(),
    get(confirms("If-None-Match", '"abcd"', HOUR, TAG), validated, says(hit=None, fwd="stale")))
group.case(
    "O", "a validated answer says what the origin said", get(answers("Cache-Control: max-age=1", TAG)), pause(),
    get(confirms("If-None-Match", '"abcd"', HOUR, TAG), validated, says(fwd_status=304)))
group.case(
    "R", "another variant is a miss of its own",
    get("Foo: 1", answers(HOUR, "Vary: Foo")), get("Foo: 2", renewed, says(hit=None, fwd="vary-miss")))
for method in ("POST", "M-SEARCH"):
    group.case("R", f"{method} is passed on for its method", ask(method, says(hit=None, fwd="method"), body=b"12345"))
group.case(
    "R", "who wants a new answer is why the origin is asked",
    get(answers(HOUR)), get("Cache-Control: no-cache", renewed, says(hit=None, fwd="request")))
group.case(
    "R", "a 304 from the cache is a hit",
    get(answers(HOUR, f"Last-Modified: {ago(60)}")),
    get(f"If-Modified-Since: {ago(60)}", reused, status(304), says(hit=True)))
group.case(
    "R", "a part from the cache is a hit",
    get(answers(HOUR, body=b"0123456789")),
    get("Range: bytes=0-1", reused, part(b"01", "bytes 0-1/10"), says(hit=True)))
group.case(
    "R", "only-if-cached without a copy is explained",
    get("Cache-Control: only-if-cached", unasked, status(504), says(hit=None)))
group.case(
    "R", "an origin that fails is explained",
    get(answers(close="before"), status(502), says(hit=None, fwd="uri-miss")))
group.case(
    "R", "the word of a cache behind stays before ours",
    get(answers('Cache-Status: "inner cache"; hit; ttl=5', HOUR), Expect(
        "both caches in their order",
        lambda view: None
            if [name for name, _ in status_field.caches(view.got.fields.get("Cache-Status") or "x")][0] == "inner cache"
        and len(status_field.caches(view.got.fields.get("Cache-Status"))) == 2
            else f"{view.got.fields.get('Cache-Status')}")))


@group.scene("O", "who waits for another's request says so")
async def _(stage: Stage):
    stage.answer(answers(HOUR, wait=1))
    got = await stage.crowd(5)
    collapsed = [status_field.last(one.fields).get("collapsed", False) for one in got]
    stage.check(collapsed.count(True) == 4, f"{[one.fields.get('Cache-Status') for one in got]}")
