"""A production build of the real site: cold, with nothing changed, and after one word changed in one lazy route.

Works on a copy, so that the checkout and its caches stay as they are. The last build also counts output files: a word in a
route may change that route's script, index.html, _headers, their packed variants, the route's source map and manifest.json,
and nothing else.
"""

import hashlib
import os
import pathlib
import re
import shutil
import sys
import tempfile

import measure

ROUNDS = 1 if measure.QUICK else int(os.environ.get("BENCH_ROUNDS", "3"))
ALLOWED = [
    r"public/index\.html(\.br|\.gz)?", r"public/_headers", r"manifest\.json",
    r"public/assets/{route}[-.][^/]*\.js(\.br|\.gz)?", r"maps/.*{route}[-.][^/]*\.map",
]


def copy(project):
    """The parts of the checkout that a build of the site reads."""
    skipped = shutil.ignore_patterns(".lilypad", "dist")
    shutil.copytree(measure.ROOT / "site", project / "site", symlinks=True, ignore=skipped)
    shutil.copy(measure.ROOT / "wrangler.toml", project)


def lazy_route(site):
    """The last component that the router imports when it is needed."""
    router = (site / "app/router.tsx").read_text()
    found = re.findall(r"import\('\./([^']+)'\)", router)
    if not found:
        sys.exit("site/app/router.tsx has no lazy route: this benchmark needs one")
    return site / "app" / found[-1]


def change_word(file, word):
    """Puts `word` in the place of the second word of the first line that is text of the page."""
    text = file.read_text()
    line = re.search(r"^ +[A-Z][a-z]+ ([a-z]+) [a-z ]+", text, re.M)
    if not line:
        sys.exit(f"{file} has no line of text to change")
    file.write_text(text[: line.start(1)] + word + text[line.end(1) :])


def contents(folder):
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).digest()
        for file in folder.rglob("*") if file.is_file()
    }


def build(project):
    measure.settle()
    return measure.Run([measure.program("lilypad"), "build"], project)


def main():
    with tempfile.TemporaryDirectory(prefix="lilypad-bench-") as name:
        project = pathlib.Path(name)
        copy(project)
        route = lazy_route(project / "site")
        allowed = [re.compile(pattern.replace("{route}", re.escape(route.stem))) for pattern in ALLOWED]
        runs = {"cold": [], "unchanged": [], "one word": []}
        changed, strangers = set(), set()
        # Brings the programs into memory, as every later build finds them.
        build(project)
        for number in range(ROUNDS):
            measure.clear(project / ".lilypad")
            measure.clear(project / "dist")
            runs["cold"].append(build(project))
            before = contents(project / "dist")
            runs["unchanged"].append(build(project))
            again = contents(project / "dist")
            strangers |= {path for path in before.keys() | again.keys() if before.get(path) != again.get(path)}
            change_word(route, "abcdefghij"[number % 10] + "word")
            runs["one word"].append(build(project))
            after = contents(project / "dist")
            changed = {path for path in again.keys() | after.keys() if again.get(path) != after.get(path)}
            if not any(route.stem in path for path in changed):
                sys.exit(f"a changed word in {route.name} changed no file of that name")
            strangers |= {path for path in changed if not any(pattern.fullmatch(path) for pattern in allowed)}
        report(runs, before, changed, strangers, route)


def report(runs, files, changed, strangers, route):
    print(f"production: the real site, {len(files)} files with types checked and everything packed, medians of {ROUNDS}")
    titles = {
        "cold": "cold, no caches", "unchanged": "nothing changed", "one word": f"one word changed in {route.name}",
    }
    for name, title in titles.items():
        wall, cpu = measure.median(runs[name]), measure.median(runs[name], lambda run: run.cpu)
        print(f"  {title:<44} {measure.seconds(wall):>9} {cpu:>8.2f} CPU s", flush=True)
    print(f"  files that are new, other or gone after the word: {len(changed)}")
    for path in sorted(strangers):
        print(f"    should not have changed: {path}")
    measure.hold(
        "one word in one route, files touched", f"{len(changed)}, {len(strangers)} of them needlessly", "0 needlessly",
        not strangers)


if __name__ == "__main__":
    main()
