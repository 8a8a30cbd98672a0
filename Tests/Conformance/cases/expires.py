"""Lifetimes by Expires, and the dates it may have (RFC 9111 §5.3, RFC 9110 §5.6.7)."""

from dates import ago, date
from story import Group

group = Group("expires")

group.reuses("O", "an Expires in the future is a lifetime", f"Expires: {date(3600)}", f"Date: {date()}")
group.refuses("R", "an Expires in the past is stale", f"Expires: {ago(3600)}", f"Date: {date()}")
group.refuses("R", "an Expires that is the Date is stale", f"Expires: {date()}", f"Date: {date()}")
# By our clock it expires in an hour; by the origin's, which is fast, it expired an hour ago.
group.refuses("R", "an Expires before a fast Date is stale", f"Expires: {date(3600)}", f"Date: {date(7200)}")
group.refuses("R", "an Expires of 0 is stale", "Expires: 0", f"Date: {date()}")
group.refuses("R", "an Expires of -1 is stale", "Expires: -1", f"Date: {date()}")
group.reuses("O", "an invalid Date does not matter to an Expires in the future", f"Expires: {date(3600)}", "Date: foo")
group.refuses("R", "an invalid Date does not help an Expires in the past", f"Expires: {ago(3600)}", "Date: foo")
group.reuses("O", "without Date the time of receipt counts", f"Expires: {date(3600)}", date=False)
group.refuses(
    "R", "an Age above the lifetime is stale, the origin's clock slow",
    f"Expires: {date(10)}", f"Date: {ago(10)}", "Age: 25")
group.refuses(
    "R", "an Age above the lifetime is stale, the origin's clock fast",
    f"Expires: {date(30)}", f"Date: {date(10)}", "Age: 25")
group.reuses(
    "O", "an Age below the lifetime is fresh, the origin's clock fast",
    f"Expires: {date(610)}", f"Date: {date(10)}", "Age: 25")

parse = Group("expires-parse")

for value, called in (
        ("Thu, 18 Aug 2050 02:01:18 GMT", "a date behind 2038"),
        ("Tue, 20 Nov 2286 17:46:39 GMT", "a date with eleven digits of seconds near"),
        ("Thursday, 18-Aug-50 02:01:18 GMT", "the form of RFC 850 with 50 for 2050"),
        ("Mon Aug  8 02:01:18 2050", "the form of asctime with a padded day"),
        ("thU, 18 Aug 2050 02:01:18 GMT", "a weekday in any case"),
        ("Thu, 18 AUG 2050 02:01:18 GMT", "a month in any case"),
        ("Thu, 18 Aug 2050 02:01:18 gMT", "a zone in any case")):
    parse.reuses("O", f"{called} is a date", f"Expires: {value}", f"Date: {date()}")
for value, called in (
        ("Thu, 18 Aug 2050 02:01:18 UTC", "the zone UTC"),
        ("Thu, 18 Aug 2050 02:01:18 AEST", "the zone AEST"),
        ("Thu, 18 Aug 50 02:01:18 GMT", "a year of two digits in the normal form"),
        ("Thu 18 Aug 2050 02:01:18 GMT", "no comma"),
        ("Thu, 18  Aug  2050 02:01:18 GMT", "doubled spaces"),
        ("Thu, 18-Aug-2050 02:01:18 GMT", "dashes in the normal form"),
        ("Thu, 18 Aug 2050 02.01.18 GMT", "points in the time"),
        ("Thu, 18 Aug 2050 2:01:18 GMT", "an hour of one digit"),
        ("Thu, 18 Aug 2050 02:01:18", "no zone"),
        ("Thu, 31 Feb 2050 02:01:18 GMT", "a day that does not exist"),
        ("4070908800", "a number of seconds"),
        ("", "nothing")):
    parse.refuses("R", f"{called} is no date", f"Expires: {value}", f"Date: {date()}")
parse.refuses(
    "R", "several lines are no date", "Expires: Thu, 18 Aug 2050 02:01:18 UTC", "Expires: Thu 18 Aug 2050 02:01:18 GMT",
    f"Date: {date()}")
