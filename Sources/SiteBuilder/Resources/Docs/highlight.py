"""Colours code for the documentation, one batch after the other, until its input ends.

It first prints the version of Pygments as one line. A batch is a line with the number of pieces, then for each a line
"LANGUAGE LENGTH" and LENGTH bytes of UTF-8. The whole batch is read before the answer is written, so neither side can
wait for the other. The answer has, for each piece, a line "ok LENGTH" and LENGTH bytes of HTML, or "unknown 0".

The HTML is <span class="SHORT NAME">…</span> without styles. Plain names, punctuation, white space and what a lexer
did not understand stay bare: they are more than half of all tokens, and no theme of ours colours them.
"""

import sys

import pygments
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES
from pygments.util import ClassNotFound

BARE = {"", "n", "p", "w", "err", "esc", "x"}
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})

short_names = {}
lexers = {}


def short_name(kind):
    """The short class of a token type, or of the nearest ancestor that has one."""
    name = short_names.get(kind)
    if name is None:
        ancestor = kind
        while ancestor not in STANDARD_TYPES:
            ancestor = ancestor.parent
        name = STANDARD_TYPES[ancestor]
        short_names[kind] = name = "" if name in BARE else name
    return name


def lexer_for(language):
    if language not in lexers:
        try:
            lexers[language] = get_lexer_by_name(language, stripnl=False, ensurenl=False)
        except ClassNotFound:
            lexers[language] = None
    return lexers[language]


def coloured(lexer, code):
    parts = []
    name, text = "", ""
    for kind, value in lexer.get_tokens(code):
        kind_name = short_name(kind)
        if kind_name == name:
            text += value
            continue
        parts.append(span(name, text))
        name, text = kind_name, value
    parts.append(span(name, text))
    return "".join(parts)


def span(name, text):
    if not text:
        return ""
    text = text.translate(ESCAPES)
    return f'<span class="{name}">{text}</span>' if name else text


def answer(language, code):
    lexer = lexer_for(language)
    if lexer is None:
        return b"unknown 0\n"
    html = coloured(lexer, code).encode()
    return b"ok %d\n%s" % (len(html), html)


def main():
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sink.write(pygments.__version__.encode() + b"\n")
    sink.flush()
    while count := source.readline():
        pieces = []
        for _ in range(int(count)):
            language, length = source.readline().decode().rsplit(" ", 1)
            pieces.append((language, source.read(int(length)).decode()))
        for language, code in pieces:
            sink.write(answer(language, code))
        sink.flush()


main()
