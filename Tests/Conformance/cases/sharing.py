"""Answers to known clients, and what else every reuse has to keep (RFC 9111 §3.5, §5.1)."""

from dates import ago, date
from expect import age, has, renewed, reused
from story import Expect, Group, answers, get, pause

auth = Group("auth")
HOUR = "Cache-Control: max-age=3600"
LOGIN = "Authorization: Basic Zm9vOmJhcg=="

auth.case("R", "an answer to Authorization is not reused", get(LOGIN, answers(HOUR)), get(LOGIN, renewed))
auth.case("R", "an answer to Authorization is not reused for others", get(LOGIN, answers(HOUR)), get(renewed))
for directive in ("public", "must-revalidate", "s-maxage=3600"):
    auth.case(
        "O", f"an answer to Authorization with {directive} is reused",
        get(LOGIN, answers(f"{HOUR}, {directive}")), get(LOGIN, reused))
auth.case(
    "R", "an answer to Authorization with private is not reused",
    get(LOGIN, answers(f"{HOUR}, public, private")), get(LOGIN, renewed))

group = Group("other")

group.case("R", "a hit says how long it was held", get(answers(HOUR)), pause(), get(reused, age(3, 5)))
group.case("R", "a hit adds the Age of the origin", get(answers(HOUR, "Age: 30")), pause(), get(reused, age(33, 35)))
group.case(
    "R", "a hit by Expires says how long it was held",
    get(answers(f"Expires: {date(3600)}", f"Date: {date()}")), pause(), get(reused, age(3, 5)))
group.case(
    "R", "a hit by Expires adds the Age of the origin",
    get(answers(f"Expires: {date(3600)}", f"Date: {date()}", "Age: 30")), pause(), get(reused, age(33, 35)))
group.case("R", "a hit at once has an Age of nothing", get(answers(HOUR)), get(reused, age(0, 1)))
group.case(
    "R", "a hit has the origin's Date",
    get(answers(HOUR, f"Date: {ago(10)}")), pause(), get(reused, has(f"Date: {ago(10)}")))
group.case("R", "another query is another URL", get(answers(HOUR), path="?a=1"), get(renewed, path="?a=2"))
group.case("R", "a query is not the URL without it", get(answers(HOUR)), get(renewed, path="?a=1"))
group.case("R", "the case of a path matters", get(answers(HOUR), path="/a"), get(renewed, path="/A"))
group.case("O", "a query is no reason not to reuse", get(answers(HOUR), path="?a=1"), get(reused, path="?a=1"))
group.reuses("O", "Set-Cookie is no reason not to reuse", HOUR, "Set-Cookie: a=1")
group.case("O", "Cookie is no reason not to reuse", get("Cookie: a=1", answers(HOUR)), get("Cookie: a=2", reused))
group.case(
    "C", "an answer that took five seconds is that old",
    get(answers(HOUR, wait=5)), get(reused, age(5, 7)))
group.case(
    "C", "an answer that took five seconds and was older before adds both",
    get(answers(HOUR, "Age: 30", wait=5)), get(reused, age(35, 37)))
group.case(
    "C", "Expires of a hit is left alone",
    get(answers(f"Expires: {date(3600)}", f"Date: {date()}")), pause(), get(reused, has(f"Expires: {date(3600)}")))
group.reuses("C", "Content-Disposition is no reason not to reuse", HOUR, "Content-Disposition: attachment; filename=a")
group.case(
    "R", "another host is another site",
    get(answers(HOUR)), get("Host: elsewhere.test", Expect(
        "no answer of the first host", lambda view: None if view.got.count != 1 else "the answer of the first host",
        frozenset({"status", "fields", "body"}))))
