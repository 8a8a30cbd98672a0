#!/usr/bin/env python3
"""Writes a large Markdown documentation, the same for the same arguments, and optionally the same for Hugo.

    generate_docs.py OUT [--pages 1000] [--seed 7] [--hugo DIR]

OUT gets `docs/*.md` (about 11 kB a page: headings, lists, links between pages, tables, fenced code in six languages), the
files of `theme/`, and `site.toml`, so it is a site folder. With --hugo, DIR gets a Hugo site of the same pages with the
templates of `hugo/`, which show and make the same things: navigation, contents, previous and next, code coloured by classes,
resolved links, a hashed stylesheet and script, a full-text index, `sitemap.xml`, `llms.txt`, a 404 page.
"""

import argparse
import itertools
import pathlib
import random
import shutil

WORDS = """trace span latency token request response worker binding queue message cache bundle hash asset header route
handler version lease batch cursor tenant project quota invoice webhook signature migration index posting weight anchor
layout section heading paragraph compiler linker runtime scheduler deadline retry backoff jitter timeout socket stream
buffer window frame packet codec parser lexer grammar symbol scope closure actor task executor thread mutex atomic
barrier fence counter gauge histogram sample percentile median average deviation threshold alert dashboard annotation
label dataset experiment prompt completion model provider cost budget export import snapshot restore backup replica
shard partition segment block page record row column table schema constraint trigger view function procedure""".split()

CODE = {
    "swift": """struct {T}: Sendable {{
    let {a}: Int
    var {b}: [String: Double] = [:]

    /// Adds one {c} and returns how many there are.
    mutating func {c}(_ value: Double, named name: String) -> Int {{
        guard value > {n} else {{ return 0 }}
        {b}[name, default: 0] += value * {n}.5
        return {b}.count  // {a}
    }}
}}
""",
    "ts": """export interface {T} {{ readonly {a}: number; {b}?: string }}

export async function {c}(input: {T}[]): Promise<Map<string, number>> {{
  const totals = new Map<string, number>()
  for (const item of input) {{
    if (item.{a} > {n}) totals.set(item.{b} ?? 'none', item.{a} * {n})
  }}
  return totals
}}
""",
    "python": """from dataclasses import dataclass

@dataclass
class {T}:
    {a}: int = {n}
    {b}: str = "{c}"

    def {c}(self, limit: float) -> list[str]:
        # keep what is below the {a}
        return [f"{{self.{b}}}-{{i}}" for i in range(self.{a}) if i < limit]
""",
    "sql": """select {a}, count(*) as {b}, sum({c}) filter (where {c} > {n})
from {T}
where tenant = $1 and created_at >= now() - interval '{n} days'
group by {a}
order by {b} desc
limit {n};
""",
    "json": """{{
  "{a}": {n},
  "{b}": ["{c}", "{T}", null, true],
  "nested": {{ "{c}": {n}.25, "list": [1, 2, 3] }}
}}
""",
    "bash": """set -euo pipefail
for {a} in "$@"; do
  if [[ -f "${{{a}}}" ]]; then
    curl --silent --fail "http://127.0.0.1:8787/{b}?limit={n}" | grep -c '{c}'
  fi
done
""",
}

# Real prose has thousands of words, a few of them on every page: these become about seven thousand, the plain ones most
# frequent, so that a search index is as long as a real one.
PREFIXES = ["", "re", "un", "pre", "sub", "inter", "over", "multi"]
SUFFIXES = ["", "s", "ing", "ed", "er", "able", "less", "wise"]
VOCABULARY = [prefix + word + suffix for prefix in PREFIXES for suffix in SUFFIXES for word in WORDS]
FREQUENCIES = list(itertools.accumulate(1 / (rank + 10) for rank in range(len(VOCABULARY))))

SECTIONS = 10
PAGES_PER_SECTION = 5


class Writer:
    def __init__(self, seed, pages):
        self.random = random.Random(seed)
        self.pages = pages

    def word(self):
        return self.random.choices(VOCABULARY, cum_weights=FREQUENCIES)[0]

    def sentence(self, page):
        words = [self.word() for _ in range(self.random.randint(8, 16))]
        at = self.random.randrange(len(words) - 1)
        kind = self.random.randrange(12)
        if kind == 0:
            words[at] = f"**{words[at]}**"
        elif kind == 1:
            words[at] = f"`{words[at]}`"
        elif kind == 2:
            words[at] = f"*{words[at]} {self.word()}*"
        elif kind == 3:
            other = self.random.randrange(self.pages)
            words[at] = f"[{words[at]} {self.word()}]({name(other)}.md#overview)"
        elif kind == 4 and self.random.randrange(4) == 0:
            words[at] = f"[{words[at]}](https://example.com/{self.word()})"
        text = " ".join(words)
        return text[0].upper() + text[1:] + "."

    def paragraph(self, page):
        return "\n".join(self.sentence(page) for _ in range(self.random.randint(3, 6))) + "\n"

    def items(self, page):
        return "".join(f"- {self.sentence(page)}\n" for _ in range(self.random.randint(3, 6)))

    def table(self):
        rows = ["| name | kind | default |", "|---|:-:|--:|"]
        for _ in range(self.random.randint(4, 8)):
            rows.append(f"| `{self.word()}` | {self.word()} {self.word()} | {self.random.randrange(10000)} |")
        return "\n".join(rows) + "\n"

    def code(self):
        language = self.random.choice(sorted(CODE))
        names = {key: f"{self.word()}{self.random.randrange(100)}" for key in "abc"}
        names["T"] = self.word().capitalize() + self.word().capitalize()
        return f"```{language}\n{CODE[language].format(n=self.random.randrange(2, 500), **names)}```\n"

    def page(self, number, size):
        title = f"{self.word().capitalize()} {self.word()} {number}"
        head = f'---\ntitle: "{title}"\ndescription: {self.sentence(number)[:-1].replace("`", "").replace("*", "")[:90]}\n---\n'
        # A description with a link in it would be YAML's flow syntax.
        if "[" in head.split("description:")[1]:
            head = f'---\ntitle: "{title}"\n---\n'
        parts = [f"# {title}\n", self.paragraph(number), "## Overview\n", self.paragraph(number)]
        length = sum(map(len, parts))
        section = 0
        while length < size:
            section += 1
            level = "##" if section % 3 == 1 else "###"
            block = [
                f"{level} {self.word().capitalize()} {self.word()} {section}\n",
                self.paragraph(number),
                self.random.choice([self.items, lambda _: self.table(), lambda _: self.code()])(number),
                self.code() if section % 2 else self.paragraph(number),
            ]
            length += sum(map(len, block))
            parts += block
        return head + "\n" + "\n".join(parts)


def name(number):
    return "index" if number == 0 else f"page-{number:04d}"


def listed(pages):
    """The navigation: sections of page numbers, at most fifty pages in all, as a real site would have."""
    sections = []
    for section in range(SECTIONS):
        first = section * PAGES_PER_SECTION
        numbers = [n for n in range(first, first + PAGES_PER_SECTION) if n < pages]
        if numbers:
            sections.append((f"Section {section + 1}", numbers))
    return sections


def site_toml(pages):
    text = 'title = "Bench"\ndescription = "Generated documentation"\nbase_url = "https://bench.example"\n\n[docs]\nlayout = "docs/_layout.html"\n'
    for title, numbers in listed(pages):
        names = ", ".join(f'"{name(n)}"' for n in numbers)
        text += f'\n[[docs.section]]\ntitle = "{title}"\npages = [{names}]\n'
    return text


def hugo_toml(pages):
    """Pages, sitemap, a 404 page, a search index and llms.txt, as our build makes them; links resolved and classes for code."""
    text = 'baseURL = "https://bench.example/"\ntitle = "Bench"\n'
    text += 'disableKinds = ["taxonomy", "term", "RSS", "section"]\n'
    text += '[outputs]\nhome = ["llms"]\n'
    text += '[outputFormats.llms]\nmediaType = "text/plain"\nbaseName = "llms"\nisPlainText = true\n'
    text += "[markup.highlight]\nnoClasses = false\n"
    text += '[markup.goldmark.renderHooks.link]\nuseEmbedded = "always"\n'
    for title, numbers in listed(pages):
        names = ", ".join(f'"/docs/{hugo_name(n)}"' for n in numbers)
        text += f'[[params.sections]]\ntitle = "{title}"\npages = [{names}]\n'
    return text


def hugo_name(number):
    # Hugo gives index.md a meaning of its own.
    return "start" if number == 0 else name(number)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--size", type=int, default=10_800, help="characters a page, about")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--hugo", type=pathlib.Path)
    options = parser.parse_args()
    here = pathlib.Path(__file__).resolve().parent
    writer = Writer(options.seed, options.pages)
    docs = options.out / "docs"
    docs.mkdir(parents=True, exist_ok=True)
    for file in (here / "theme").iterdir():
        shutil.copy(file, docs)
    (options.out / "site.toml").write_text(site_toml(options.pages))
    if options.hugo:
        content = options.hugo / "content" / "docs"
        assets = options.hugo / "assets"
        content.mkdir(parents=True, exist_ok=True)
        assets.mkdir(exist_ok=True)
        shutil.copytree(here / "hugo", options.hugo, dirs_exist_ok=True)
        for file in ("_docs.css", "_docs.ts"):
            shutil.copy(here / "theme" / file, assets)
        (options.hugo / "hugo.toml").write_text(hugo_toml(options.pages))
    total = 0
    for number in range(options.pages):
        text = writer.page(number, options.size)
        total += len(text.encode())
        (docs / f"{name(number)}.md").write_text(text)
        if options.hugo:
            (content / f"{hugo_name(number)}.md").write_text(text.replace("](index.md", f"]({hugo_name(0)}.md"))
    print(f"{options.pages} pages, {total / 1e6:.1f} MB")


main()
