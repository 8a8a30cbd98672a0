"""Every case of HTTP caching and proxying over sockets: a client, the server under test, an origin that plays a script.

    run.py                        lilypad-edge proxy of $LILYPAD_BIN
    run.py --peer nginx           the same cases with nginx (or varnish) in the middle
    run.py --target URL --listen PORT     a server that runs already and has http://127.0.0.1:PORT as its origin
    run.py --itself               no cache at all: every reuse has to fail, and nothing may fail before it comes to that
    run.py --only TEXT            cases whose group and title contain a text
    run.py -- --store FOLDER      with more options for lilypad-edge proxy
"""

import argparse
import asyncio
import collections
import importlib
import pathlib
import sys
import time

import status_field
import targets
from origin import Origin
from stage import Skipped
from story import Group, Step

AT_ONCE = 25

# What our proxy is known to get wrong, and why. A case that passes again is a failure until it is taken off this list.
KNOWN = {}

for path in sorted(pathlib.Path(__file__).with_name("cases").glob("*.py")):
    importlib.import_module(f"cases.{path.stem}")


class Result:
    def __init__(self, case, failures, log, skipped=None):
        self.case, self.failures, self.log, self.skipped = case, failures, log, skipped


async def play(case, target, origin, answered):
    try:
        return Result(case, *await case.play(target, origin, answered))
    except Skipped as skipped:
        return Result(case, [], [], str(skipped))


async def play_all(cases, target, origin):
    """All results in the order of the cases, and every answer that came."""
    answered = []
    gate = asyncio.Semaphore(AT_ONCE)

    async def in_turn(case):
        async with gate:
            return await play(case, target, origin, answered)

    light = [case for case in cases if not case.heavy]
    results = dict(zip(map(id, light), await asyncio.gather(*map(in_turn, light))))
    for case in cases:
        if case.heavy:
            results[id(case)] = await play(case, target, origin, answered)
    return [results[id(case)] for case in cases], answered


def report(results):
    """A line for each group, then the story of each failure; how many passed and failed."""
    groups = collections.defaultdict(lambda: collections.defaultdict(lambda: [0, 0]))
    for result in results:
        if not result.skipped:
            tally = groups[result.case.group][result.case.kind]
            tally[0] += not result.failures
            tally[1] += 1
    print(f"{'':22}{'required':>12}{'optimal':>12}{'open':>12}")
    sums = collections.defaultdict(lambda: [0, 0])
    for name, kinds in groups.items():
        print(f"{name:22}" + "".join(show(kinds.get(kind)) for kind in "ROC"))
        for kind, tally in kinds.items():
            sums[kind] = [sums[kind][0] + tally[0], sums[kind][1] + tally[1]]
    print(f"{'all':22}" + "".join(show(sums.get(kind)) for kind in "ROC"))
    for result in results:
        if result.failures:
            print(f"\n{heading(result.case)}", *result.log, sep="\n")
            for failure in result.failures:
                print(f"  → {'not passed on rightly: ' if failure.setup else ''}{failure.text}")
    passed = sum(not result.failures and not result.skipped for result in results)
    return passed, sum(bool(result.failures) for result in results)


def known(results, passed, failed):
    """Counts known failures apart, and says where one is none any more."""
    for result in results:
        name = f"{result.case.group}: {result.case.title}"
        if name in KNOWN and result.failures:
            failed -= 1
            print(f"\n(known) {name}: {KNOWN[name]}")
        elif name in KNOWN and not result.skipped:
            passed, failed = passed - 1, failed + 1
            print(f"\n✘ {name} passes: take it off the list of known failures")
    return passed, failed


def heading(case):
    return f"✘ {case.kind} {case.group}: {case.title}"


def show(tally):
    return f"{tally[0]:>7} / {tally[1]:<2}" if tally else " " * 12


def doubts(results):
    """Without a cache: cases that fail before their point, and cases that want a reuse and get it from nobody."""
    for result in results:
        steps = [step for step in result.case.steps if isinstance(step, Step)]
        wants_reuse = any("from the cache" in expectation.says for step in steps for expectation in step.expectations)
        # Only a server in between turns what is no answer into one.
        broken = any(step.answer and (step.answer.close == "before" or step.answer.raw) for step in steps)
        broken |= any("502" in expectation.says for step in steps for expectation in step.expectations)
        early = [failure.text for failure in result.failures if failure.setup]
        if wants_reuse and not result.failures:
            yield result, "passes though nothing was cached"
        elif early and not broken:
            yield result, f"fails before its point: {early[0]}"


async def main():
    arguments = options()
    wanted = arguments.only.lower()
    cases = [case for group in Group.all for case in group.cases if wanted in f"{case.group}: {case.title}".lower()]
    origin = await Origin().start(arguments.listen)
    begin = time.monotonic()
    if arguments.itself:
        server = targets.direct(origin.url)
    elif arguments.target:
        server = targets.given(arguments.target)
    elif arguments.peer:
        server = targets.peer(arguments.peer, origin.url)
    else:
        server = targets.lilypad(origin.url, *arguments.options)
    async with server as target:
        results, answered = await play_all(cases, target, origin)
    origin.stop()
    if arguments.itself:
        found = list(doubts(results))
        for result, text in found:
            print(f"\n{heading(result.case)}", *result.log, f"  → {text}", sep="\n")
        passed, failed = len(results) - len(found), len(found)
    else:
        passed, failed = report(results)
        if target.ours:
            passed, failed = known(results, passed, failed)
            wrong = status_field.doubts(answered)
            sign = "✘ not all" if wrong else "✔ all"
            print(f"\n{sign} of {len(answered)} answers say what the cache did", *wrong[:20], sep="\n    ")
            passed, failed = passed + (not wrong), failed + bool(wrong)
    skipped = [result for result in results if result.skipped]
    if skipped:
        print(f"\n{len(skipped)} cases could not be asked of this server")
    print(f"\n{time.monotonic() - begin:.0f} s, {origin.connections} connections to the origin")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", choices=["nginx", "varnish"])
    parser.add_argument("--target")
    parser.add_argument("--listen", type=int, default=0)
    parser.add_argument("--itself", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("options", nargs="*", help="behind --, options for lilypad-edge proxy")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main())
