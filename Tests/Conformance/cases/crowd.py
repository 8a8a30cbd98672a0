"""Many clients at once: one request to the origin where one is enough, and never an answer meant for another."""

import asyncio

from stage import Stage
from story import Group, answers

group = Group("proxy-crowd")
HOUR = "Cache-Control: max-age=3600"


@group.scene("O", "a hundred misses at once make one request")
async def _(stage: Stage):
    stage.answer(answers(HOUR, wait=1))
    got = await stage.crowd(100)
    stage.check(
        {(one.status, one.count) for one in got} == {(200, 1)}, f"{[(one.status, one.count, one.cut) for one in got]}")
    stage.check(len(stage.script.seen) == 1, f"{len(stage.script.seen)} requests")


@group.scene("O", "who comes while an answer is under way gets it from its beginning")
async def _(stage: Stage):
    content = b"0123456789" * 10_000
    stage.answer(answers(HOUR, body=content, hold=1))
    first = asyncio.ensure_future(stage.ask(connection=stage.connection()))
    await stage.script.until(lambda seen: seen)
    await asyncio.sleep(0.3)
    late = await stage.crowd(20)
    stage.check(all(one.body == content for one in [await first, *late]), f"{[len(one.body) for one in late]}")
    stage.check(len(stage.script.seen) == 1, f"{len(stage.script.seen)} requests")


async def strangers(stage, *lines):
    """Everybody gets an answer, and no two the same."""
    stage.answer(answers(*lines, wait=0.3))
    got = await stage.crowd(20)
    counts = sorted(one.count or 0 for one in got)
    stage.check(counts == list(range(1, 21)), f"the answers {counts}")


@group.scene("R", "answers that are private are not shared by who waits together")
async def _(stage: Stage):
    await strangers(stage, "Cache-Control: private, max-age=3600")


@group.scene("R", "answers that are not stored are not shared by who waits together")
async def _(stage: Stage):
    await strangers(stage, "Cache-Control: no-store")


@group.scene("O", "who waits for an answer that cannot be shared does not wait for all the others")
async def _(stage: Stage):
    stage.answer(answers("Cache-Control: no-store", wait=0.5))
    got = await stage.crowd(20)
    slowest = max(one.after for one in got)
    stage.check(slowest < 4, f"the last came after {slowest:.1f} s")


@group.scene("R", "answers to Authorization are not shared by who waits together")
async def _(stage: Stage):
    stage.answer(answers(HOUR, wait=0.5))
    got = await asyncio.gather(*(
        stage.ask("GET", f"Authorization: Basic {number}", connection=stage.connection()) for number in range(10)))
    stage.check(len({one.count for one in got}) == 10, f"{[one.count for one in got]}")


@group.scene("R", "who waits together for different variants gets its own")
async def _(stage: Stage):
    async def in_their_language(exchange):
        await asyncio.sleep(0.3)
        language = exchange.seen.fields.get("Accept-Language")
        await exchange.head(HOUR, "Vary: Accept-Language", f"Content-Length: {len(language)}")
        await exchange.send(language.encode())
        return True

    stage.answer(in_their_language)
    languages = ["de", "en", "fr", "nl"] * 10
    got = await asyncio.gather(*(
        stage.ask("GET", f"Accept-Language: {language}", connection=stage.connection()) for language in languages))
    stage.check([one.body.decode() for one in got] == languages, f"{[one.body for one in got]}")


@group.scene("O", "a crowd before an origin that fails is answered soon")
async def _(stage: Stage):
    stage.answer(answers(close="before", wait=0.3))
    got = await stage.crowd(50)
    stage.check({one.status for one in got} == {502}, f"{sorted({one.status for one in got})}")
    stage.check(max(one.after for one in got) < 5, f"after {max(one.after for one in got):.1f} s")


@group.scene("R", "who waits is served though the first of them leaves")
async def _(stage: Stage):
    stage.answer(answers(HOUR, wait=1))
    leaver = await stage.send("GET", connection=stage.connection())
    await stage.script.until(lambda seen: seen)
    waiting = asyncio.ensure_future(stage.crowd(20))
    await asyncio.sleep(0.2)
    leaver.close()
    got = await waiting
    stage.check({one.status for one in got} == {200}, f"{[(one.status, one.cut) for one in got]}")
    stage.check(len(stage.script.seen) <= 2, f"{len(stage.script.seen)} requests")


@group.scene("O", "a stale copy serves a crowd while one request renews it")
async def _(stage: Stage):
    stage.answer(answers("Cache-Control: max-age=1, stale-while-revalidate=60"))
    stage.answer(answers(HOUR, wait=1.5), number=2)
    await stage.ask()
    await asyncio.sleep(3)
    got = await stage.crowd(50, number=2)
    stage.check({(one.status, one.count) for one in got} == {(200, 1)}, f"{[(one.status, one.count) for one in got]}")
    stage.check(max(one.after for one in got) < 1.2, f"after {max(one.after for one in got):.1f} s")
    await asyncio.sleep(2.5)
    later = await stage.ask(number=3)
    stage.check(later.count == 2, f"answer {later.count}")
    stage.check(len(stage.script.seen) == 2, f"{len(stage.script.seen)} requests")


@group.scene("O", "a crowd before a stale copy makes one validation")
async def _(stage: Stage):
    tag = 'ETag: "abcd"'
    stage.answer(answers("Cache-Control: max-age=1", tag))
    stage.answer(answers(HOUR, tag, validator=("If-None-Match", '"abcd"'), wait=1), number=2)
    await stage.ask()
    await asyncio.sleep(3)
    got = await stage.crowd(50, number=2)
    stage.check({one.status for one in got} == {200}, f"{[(one.status, one.count) for one in got]}")
    stage.check(len(stage.script.seen) == 2, f"{len(stage.script.seen) - 1} validations")


@group.scene("R", "different methods do not wait for each other")
async def _(stage: Stage):
    stage.answer(answers(HOUR, wait=2))
    stage.answer(answers(), number=2)
    slow = asyncio.ensure_future(stage.ask(connection=stage.connection()))
    await stage.script.until(lambda seen: seen)
    posted = await stage.ask("POST", number=2, body=b"12345", connection=stage.connection())
    stage.check(posted.status == 200 and posted.after < 1, f"{posted.status} after {posted.after:.1f} s")
    stage.check((await slow).status == 200, "the slow one failed")


@group.scene("O", "a change while an answer is under way keeps that answer out")
async def _(stage: Stage):
    stage.answer(answers(HOUR, body=b"before", wait=1.5))
    stage.answer(answers(), number=2)
    stage.answer(answers(HOUR, body=b"behind"), number=3)
    slow = asyncio.ensure_future(stage.ask(connection=stage.connection()))
    await stage.script.until(lambda seen: seen)
    await stage.ask("POST", number=2, body=b"12345", connection=stage.connection())
    await slow
    got = await stage.ask(number=3)
    stage.check(got.body == b"behind", f"{got.body}")


@group.scene("R", "different URLs do not wait for each other")
async def _(stage: Stage):
    stage.answer(answers(HOUR, wait=2))
    stage.answer(answers(HOUR), number=2)
    slow = asyncio.ensure_future(stage.ask(path="/slow", connection=stage.connection()))
    await stage.script.until(lambda seen: seen)
    got = await stage.ask(path="/fast", number=2)
    stage.check(got.status == 200 and got.after < 1, f"{got.status} after {got.after:.1f} s")
    stage.check((await slow).status == 200, "the slow one failed")
