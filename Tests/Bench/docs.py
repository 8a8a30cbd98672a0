"""A thousand Markdown pages: `lilypad build` beside Hugo in the same run, on the same disk.

Both begin with an empty output folder and make the same things (see generate_docs.py). Rounds alternate, so that whatever
else the machine does hits both. The figure that is compared has code coloured from a warm cache and nothing packed; what
colouring everything and packing everything cost stands beside it.
"""

import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

import measure

PAGES = 100 if measure.QUICK else 1000
ROUNDS = 1 if measure.QUICK else int(os.environ.get("BENCH_ROUNDS", "3"))
GOAL = 0.5


class Site:
    """One set of pages, as a project of ours and as a site of Hugo's."""

    def __init__(self, folder):
        self.project = folder / "lilypad"
        self.hugo_site = folder / "hugo"
        self.output = folder / "output"
        self.lilypad = measure.program("lilypad")
        self.hugo = measure.toolchain() / "bin/hugo"
        if not self.hugo.exists():
            sys.exit("Hugo is missing: run make bench, which installs it")
        generator = pathlib.Path(__file__).with_name("generate_docs.py")
        text = subprocess.run(
            [sys.executable, generator, self.project / "site", "--hugo", self.hugo_site, "--pages", str(PAGES)],
            capture_output=True, text=True, check=True).stdout
        self.corpus = text.strip()

    def ours(self, *flags, colours=True, packed=True):
        """Builds; `colours` and `packed` say which caches of earlier builds are kept."""
        cache = self.project / ".lilypad/cache"
        if not colours:
            measure.clear(cache / "highlight")
        if not packed:
            measure.clear(cache / "packed")
        measure.clear(self.output)
        measure.settle()
        return measure.Run([self.lilypad, "build", "--out", self.output, "--timings", *flags], self.project)

    def hugos(self, *flags):
        measure.clear(self.output)
        measure.settle()
        return measure.Run(
            [self.hugo, "--quiet", "--noBuildLock", "--destination", self.output,
             "--cacheDir", self.output.parent / "cache", *flags],
            self.hugo_site)

    def check(self, pages):
        """A generator that leaves pages or colours out would be quick."""
        files = list(self.output.glob(pages))
        with_code = sum('<span class="k' in file.read_text() for file in files)
        if len(files) != PAGES or with_code < PAGES * 0.9:
            sys.exit(f"{pages}: {len(files)} pages, {with_code} with coloured code, instead of {PAGES}")
        return sum(file.stat().st_size for file in self.output.rglob("*") if file.is_file()) / 1e6


def parts(runs):
    """Medians of what the build says of its own time, in milliseconds, in its order."""
    found = {}
    for run in runs:
        for name, value in re.findall(r"^timing (.+) ([\d.]+)$", run.output, re.M):
            found.setdefault(name, []).append(float(value))
    return {name: statistics.median(values) for name, values in found.items()}


def row(name, runs, base=None):
    wall = measure.median(runs)
    cpu = measure.median(runs, lambda run: run.cpu)
    spread = f"{min(r.wall for r in runs):.2f}–{max(r.wall for r in runs):.2f}" if len(runs) > 1 else "once"
    ratio = f"{wall / base:.2f} ×" if base else ""
    print(f"  {name:<44} {wall:>8.2f} {spread:>12} {cpu:>8.2f} {ratio:>8}", flush=True)
    return wall


def main():
    with tempfile.TemporaryDirectory(prefix="lilypad-bench-") as name:
        site = Site(pathlib.Path(name))
        print(f"docs: {site.corpus}; medians of {ROUNDS} alternating rounds, each into an empty folder")
        print(f"  {'':<44} {'seconds':>8} {'from–to':>12} {'CPU s':>8} {'of Hugo':>8}")
        # The first of each is not counted: it brings the programs into memory, and ours fills its caches.
        site.ours("--no-pack", colours=False)
        packed = [site.ours(packed=False)]
        site.check("public/docs/**/*.html")
        site.hugos()
        size = site.check("docs/*/index.html")
        hugo, plain, ours, cold, again = [], [], [], [], []
        for _ in range(ROUNDS):
            hugo.append(site.hugos())
            ours.append(site.ours("--no-pack"))
            own_size = site.check("public/docs/**/*.html")
            plain.append(site.hugos("--config", "hugo.toml,plain.toml"))
            cold.append(site.ours("--no-pack", colours=False))
            again.append(site.ours())

        base = row("Hugo", hugo)
        wall = row("lilypad build, colours cached, not packed", ours, base)
        row("lilypad build, all code coloured, not packed", cold, base)
        row("lilypad build, colours cached, all packed", packed, base)
        row("lilypad build, colours and packing cached", again, base)
        row("Hugo without colours, for comparison", plain, base)
        print(f"  written: Hugo {size:.1f} MB, lilypad {own_size:.1f} MB before packing")
        print("  where our time goes, in ms: " + breakdown(parts(ours)))
        measure.hold(
            f"{PAGES:,} docs pages, time beside Hugo's", f"{wall / base:.2f} ×", f"at most {GOAL} ×", wall <= base * GOAL)


def breakdown(times):
    def of(stage):
        return ", ".join(f"{k.split()[1]} {v:.0f}" for k, v in times.items() if k.startswith(stage + " "))

    return "; ".join(f"{k} {v:.0f}" + (f" ({of(k)})" if of(k) else "") for k, v in times.items() if " " not in k)


if __name__ == "__main__":
    main()
