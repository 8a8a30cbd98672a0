"""What a request says about the answers it takes (RFC 9111 §5.2.1, §5.4)."""

from dates import ago
from expect import contacted, renewed, reused, stale, status, told, unasked, validated
from story import Group, answers, confirms, get, pause

group = Group("cc-request")
HOUR = "Cache-Control: max-age=3600"

group.case("C", "max-age=0 does not take a copy", get(answers(HOUR)), get("Cache-Control: max-age=0", renewed))
group.case(
    "C", "max-age=1 does not take a copy of 3 seconds",
    get(answers(HOUR)), pause(), get("Cache-Control: max-age=1", renewed))
group.case(
    "O", "max-age=30 takes a copy of 3 seconds",
    get(answers(HOUR)), pause(), get("Cache-Control: max-age=30", reused))
group.case(
    "C", "max-age=600 does not take a copy that came with Age 1800",
    get(answers(HOUR, "Age: 1800")), get("Cache-Control: max-age=600", renewed))
group.case(
    "C", "max-stale=1000 takes a copy that became stale",
    get(answers("Cache-Control: max-age=1")), pause(), get("Cache-Control: max-stale=1000", stale))
group.case(
    "C", "max-stale=1000 takes a copy that came stale",
    get(answers(HOUR, "Age: 3700", 'ETag: "abcd"')), get("Cache-Control: max-stale=1000", stale))
group.case(
    "R", "max-stale=1 does not take a copy that has been stale for longer",
    get(answers("Cache-Control: max-age=1")), pause(4), get("Cache-Control: max-stale=1", renewed))
group.case(
    "R", "max-stale does not overrule must-revalidate",
    get(answers("Cache-Control: max-age=1, must-revalidate")), pause(), get("Cache-Control: max-stale=1000", renewed))
group.case(
    "C", "min-fresh does not take a copy that is fresh for less",
    get(answers("Cache-Control: max-age=1500")), get("Cache-Control: min-fresh=2000", renewed))
group.case(
    "C", "min-fresh does not take a copy whose Age leaves less",
    get(answers(HOUR, "Age: 1800")), get("Cache-Control: min-fresh=2000", renewed))
group.case(
    "O", "min-fresh takes a copy that is fresh for longer", get(answers(HOUR)),
    get("Cache-Control: min-fresh=1000", reused))
group.case("C", "no-cache does not take a copy unasked", get(answers(HOUR)), get("Cache-Control: no-cache", renewed))
group.case(
    "C", "no-cache has a copy validated by its date",
    get(answers(HOUR, f"Last-Modified: {ago(7200)}")),
    get("Cache-Control: no-cache", confirms("If-Modified-Since", ago(7200)), validated))
group.case(
    "C", "no-cache has a copy validated by its tag",
    get(answers(HOUR, 'ETag: "abcd"')),
    get("Cache-Control: no-cache", confirms("If-None-Match", '"abcd"'), validated))
group.case("C", "no-store keeps the answer out", get("Cache-Control: no-store", answers(HOUR)), get(renewed))
group.case(
    "C", "only-if-cached is not for a miss",
    get("Cache-Control: only-if-cached", answers(HOUR), unasked, status(504)))
group.case("O", "only-if-cached takes a copy", get(answers(HOUR)), get("Cache-Control: only-if-cached", reused))
group.case(
    "C", "a request's directives reach the origin",
    get("Cache-Control: max-age=7", answers(HOUR), told("Cache-Control: max-age=7")))
group.case(
    "O", "an unknown directive changes nothing", get(answers(HOUR)),
    get('Cache-Control: foo="no-cache, max-age=0"', reused))

pragma = Group("pragma")

# RFC 9111 §5.4: it is deprecated, and never counted beside a Cache-Control.
pragma.case("C", "no-cache in a request's Pragma changes nothing", get(answers(HOUR)), get("Pragma: no-cache", reused))
pragma.case("C", "an unknown Pragma of a request changes nothing", get(answers(HOUR)), get("Pragma: whatever", reused))
pragma.reuses("C", "no-cache in an answer's Pragma does not shorten max-age", HOUR, "Pragma: no-cache")
pragma.reuses(
    "C", "no-cache in an answer's Pragma does not stop heuristics", f"Last-Modified: {ago(86400)}", "Pragma: no-cache")
pragma.reuses("C", "an unknown Pragma of an answer changes nothing", HOUR, "Pragma: whatever")
pragma.case(
    "R", "a Pragma reaches the origin",
    get("Pragma: whatever", answers(HOUR), contacted, told("Pragma: whatever")))
