"""Conditional requests: answered from a copy, made for a copy, passed on (RFC 9111 §4.3, RFC 9110 §13)."""

from dates import ago, date
from expect import contacted, has, renewed, reused, status, told, validated
from story import Expect, Group, answers, confirms, get, pause

HOUR = "Cache-Control: max-age=3600"
BRIEF = "Cache-Control: max-age=1"

dated = Group("conditional-lm")
CHANGED = f"Last-Modified: {ago(7200)}"

dated.case(
    "O", "the stored date is answered with 304",
    get(answers(HOUR, CHANGED)), get(f"If-Modified-Since: {ago(7200)}", reused, status(304)))
dated.case(
    "O", "a date behind the stored one is answered with 304",
    get(answers(HOUR, CHANGED)), get(f"If-Modified-Since: {ago(3600)}", reused, status(304)))
dated.case(
    "R", "a date before the stored one is answered in full",
    get(answers(HOUR, CHANGED)), get(f"If-Modified-Since: {ago(10800)}", reused))
dated.case(
    "O", "the stored date in the form of RFC 850 is answered with 304",
    get(answers(HOUR, CHANGED)), get(f"If-Modified-Since: {ago(7200, 'rfc850')}", reused, status(304)))
dated.case(
    "R", "what is no date is answered in full",
    get(answers(HOUR, CHANGED)), get("If-Modified-Since: yesterday", reused))
dated.case(
    "O", "a stale copy is validated by its date, then answered with 304",
    get(answers(BRIEF, CHANGED)), pause(),
    get(f"If-Modified-Since: {ago(7200)}", confirms("If-Modified-Since", ago(7200)), validated, status(304)))
dated.case(
    "O", "a stale copy is validated by its date and sent to who has none",
    get(answers(BRIEF, CHANGED)), pause(), get(confirms("If-Modified-Since", ago(7200)), validated))
# RFC 9111 §4.3.2: without Last-Modified the date is compared with the stored Date.
dated.case(
    "R", "a date before the stored Date is answered in full where there is no Last-Modified",
    get(answers(HOUR, f"Date: {date()}")), get(f"If-Modified-Since: {ago(3600)}", reused, status(200)))

tagged = Group("conditional-inm")


def held(tag, *lines):
    return get(answers(HOUR, f"ETag: {tag}", *lines))


for stored, sent, called in (
        ('"abcd"', '"abcd"', "an equal strong tag"), ('W/"abcd"', 'W/"abcd"', "an equal weak tag"),
        ('"abcd"', 'W/"abcd"', "the weak form of a strong tag"),
        ('W/"abcd"', '"abcd"', "the strong form of a weak tag"),
        ('"abcd"', '"abcd", "x", "y"', "a tag first in a list"),
        ('"abcd"', '"x", "abcd", "y"', "a tag in the middle of a list"),
        ('"abcd"', '"x", "y", "abcd"', "a tag at the end of a list"), ('"ab,cd"', '"x", "ab,cd"', "a tag with a comma"),
        ('"abcd"', "*", "a star")):
    tagged.case("O", f"{called} is answered with 304", held(stored), get(f"If-None-Match: {sent}", reused, status(304)))
for sent, called in (
        ('"efgh"', "another tag"), ('"ABCD"', "a tag in another case"), ('"x", "y"', "a list without the tag")):
    tagged.case("R", f"{called} is answered in full", held('"abcd"'), get(f"If-None-Match: {sent}", reused))
tagged.case(
    "R", "a 304 carries the tag", held('"abcd"'),
    get('If-None-Match: "abcd"', reused, status(304), has('ETag: "abcd"')))
tagged.case(
    "O", "a 304 carries what a 200 would say of the copy",
    held('"abcd"', "Vary: Foo", "Content-Location: /here"),
    get('If-None-Match: "abcd"', reused, status(304), has(HOUR), has("Vary: Foo"), has("Content-Location: /here")))
tagged.case(
    "R", "a tag that differs overrules a date that fits", held('"abcd"', CHANGED),
    get('If-None-Match: "efgh"', f"If-Modified-Since: {ago(7200)}", reused))
tagged.case(
    "R", "a tag that fits overrules a date that differs", held('"abcd"', CHANGED),
    get('If-None-Match: "abcd"', f"If-Modified-Since: {ago(10800)}", reused, status(304)))
tagged.case(
    "R", "a request for validation has the fields that Vary names",
    get("Foo: 1", answers(BRIEF, 'ETag: "abcd"', "Vary: Foo")), pause(),
    get("Foo: 1", confirms("If-None-Match", '"abcd"', 'ETag: "abcd"', "Vary: Foo"), validated, told("Foo: 1")))
for tag, called in (('"abcd"', "strong"), ('W/"abcd"', "weak")):
    tagged.case(
        "O", f"a stale copy is validated by its {called} tag",
        get(answers(BRIEF, f"ETag: {tag}")), pause(),
        get(confirms("If-None-Match", tag, f"ETag: {tag}"), validated))
    tagged.case(
        "O", f"a stale copy is validated by its {called} tag, then answered with 304",
        get(answers(BRIEF, f"ETag: {tag}")), pause(),
        get(f"If-None-Match: {tag}", confirms("If-None-Match", tag, f"ETag: {tag}"), validated, status(304)))
tagged.case(
    "R", "a stale copy that is confirmed is sent in full to who holds another one",
    get(answers(BRIEF, 'ETag: "abcd"')), pause(),
    get('If-None-Match: "old"', confirms("If-None-Match", '"abcd"', 'ETag: "abcd"'), validated))
tagged.case(
    "R", "what a failed validation brings is sent and stored",
    get(answers(BRIEF, 'ETag: "abcd"')), pause(), get(answers(HOUR, 'ETag: "efgh"'), renewed),
    get(reused, has('ETag: "efgh"')))
tagged.case(
    "C", "a tag outside ASCII is answered with 304", held('"ab\u00fcd"'),
    get('If-None-Match: "ab\u00fcd"', reused, status(304)))
tagged.case(
    "C", "an unquoted tag of the client fits nothing",
    held('"abcd"'), get("If-None-Match: abcd", reused, status(200)))
tagged.case(
    "C", "an unquoted tag of the origin fits no quoted one",
    held("abcd"), get('If-None-Match: "abcd"', reused, status(200)))
for sent, called in (('w/"abcd"', "a small w"), ('W\\"abcd"', "a backslash"), ('W"abcd"', "no slash")):
    tagged.case(
        "C", f"a weak tag with {called} fits nothing", held('W/"abcd"'),
        get(f"If-None-Match: {sent}", reused, status(200)))

tagged.case(
    "C", "a variant that is not stored is not confirmed by another's tag",
    get("Foo: 1", answers(HOUR, 'ETag: "abcd"', "Vary: Foo")),
    get("Foo: 2", answers(HOUR, 'ETag: "efgh"', "Vary: Foo"), renewed), get("Foo: 2", reused, has('ETag: "efgh"')))
UNQUOTED = Expect(
    "no condition, or the tag as it is",
    lambda view: "the origin was not asked" if not view.seen
    else None if view.seen[0].fields.get("If-None-Match") in (None, "abcd")
    else f"If-None-Match: {view.seen[0].fields.get('If-None-Match')}")
tagged.case(
    "C", "an unquoted tag gets no quotes in a validation", get(answers(BRIEF, "ETag: abcd")), pause(),
    get(UNQUOTED, renewed))
tagged.case(
    "C", "an unquoted tag gets no quotes on the way to the origin",
    get("If-None-Match: abcd", answers(HOUR, 'ETag: "abcd"'), UNQUOTED))
tagged.case(
    "C", "a client's condition is passed on where nothing is stored",
    get('If-None-Match: "abcd"', confirms("If-None-Match", '"abcd"', 'ETag: "abcd"'), contacted, status(304)))
tagged.case(
    "R", "a 304 to a client's condition is not stored as an answer",
    get('If-None-Match: "abcd"', confirms("If-None-Match", '"abcd"', 'ETag: "abcd"', HOUR), contacted, status(304)),
    get(answers(HOUR, 'ETag: "abcd"'), renewed))
tagged.case(
    "R", "If-Match is for the origin", held('"abcd"'),
    get('If-Match: "efgh"', answers(status=412), told('If-Match: "efgh"'), renewed))
