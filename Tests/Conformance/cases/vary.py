"""Which requests an answer with Vary answers (RFC 9111 §4.1)."""

from expect import renewed, reused
from story import Expect, Group, answers, get

group = Group("vary")
HOUR = "Cache-Control: max-age=3600"


def varies(*names):
    return answers(HOUR, f"Vary: {', '.join(names)}")


group.case("O", "an equal field matches", get("Foo: 1", varies("Foo")), get("Foo: 1", reused))
group.case("R", "another value does not match", get("Foo: 1", varies("Foo")), get("Foo: 2", renewed))
group.case("R", "a field that is gone does not match", get("Foo: 1", varies("Foo")), get(renewed))
group.case("R", "a field that is new does not match", get(varies("Foo")), get("Foo: 1", renewed))
group.case("R", "a value in another case does not match", get("Foo: a", varies("Foo")), get("Foo: A", renewed))
group.case("O", "a field that neither has matches", get(varies("Foo")), get(reused))
group.case("O", "a name in another case is the same name", get("Foo: 1", varies("fOO")), get("FOO: 1", reused))
group.case(
    "O", "two equal fields match",
    get("Foo: 1", "Bar: 2", varies("Foo", "Bar")), get("Foo: 1", "Bar: 2", reused))
group.case(
    "O", "the order of the fields does not matter",
    get("Foo: 1", "Bar: 2", varies("Foo", "Bar")), get("Bar: 2", "Foo: 1", reused))
group.case(
    "R", "two fields of which one differs do not match",
    get("Foo: 1", "Bar: 2", varies("Foo", "Bar")), get("Foo: 2", "Bar: 2", renewed))
group.case(
    "R", "two fields of which one is gone do not match",
    get("Foo: 1", "Bar: 2", varies("Foo", "Bar")), get("Foo: 1", renewed))
group.case(
    "O", "three equal fields match", get("Foo: 1", "Bar: 2", "Baz: 3", varies("Foo", "Bar", "Baz")),
    get("Foo: 1", "Bar: 2", "Baz: 3", reused))
group.case(
    "O", "three equal fields in another order match", get("Foo: 1", "Bar: 2", "Baz: 3", varies("Foo", "Bar", "Baz")),
    get("Baz: 3", "Bar: 2", "Foo: 1", reused))
group.case(
    "R", "three fields of which one differs do not match",
    get("Foo: 1", "Bar: 2", "Baz: 3", varies("Foo", "Bar", "Baz")),
    get("Foo: 1", "Bar: 2", "Baz: 4", renewed))
group.case(
    "R", "the last of two Vary lines counts", get("Foo: 1", "Bar: 2", answers(HOUR, "Vary: Foo", "Vary: Bar")),
    get("Foo: 1", "Bar: 3", renewed))
group.case(
    "O", "a field that Vary does not name does not matter",
    get("Foo: 1", "Other: 2", varies("Foo")), get("Foo: 1", "Other: 3", reused))


def number(count):
    return Expect(
        f"answer {count} from the cache",
        lambda view: None if view.got.count == count and not view.seen else f"number {view.got.count}")


group.case(
    "O", "two variants live side by side",
    get("Foo: 1", varies("Foo")), get("Foo: 2", renewed), get("Foo: 1", number(1)), get("Foo: 2", number(2)))
group.case(
    "R", "a variant found under one name is none under another",
    get("Foo: 1", varies("Foo")), get("Foo: 2", "Bar: 1", varies("Foo", "Bar"), renewed),
    get("Foo: 2", "Bar: 2", renewed))
group.refuses("R", "a star never matches", HOUR, "Vary: *")
group.case(
    "O", "two lines are the same as one joined",
    get("Foo: 1", "Foo: 2", varies("Foo")), get("Foo: 1, 2", reused))
group.case("O", "blanks around commas do not count", get("Foo: 1,2", varies("Foo")), get("Foo: 1 ,  2", reused))
LANGUAGE = varies("Accept-Language")
group.case(
    "O", "languages in another order match",
    get("Accept-Language: en, de", LANGUAGE), get("Accept-Language: de, en", reused))
group.case(
    "O", "languages in another case match",
    get("Accept-Language: en, de", LANGUAGE), get("Accept-Language: eN, De", reused))
group.case(
    "O", "languages with other blanks match",
    get("Accept-Language: en, de;q=0.5", LANGUAGE), get("Accept-Language: en,de; q=0.5", reused))
group.case(
    "R", "languages with other weights do not match",
    get("Accept-Language: en, de;q=0.5", LANGUAGE), get("Accept-Language: en;q=0.5, de", renewed))
group.case(
    "O", "a stored language answers who likes it best",
    get("Accept-Language: de", answers(HOUR, "Vary: Accept-Language", "Content-Language: de")),
    get("Accept-Language: fr;q=0.5, de;q=1.0", reused))
group.case(
    "R", "a stored language does not answer who likes another better",
    get("Accept-Language: de", answers(HOUR, "Vary: Accept-Language", "Content-Language: de")),
    get("Accept-Language: fr, de;q=0.5", renewed))

parse = Group("vary-parse")

for lines, called in (
        (["*"], "a star alone"), (["*, *"], "two stars in a line"), (["*", "*"], "two lines with a star"),
        ([", *"], "a star behind a comma"), (["", "*"], "a star behind an empty line"),
        (["*, Foo"], "a star before a name"), (["Foo, *"], "a star behind a name")):
    fields = [f"Vary: {value}" for value in lines]
    parse.case("R", f"{called} never matches", get("Foo: 1", answers(HOUR, *fields)), get("Foo: 1", renewed))
parse.case(
    "O", "empty elements of a list are skipped",
    get("Foo: 1", answers(HOUR, "Vary: , Foo,,")), get("Foo: 1", reused))
parse.case(
    "R", "empty elements of a list hide nothing",
    get("Foo: 1", answers(HOUR, "Vary: , Foo,,")), get("Foo: 2", renewed))
