"""Cache-Status, in which every cache on the way says what it did (RFC 9211), read by the grammar of RFC 9651."""

import re

TOKEN = r"[A-Za-z*][A-Za-z0-9!#$%&'*+\-.^_`|~:/]*"
STRING = r'"(?:[ !#-\[\]-~]|\\["\\])*"'
KEY = r"[a-z*][a-z0-9_\-.*]*"
BARE = rf"(?:{STRING}|{TOKEN}|-?\d{{1,15}}|\?[01])"
PARAMETER = re.compile(rf" *; *({KEY})(?:=({BARE}))?")
NAME = re.compile(rf"{STRING}|{TOKEN}")
REASONS = {"bypass", "method", "uri-miss", "vary-miss", "miss", "request", "stale", "partial"}


class Invalid(ValueError):
    """Not a list of caches with parameters."""


def caches(value):
    """The caches nearest to the origin first: pairs of a name and its parameters."""
    found, at = [], 0
    while True:
        name = NAME.match(value, at)
        if not name:
            raise Invalid(f"no name at {value[at:]!r}")
        at, parameters = name.end(), {}
        while parameter := PARAMETER.match(value, at):
            parameters[parameter[1]] = typed(parameter[2])
            at = parameter.end()
        found.append((name[0].strip('"'), parameters))
        comma = re.compile(r"[ \t]*,[ \t]*").match(value, at)
        if at == len(value):
            return found
        if not comma:
            raise Invalid(f"{value[at:]!r} behind a cache")
        at = comma.end()


def typed(text):
    if text is None or text == "?1":
        return True
    if text == "?0":
        return False
    return int(text) if re.fullmatch(r"-?\d+", text) else text.strip('"')


def last(fields):
    """What the cache nearest to the client says, empty if it says nothing."""
    value = fields.get("Cache-Status")
    return caches(value)[-1][1] if value else {}


def doubts(answered):
    """Answers without the field or with one that does not fit the RFC, as lines."""
    found = []
    for name, got in answered:
        value = got.fields.get("Cache-Status")
        try:
            if value is None:
                found.append(f"{name}: {got.status} without Cache-Status")
                continue
            parameters = caches(value)[-1][1]
        except Invalid as error:
            found.append(f"{name}: {value}: {error}")
            continue
        if parameters.get("hit") is True and "fwd" in parameters:
            found.append(f"{name}: {value}: both hit and fwd")
        if parameters.get("hit") is not True and parameters.get("fwd") not in REASONS | {None}:
            found.append(f"{name}: {value}: an unknown reason")
    return found
