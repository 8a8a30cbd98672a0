"""The language of the cases: a story is a list of requests, each with what the origin would answer and what to expect.

    group = Group("vary")
    group.case(
        "R", "another value of a field that Vary names is another answer",
        get("Foo: 1", answers("Cache-Control: max-age=3600", "Vary: Foo")),
        get("Foo: 2", renewed))

A text is a field of the request, an Answer is the origin's, anything else is expected. A request without an Answer
would be answered like the one before, so that only the cache makes a difference. Kinds: R is required by a standard, O is
allowed and wished for, C is left open and expected as this project chose it.
"""

import asyncio
import dataclasses
import traceback

from expect import Expect, View, every_answer, renewed, reused
from origin import Answer
from stage import Skipped, Stage, Unmet


@dataclasses.dataclass
class Step:
    method: str
    lines: list
    answer: Answer | None
    expectations: list
    path: str
    body: bytes | None


@dataclasses.dataclass
class Pause:
    seconds: float


def ask(method, *parts, path="", body=None):
    step = Step(method, [], None, [], path, body)
    for something in parts:
        if isinstance(something, str):
            step.lines.append(something)
        elif isinstance(something, Expect):
            step.expectations.append(something)
        else:
            step.answer = something
    return step


def get(*parts, path=""):
    return ask("GET", *parts, path=path)


def head(*parts, path=""):
    return ask("HEAD", *parts, path=path)


def answers(*fields, **more):
    return Answer(fields, **more)


def confirms(name, value, *fields, **more):
    """A 304 if the request's field has exactly this value."""
    return Answer(fields, validator=(name, value), **more)


def pause(seconds=3):
    return Pause(seconds)


@dataclasses.dataclass
class Failure:
    text: str
    # The answer was not even passed on rightly, so nothing can be said about the case.
    setup: bool = False


@dataclasses.dataclass
class Case:
    group: str
    kind: str
    title: str
    steps: list
    # Instead of steps: a function of the stage.
    scene: object = None
    # Needs the machine for itself.
    heavy: bool = False

    async def play(self, target, origin, answered):
        """The failures, and the story as far as it went."""
        stage = Stage(target, origin, self.title, answered)
        try:
            failures = await (self._act(stage) if self.scene else self._tell(stage))
            return failures, stage.log
        except Skipped:
            raise
        except Exception as error:  # A case that breaks is one that fails; the others go on.
            return [Failure("".join(traceback.format_exception(error)))], stage.log
        finally:
            stage.end()

    async def _act(self, stage):
        try:
            await self.scene(stage)
        except Unmet as unmet:
            return [Failure(str(unmet))]
        return []

    async def _tell(self, stage):
        """Plays all steps, also behind a failure: the rest of the story helps to understand it."""
        failures = []
        answer, number = Answer(), 0
        steps = [step for step in self.steps if isinstance(step, Step)]
        for position, step in enumerate(steps, 1):
            answer = stage.script.answers[position] = step.answer or answer
        for step in self.steps:
            if isinstance(step, Pause):
                await asyncio.sleep(step.seconds)
                stage.say(f"      {step.seconds} s later")
                continue
            number += 1
            before = len(stage.script.seen)
            got = await stage.ask(step.method, *step.lines, path=step.path, number=number, body=step.body)
            view = View(stage, step, number, got, before)
            found = list(judge(view))
            describe(view, found)
            failures += found
        return failures


def judge(view):
    covered = frozenset().union(*(expectation.instead_of for expectation in view.step.expectations))
    for name, text in every_answer(view):
        if name not in covered:
            yield Failure(f"request {view.number}: {text}", setup=True)
    for expectation in view.step.expectations:
        if text := expectation.look(view):
            yield Failure(view.stage.fill(f"request {view.number}: expected {expectation.says}; {text}"))


USUAL = {"host", "test-id", "test-name", "req-num", "cache-control", "pragma"}


def describe(view, failures):
    stage, step, got = view.stage, view.step, view.got
    own = "".join(f"\n          {stage.fill(line)}" for line in step.lines)
    stage.say(f"    {view.number} {step.method} {stage.url(step.path)}{own}")
    for seen in view.seen:
        fields = "; ".join(f"{name}: {value}" for name, value in seen.fields
                           if name.lower() not in USUAL or f"{name}: {value}" in step.lines)
        stage.say(f"      the origin sees {seen.method} with {fields or 'nothing else'}")
        sent = "".join(f"\n          {name}: {value}" for name, value in seen.answered)
        stage.say(f"      and answers {seen.status or 'nothing'}{sent}")
    if not view.seen:
        stage.say("      the origin sees nothing")
    for interim in got.interim:
        stage.say(f"      the client gets {interim.status}: {dict(interim.fields)}")
    fields = "".join(f"\n          {name}: {value}" for name, value in got.fields)
    cut = f" cut: {got.cut}" if got.cut else ""
    stage.say(f"      the client gets {got.status}{cut}{fields}\n          {got.body[:120]!r}")
    for failure in failures:
        stage.say(f"    ✘ {failure.text}")


class Group:
    """The cases of one subject."""

    all = []

    def __init__(self, name):
        self.name = name
        self.cases = []
        Group.all.append(self)

    def case(self, kind, title, *steps):
        assert kind in ("R", "O", "C") and steps, title
        assert all(case.title != title for case in self.cases), f"two cases are called “{title}”"
        self.cases.append(Case(self.name, kind, title, list(steps)))

    def reuses(self, kind, title, *fields, **answer):
        """The same request twice: the second is answered from the cache."""
        self.case(kind, title, get(answers(*fields, **answer)), get(reused))

    def refuses(self, kind, title, *fields, **answer):
        """The same request twice: both are answered by the origin."""
        self.case(kind, title, get(answers(*fields, **answer)), get(renewed))

    def scene(self, kind, title, heavy=False):
        """A case that is a function of its stage."""
        def add(function):
            self.cases.append(Case(self.name, kind, title, [], function, heavy))
            return function
        return add
