"""Cache-Control for caches like this one alone (RFC 9213)."""

from dates import ago, date
from expect import age, has, renewed, reused
from story import Group, answers, get, pause

group = Group("cdn-cache-control")
TARGETED = "CDN-Cache-Control"
HOUR = "Cache-Control: max-age=3600"
STALE = "Cache-Control: max-age=0"

group.reuses("O", "max-age is a lifetime", f"{TARGETED}: max-age=3600")
group.case(
    "R", "behind its max-age an answer is not reused",
    get(answers(f"{TARGETED}: max-age=1")), pause(), get(renewed))
for seconds in (2147483648, 99999999999):
    group.reuses("O", f"max-age={seconds} is fresh for ages", f"{TARGETED}: max-age={seconds}")
group.refuses("R", "an Age above max-age is stale on arrival", f"{TARGETED}: max-age=3600", "Age: 7200")
group.refuses(
    "R", "max-age=0 beats an Expires in the future", f"{TARGETED}: max-age=0", f"Expires: {date(3600)}",
    f"Date: {date()}")
group.refuses("R", "max-age=0 beats a fresh Cache-Control", f"{TARGETED}: max-age=0", HOUR)
group.reuses("O", "unknown directives are skipped", f"{TARGETED}: foobar, max-age=3600, foo=\"a, b\"")
group.refuses("R", "a valid field without a lifetime still stands for Cache-Control", f"{TARGETED}: foobar", HOUR)
group.reuses("O", "a longer lifetime than that of Cache-Control counts", f"{TARGETED}: max-age=3600", STALE)
group.case(
    "R", "a shorter lifetime than that of Cache-Control counts",
    get(answers(f"{TARGETED}: max-age=1", HOUR)), pause(), get(renewed))
group.reuses("O", "a lifetime beats no-store in Cache-Control", f"{TARGETED}: max-age=3600", "Cache-Control: no-store")
group.reuses(
    "O", "a lifetime beats an Expires in the past", f"{TARGETED}: max-age=3600", f"Expires: {ago(60)}",
    f"Date: {date()}")
for directive in ("private", "no-cache", "no-store"):
    group.refuses("R", f"{directive} beats a fresh Cache-Control", f"{TARGETED}: {directive}", HOUR)
group.refuses("R", "what does not parse is ignored, Cache-Control stale", f"{TARGETED}: max-age=10000, &&&&&", STALE)
group.reuses("R", "what does not parse is ignored, Cache-Control fresh", f"{TARGETED}: max-age=0, &&&&&", HOUR)
group.refuses("R", "a string is no lifetime", f'{TARGETED}: max-age="10000"', STALE)
group.reuses("O", "two lines are one dictionary", f"{TARGETED}: foobar", f"{TARGETED}: max-age=3600", STALE)
group.reuses("O", "of a key that stands twice the last counts", f"{TARGETED}: max-age=0, max-age=3600", STALE)
group.refuses("C", "a space before the equals sign does not parse", f"{TARGETED}: max-age =10000", STALE)
group.refuses("C", "a space behind the equals sign does not parse", f"{TARGETED}: max-age= 10000", STALE)
group.refuses("C", "a key with capitals does not parse", f"{TARGETED}: Max-Age=10000", STALE)
group.case(
    "C", "the field is passed on", get(answers(f"{TARGETED}: max-age=3600")),
    get(reused, has(f"{TARGETED}: max-age=3600")))
LONGER = (f"{TARGETED}: max-age=3600", "Cache-Control: max-age=1")
group.case(
    "C", "Age of a copy that outlives Cache-Control is its age",
    get(answers(*LONGER)), pause(), get(reused, age(3, 5)))
group.case(
    "C", "Date of a copy that outlives Cache-Control is the origin's",
    get(answers(*LONGER, f"Date: {date()}")), pause(), get(reused, has(f"Date: {date()}")))
group.case(
    "C", "Expires of a copy that outlives Cache-Control is the origin's",
    get(answers(*LONGER, f"Date: {date()}", f"Expires: {date(1)}")), pause(), get(reused, has(f"Expires: {date(1)}")))
