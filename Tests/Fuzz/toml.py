"""Reads what our TOML parser has read, and says where Python's reads something else.

Each line of the file is {"input": hexadecimal, "value": ["table", {…}] or null}; see ConfigFuzzTests.swift."""

import datetime
import json
import math
import sys
import tomllib
import unicodedata

SHOWN = 10


def typed(value):
    """A value of Python's as our side writes it."""
    if isinstance(value, bool):
        return ["boolean", str(value).lower()]
    if isinstance(value, int):
        return ["integer", str(value)]
    if isinstance(value, float):
        return ["float", value]
    if isinstance(value, str):
        return ["string", value]
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return ["date", value]
    if isinstance(value, list):
        return ["array", [typed(element) for element in value]]
    return ["table", {key: typed(element) for key, element in value.items()}]


def same(ours, theirs):
    if ours[0] != theirs[0]:
        return False
    kind, left, right = ours[0], ours[1], theirs[1]
    if kind == "float":
        left = float(left)
        return left == right or (math.isnan(left) and math.isnan(right))
    if kind == "date":
        # The form is kept by us and lost by Python; that both take it for a date is what matters.
        return True
    if kind == "array":
        return len(left) == len(right) and all(map(same, left, right))
    if kind == "table":
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return left == right


def python(data):
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    try:
        return typed(tomllib.loads(text.removeprefix("\ufeff")))
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return None


def is_known(data, ours, theirs):
    """Where the two differ on purpose or by a liberty that TOML gives."""
    text = data.decode(errors="replace")
    # Integers beyond 64 bits, which TOML leaves to the reader; ours says so.
    if ours is None and theirs is not None and any(abs(n) >= 2**63 for n in integers(theirs)):
        return True
    # We refuse NUL anywhere, also in a comment, as Python does not; and nesting without end.
    if "\0" in text or max(text.count("["), text.count("{"), text.count(".")) > 90:
        return True
    # Two spellings of an accented letter are one key to Swift.
    return unicodedata.normalize("NFC", text) != text


def integers(value):
    kind, content = value
    if kind == "integer":
        yield int(content)
    elif kind == "array":
        for element in content:
            yield from integers(element)
    elif kind == "table":
        for element in content.values():
            yield from integers(element)


def main():
    count, accepted, different = 0, 0, []
    with open(sys.argv[1]) as file:
        for line in file:
            entry = json.loads(line)
            data, ours = bytes.fromhex(entry["input"]), entry["value"]
            theirs = python(data)
            count += 1
            accepted += theirs is not None
            agree = (ours is None) == (theirs is None) and (ours is None or same(ours, theirs))
            if not agree and not is_known(data, ours, theirs):
                different.append((len(data), data, ours, theirs))
    print(f"  {count:,} documents, {accepted:,} of them TOML to Python, {len(different):,} read differently")
    for _, data, ours, theirs in sorted(different, key=lambda entry: entry[:2])[:SHOWN]:
        print(f"  {data!r}\n    ours   {ours}\n    Python {theirs}")
    sys.exit(1 if different or not accepted else 0)


if __name__ == "__main__":
    main()
