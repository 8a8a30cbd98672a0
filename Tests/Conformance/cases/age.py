"""How an origin's Age is read (RFC 9111 §5.1): everything is fresh for an hour, if it is not older."""

from story import Group

group = Group("age-parse")
HOUR = "Cache-Control: max-age=3600"

for value, called in (("abc", "no number"), ("-7200", "a negative number"), ("7200.0", "a fraction")):
    group.reuses("R", f"{called} is ignored", HOUR, f"Age: {value}")
for value in (2147483647, 2147483648, 2147483649, 99999999999):
    group.refuses("R", f"an Age of {value} is stale", HOUR, f"Age: {value}")
group.refuses("R", "of two values in a line the first counts, a stale one", HOUR, "Age: 7200, 0")
group.reuses("R", "of two values in a line the first counts, a fresh one", HOUR, "Age: 0, 7200")
group.refuses("R", "of two lines the first counts, a stale one", HOUR, "Age: 7200", "Age: 0")
group.reuses("R", "of two lines the first counts, a fresh one", HOUR, "Age: 0", "Age: 7200")
group.reuses("R", "twice the same value in a line is that value", HOUR, "Age: 0, 0")
group.reuses("R", "twice the same line is that line", HOUR, "Age: 0", "Age: 0")
group.reuses("R", "two lines do not add up", "Cache-Control: max-age=10000", "Age: 3600", "Age: 3600")
group.reuses("R", "an Age below the lifetime is fresh", HOUR, "Age: 3000")
group.refuses("R", "an Age that is the lifetime is stale", HOUR, "Age: 3600")
# RFC 9111 §5.1: what is not a number of seconds is ignored, whatever it begins with.
group.reuses("C", "a number with a parameter is ignored", HOUR, "Age: 7200;foo=bar")
group.reuses("C", "a number with a number as parameter is ignored", HOUR, "Age: 7200;foo=111")
