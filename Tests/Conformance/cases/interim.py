"""Answers before the answer (RFC 9110 §15.2)."""

from expect import lacks, reused
from story import Expect, Group, answers, get

group = Group("interim")
HOUR = "Cache-Control: max-age=3600"


def interim(*wanted):
    """These 1xx answers in this order, with at least these fields."""
    def look(view):
        got = view.got.interim
        fits = len(got) == len(wanted) and all(
            one.status == status and set(one.fields) >= {tuple(line.split(": ", 1)) for line in lines}
            for one, (status, lines) in zip(got, wanted))
        return None if fits else f"{[(one.status, list(one.fields)) for one in got]}"

    return Expect(f"the interim answers {wanted}", look)


EARLY = (103, ("Link: </style.css>; rel=preload", "X-Early: yes"))
PROCESSING = (102, ())

group.case(
    "O", "102 is passed on, and the answer is stored",
    get(answers(HOUR, interim=(PROCESSING,)), interim(PROCESSING)), get(reused))
group.case(
    "O", "103 is passed on with its fields, and the answer is stored",
    get(answers(HOUR, interim=(EARLY,)), interim(EARLY)), get(reused))
group.case("R", "a hit has no interim answers", get(answers(HOUR, interim=(EARLY,))), get(reused, interim()))
group.case(
    "O", "the fields of a 103 are not those of the answer",
    get(answers(HOUR, interim=(EARLY,)), lacks("X-Early", "Link")), get(reused, lacks("X-Early", "Link")))
group.case(
    "R", "several interim answers are passed on in their order",
    get(answers(HOUR, interim=(PROCESSING, EARLY, (103, ("Link: </second.css>; rel=preload",)), (199, ("X: 1",)))),
        interim(PROCESSING, EARLY, (103, ("Link: </second.css>; rel=preload",)), (199, ("X: 1",)))), get(reused))
group.case(
    "R", "a 100 that nobody waits for is not taken for the answer",
    get(answers(HOUR, interim=((100, ()),))), get(reused))
