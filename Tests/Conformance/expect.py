"""What a step of a story may expect: a sentence, and a look at what came of the step."""

import dataclasses
import typing

import wire
from origin import MISMATCH, Seen

# Never passed on: they speak of one connection (RFC 9110 §7.6.1), or are nobody's but the next server's.
HOP_BY_HOP = {
    "connection", "keep-alive", "proxy-authenticate", "proxy-authentication-info", "proxy-authorization",
    "proxy-connection", "te", "transfer-encoding", "upgrade", "trailer"}


@dataclasses.dataclass
class View:
    """One step when it is over."""

    stage: typing.Any
    step: typing.Any
    number: int
    got: typing.Any
    # How many requests the origin had seen when the step began.
    before: int

    @property
    def seen(self) -> list[Seen]:
        return self.stage.script.requests(self.number)

    @property
    def source(self):
        """The exchange at the origin that the answer comes from."""
        count = self.got.count
        return self.stage.script.seen[count - 1] if count and count <= len(self.stage.script.seen) else None

    @property
    def original(self):
        """The exchange whose status and body the answer has. A 304, or one to HEAD, renews the fields of an earlier one."""
        source = self.source
        if source is None or source.status != 304 and (source.method != "HEAD" or self.step.method == "HEAD"):
            return source
        earlier = [seen for seen in self.stage.script.seen[:source.number]
                   if seen.status != 304 and seen.target == source.target and seen.method == "GET"]
        return earlier[-1] if earlier else source


@dataclasses.dataclass(frozen=True)
class Expect:
    says: str
    # What is wrong with a view, None if nothing is.
    look: typing.Callable
    # Which of the checks of every answer this one stands for.
    instead_of: frozenset = frozenset()


def expects(says, *instead_of):
    return lambda look: Expect(says, look, frozenset(instead_of))


@expects("an answer from the cache, the origin unasked")
def reused(view):
    if view.seen:
        return "the origin was asked"
    if view.got.count is not None and view.got.count > view.before:
        return f"the answer is the origin's new one, number {view.got.count}"


@expects("the origin is asked")
def contacted(view):
    if not view.seen:
        return "the origin was not asked"


@expects("the answer is the origin's new one")
def renewed(view):
    if not view.seen:
        return "the origin was not asked"
    if view.got.count is None or view.got.count <= view.before:
        return f"the answer is an old one, number {view.got.count}"


@expects("an answer from the cache at once, though the origin may be asked too")
def stale(view):
    if view.got.count is None or view.got.count > view.before:
        return f"the answer is number {view.got.count}, not an old one"


@expects("no request reaches the origin", "status", "body")
def unasked(view):
    if view.seen:
        return "the origin was asked"


def status(*codes):
    """One of these statuses."""
    @expects(f"status {' or '.join(map(str, codes))}", "status")
    def look(view):
        if view.got.status not in codes:
            return f"status {view.got.status}"
    return look


def body(content):
    @expects(f"the body {content!r}", "body", "status")
    def look(view):
        if view.got.body != content:
            return f"the body {view.got.body[:200]!r}"
    return look


def part(content, content_range):
    """A 206 with these bytes."""
    @expects(f"the bytes {content!r} as {content_range}", "body", "status")
    def look(view):
        got = view.got
        if (got.status, got.body, got.fields.get("Content-Range")) != (206, content, content_range):
            return f"status {got.status}, Content-Range {got.fields.get('Content-Range')}, the body {got.body[:80]!r}"
    return look


def has(line):
    """The answer has this field, all its lines together, with exactly this value."""
    @expects(f"the answer has “{line}”")
    def look(view):
        name, value = wire.parse_line(view.stage.fill(line))
        if view.got.fields.get(name) != value:
            return f"the answer has {name}: {view.got.fields.get(name)}"
    return look


def lacks(*names):
    @expects(f"the answer has no {' or '.join(names)}")
    def look(view):
        found = [f"{name}: {view.got.fields.get(name)}" for name in names if name in view.got.fields]
        return f"the answer has {'; '.join(found)}" if found else None
    return look


def age(least, most):
    """An Age between the two, in seconds."""
    @expects(f"Age from {least} to {most}")
    def look(view):
        text = view.got.fields.get("Age")
        if text is None or not text.isdigit() or not least <= int(text) <= most:
            return f"Age: {text}"
    return look


def told(line):
    """The origin was asked with this field, all its lines together, with exactly this value."""
    @expects(f"the origin sees “{line}”")
    def look(view):
        name, value = wire.parse_line(view.stage.fill(line))
        if not view.seen:
            return "the origin was not asked"
        if view.seen[0].fields.get(name) != value:
            return f"the origin saw {name}: {view.seen[0].fields.get(name)}"
    return look


def untold(*names):
    @expects(f"the origin sees no {' or '.join(names)}")
    def look(view):
        if not view.seen:
            return "the origin was not asked"
        fields = view.seen[0].fields
        found = [f"{name}: {fields.get(name)}" for name in names if name in fields]
        return f"the origin saw {'; '.join(found)}" if found else None
    return look


def asked_by(method):
    @expects(f"the origin sees {method}")
    def look(view):
        if not view.seen or view.seen[0].method != method:
            return f"the origin saw {view.seen[0].method if view.seen else 'nothing'}"
    return look


@expects("the origin confirms the stored answer, which is sent")
def validated(view):
    if not view.seen:
        return "the origin was not asked"
    if view.seen[-1].status != 304:
        seen = view.seen[-1]
        conditions = [f"{name}: {value}" for name, value in seen.fields if name.lower().startswith("if-")]
        return f"the origin was asked with {conditions or 'no condition'} and answered {seen.status}"


def every_answer(view):
    """What has to be true of every answer: pairs of what a check is called and what is wrong."""
    got, stage = view.got, view.stage
    if got.cut:
        return [("whole", f"the answer is cut: {got.cut}")]
    wrong = []
    # Also of those that were sent in the background since the last step.
    for seen in stage.script.seen:
        for name, value in (("Test-ID", stage.id), ("Test-Name", stage.name), ("Req-Num", seen.request)):
            if value is None or seen.fields.get(name) != value:
                wrong.append(("request", f"request {seen.number} at the origin has {name}: {seen.fields.get(name)}"))
    source, original = view.source, view.original
    if source is None:
        return wrong + [("status", f"an answer that is not the origin's: {got.status} {got.body[:80]!r}")]
    if got.status != original.status:
        wrong.append(("status", f"status {got.status}, the origin sent {original.status}"))
    elif got.body != original.sent and view.step.method != "HEAD":
        wrong.append(("body", f"the body {got.body[:80]!r}, the origin sent {original.sent[:80]!r}"))
    # A part put together with another has the fields of neither alone.
    if got.count > view.before and got.status == source.status != MISMATCH:
        wrong += [("fields", text) for text in changed(got.fields, source.answered)]
    return wrong


def changed(got, sent):
    """Fields that did not come as the origin sent them."""
    listed = {name.strip().lower() for name in (sent.get("Connection") or "").split(",")}
    for name in dict.fromkeys(name for name, _ in sent):
        if name.lower() in HOP_BY_HOP | listed | {"age", "content-length"}:
            continue
        # A cache in between adds itself to what a cache before it wrote.
        value = got.get(name)
        if value != sent.get(name) and not (name.lower() in ADDED and (value or "").startswith(sent.get(name))):
            yield f"{name}: {value}, the origin sent {sent.get(name)!r}"


ADDED = {"via", "cache-status"}
