"""Lifetimes that nobody wrote down, and what is stored by status and method (RFC 9110 §15.1, RFC 9111 §3, §4.2.2)."""

from dates import URL, ago, date
from expect import renewed, reused
from story import Group, answers, ask, get, pause

group = Group("heuristic")
DAY = f"Last-Modified: {ago(86400)}"

for status in (200, 203, 204, 404, 405, 410, 414, 501):
    group.reuses("O", f"a {status} has a heuristic lifetime", DAY, f"Date: {date()}", status=status)
group.reuses("O", "an unknown 599 that is public has a heuristic lifetime", DAY, "Cache-Control: public", status=599)
for status in (201, 202, 403, 502, 503, 504, 599):
    group.refuses("R", f"a {status} has no heuristic lifetime", DAY, f"Date: {date()}", status=status)
group.refuses("R", "an invalid Last-Modified gives no lifetime", "Last-Modified: yesterday")
group.refuses("R", "no-store has no heuristic lifetime", DAY, "Cache-Control: no-store")
group.refuses("R", "an Expires in the past has no heuristic lifetime", DAY, f"Expires: {ago(60)}", f"Date: {date()}")
# A tenth of the time since the change. After the pause the copy is three seconds old, or four where three is the tenth.
for seconds in (5, 10, 30):
    group.case(
        "C", f"what changed {seconds} seconds ago is stale after the pause",
        get(answers(f"Last-Modified: {ago(seconds)}", f"Date: {date()}")), pause(4.2 if seconds == 30 else 3),
        get(renewed))
for seconds in (60, 300, 600, 1200, 1800, 3600, 43200, 86400):
    group.case(
        "C", f"what changed {seconds} seconds ago is fresh after the pause",
        get(answers(f"Last-Modified: {ago(seconds)}", f"Date: {date()}")), pause(), get(reused))

method = Group("method")

method.case(
    "O", "the answer to a POST that names the URL serves a later GET",
    ask("POST", answers("Cache-Control: max-age=3600", f"Content-Location: {URL}"), body=b"12345"), get(reused))
method.case(
    "R", "the answer to a POST that names no URL serves no GET",
    ask("POST", answers("Cache-Control: max-age=3600"), body=b"12345"), get(renewed))
method.case(
    "R", "the answer to a POST that names another URL serves no GET",
    ask("POST", answers("Cache-Control: max-age=3600", f"Content-Location: {URL}/other"), body=b"12345"), get(renewed))
method.case(
    "R", "the answer to a POST without a lifetime serves no GET",
    ask("POST", answers(DAY, f"Content-Location: {URL}"), body=b"12345"), get(renewed))
method.case(
    "R", "a stored answer to GET does not answer a POST",
    get(answers("Cache-Control: max-age=3600")), ask("POST", renewed, body=b"12345"))
for name in ("PUT", "DELETE", "PATCH", "OPTIONS", "QUERY"):
    method.case(
        "R", f"the answer to {name} serves no GET",
        ask(name, answers("Cache-Control: max-age=3600"), body=b"12345"), get(renewed))

status = Group("status")

for code in (200, 203, 204, 299, 301, 302, 303, 307, 308, 400, 404, 410, 499, 500, 502, 503, 504, 599):
    place = [f"Location: {URL}/elsewhere"] if code // 100 == 3 else []
    status.reuses("O", f"a {code} with max-age is reused", "Cache-Control: max-age=3600", *place, status=code)
    status.refuses("R", f"a {code} that has expired is not reused", f"Expires: {ago(3600)}", f"Date: {date()}", *place,
                   status=code)
status.reuses(
    "O", "must-understand lifts no-store for a status that is known",
    "Cache-Control: no-store, must-understand, max-age=3600")
status.refuses(
    "R", "must-understand leaves no-store for a status that is unknown",
    "Cache-Control: no-store, must-understand, max-age=3600", status=599)
