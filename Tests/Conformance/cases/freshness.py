"""How long an answer is fresh by its Cache-Control, and how its directives are read (RFC 9111 §4.2, §5.2)."""

from dates import ago, date
from expect import contacted, renewed, reused
from story import Group, answers, get, pause

group = Group("cc-freshness")

group.refuses("C", "without freshness or validator nothing is reused")
group.reuses("O", "max-age is a lifetime", "Cache-Control: max-age=3600")
group.case(
    "R", "behind its max-age an answer is not reused",
    get(answers("Cache-Control: max-age=1")), pause(), get(renewed))
group.case(
    "O", "until its max-age an answer is reused",
    get(answers("Cache-Control: max-age=30")), pause(), get(reused))
group.refuses("R", "max-age=0 is stale at once", "Cache-Control: max-age=0")
group.refuses("R", "a negative max-age is no lifetime", "Cache-Control: max-age=-3600")
for seconds in (2147483647, 2147483648, 2147483649, 99999999999):
    group.reuses("O", f"max-age={seconds} is fresh for ages", f"Cache-Control: max-age={seconds}")
group.refuses("R", "an Age above max-age is stale on arrival", "Cache-Control: max-age=3600", "Age: 7200")
group.reuses("O", "an Age below max-age leaves it fresh", "Cache-Control: max-age=3600", "Age: 1800")
group.reuses(
    "O", "max-age beats an Expires in the past", "Cache-Control: max-age=3600", f"Expires: {ago(7200)}",
    f"Date: {date()}")
group.reuses("O", "max-age beats an Expires of 0", "Cache-Control: max-age=3600", "Expires: 0")
group.refuses(
    "R", "max-age=0 beats an Expires in the future", "Cache-Control: max-age=0", f"Expires: {date(3600)}",
    f"Date: {date()}")
group.reuses("O", "directives are known in any case", "Cache-Control: MaX-AgE=3600")
group.refuses(
    "R", "max-age=0 is known in any case", "Cache-Control: MaX-AgE=0", f"Expires: {date(3600)}", f"Date: {date()}")
group.reuses("O", "unknown directives are skipped", "Cache-Control: foobar, max-age=3600, fresh=\"a, b\"")
group.refuses("R", "unknown directives give no lifetime", "Cache-Control: foobar, old-age=3600")
group.case(
    "R", "a shorter s-maxage behind max-age counts",
    get(answers("Cache-Control: max-age=3600, s-maxage=1")), pause(), get(renewed))
group.case(
    "R", "a shorter s-maxage before max-age counts",
    get(answers("Cache-Control: s-maxage=1, max-age=3600")), pause(), get(renewed))
group.case(
    "R", "a shorter s-maxage on a line of its own counts",
    get(answers("Cache-Control: max-age=3600", "Cache-Control: s-maxage=1")), pause(), get(renewed))
group.case(
    "O", "a longer s-maxage behind max-age counts",
    get(answers("Cache-Control: max-age=1, s-maxage=3600")), pause(), get(reused))
group.case(
    "O", "a longer s-maxage before max-age counts",
    get(answers("Cache-Control: s-maxage=3600, max-age=1")), pause(), get(reused))
group.case(
    "O", "a longer s-maxage on a line of its own counts",
    get(answers("Cache-Control: max-age=1", "Cache-Control: s-maxage=3600")), pause(), get(reused))
group.reuses("O", "s-maxage beats max-age=0", "Cache-Control: max-age=0, s-maxage=3600")
group.reuses(
    "O", "s-maxage beats an Expires in the past",
    "Cache-Control: s-maxage=3600", f"Expires: {ago(7200)}", f"Date: {date()}")
group.refuses(
    "R", "s-maxage=0 beats an Expires in the future",
    "Cache-Control: s-maxage=0", f"Expires: {date(3600)}", f"Date: {date()}")
# apparent_age of RFC 9111 §4.2.3: the answer was under way for two hours.
group.refuses("C", "an old Date alone makes an answer old", "Cache-Control: max-age=3600", f"Date: {ago(7200)}")

parse = Group("cc-parse")

parse.refuses(
    "R", "max-age in the quoted string of another directive is none, the real one before it",
    'Cache-Control: max-age=0, foo="bar, max-age=3600"')
parse.refuses(
    "R", "max-age in the quoted string of another directive is none, the real one behind it",
    'Cache-Control: foo="bar, max-age=3600", max-age=0')
parse.reuses(
    "O", "a stale max-age in a quoted string takes nothing from the real one",
    'Cache-Control: foo="bar, max-age=0", max-age=3600')
parse.refuses(
    "O", "an escaped quote does not end a quoted string", 'Cache-Control: max-age=0, foo="\\", max-age=3600, \\""')
parse.reuses("R", "zeros before a number change nothing", "Cache-Control: max-age=003600")
parse.refuses("R", "single quotes are no quotes", "Cache-Control: max-age='3600'")
parse.refuses("C", "of a fresh and a stale max-age the stale one counts", "Cache-Control: max-age=3600, max-age=0")
parse.refuses("C", "of a stale and a fresh max-age the stale one counts", "Cache-Control: max-age=0, max-age=3600")
parse.refuses(
    "C", "of a fresh and a stale line the stale one counts", "Cache-Control: max-age=3600", "Cache-Control: max-age=0")
parse.refuses(
    "C", "of a stale and a fresh line the stale one counts", "Cache-Control: max-age=0", "Cache-Control: max-age=3600")
# RFC 9111 §5.2: recipients ought to accept a token and a quoted string.
parse.reuses("C", "a quoted number is a number", 'Cache-Control: max-age="3600"')
for value, called in (
        (" =3600", "a space before the equals sign"), ("= 3600", "a space behind the equals sign"),
        ("=3600.0", "a fraction of nothing"), ("=3600.5", "a fraction"), ("=a3600", "a letter before the number"),
        ("=3600a", "a letter behind the number")):
    parse.refuses("C", f"{called} makes max-age invalid", f"Cache-Control: max-age{value}")
parse.refuses("R", "max-age without a number is no lifetime", "Cache-Control: max-age")
parse.refuses("R", "max-age with nothing behind the equals sign is no lifetime", "Cache-Control: max-age=")
parse.case(
    "O", "empty elements of a list are skipped",
    get(answers("Cache-Control: , ,max-age=3600,,")), get(reused))
parse.case(
    "R", "empty elements of a list hide nothing",
    get(answers("Cache-Control: max-age=3600,, ,no-store")), get(contacted))
