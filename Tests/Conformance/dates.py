"""Dates and addresses that a script names before they are known: marks in a text, filled in when its case begins."""

import datetime
import re

DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

# The URL of the case, as a path that begins with a slash.
URL = "⟨url⟩"
# Scheme, host and port that the client asks.
ORIGIN = "⟨origin⟩"


def date(offset=0, form="imf"):
    """The time `offset` seconds after the case begins, in one of the three forms of RFC 9110 §5.6.7."""
    return f"⟨date {offset} {form}⟩"


def ago(seconds, form="imf"):
    return date(-seconds, form)


def fill(text, start, url, origin):
    """The text with its marks filled in."""
    def moment(match):
        return FORMS[match[2]](datetime.datetime.fromtimestamp(start + int(match[1]), datetime.timezone.utc))

    text = re.sub(r"⟨date (-?\d+) (\w+)⟩", moment, text)
    return text.replace(URL, url).replace(ORIGIN, origin)


def imf(time):
    return f"{DAYS[time.weekday()][:3]}, {time.day:02} {MONTHS[time.month - 1]} {time:%Y %H:%M:%S} GMT"


def rfc850(time):
    return f"{DAYS[time.weekday()]}, {time.day:02}-{MONTHS[time.month - 1]}-{time:%y %H:%M:%S} GMT"


def asctime(time):
    return f"{DAYS[time.weekday()][:3]} {MONTHS[time.month - 1]} {time.day:2} {time:%H:%M:%S %Y}"


FORMS = {"imf": imf, "rfc850": rfc850, "asctime": asctime}
