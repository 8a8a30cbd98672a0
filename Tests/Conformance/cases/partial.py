"""Parts of stored answers, and answers that are stored in parts (RFC 9111 §3.3, §3.4, RFC 9110 §14)."""

from expect import body, has, part, renewed, reused, status, told
from story import Expect, Group, answers, confirms, get, pause

group = Group("partial")
HOUR = "Cache-Control: max-age=3600"
TAG = 'ETag: "abcd"'
TEN = b"01234567AB"
whole = answers(HOUR, TAG, "Test-Header: foo", body=TEN)


def some(first, last, content=None, *more, size=10):
    """The origin's 206; with a content that is not what it says if one is given."""
    content = TEN[first:last + 1] if content is None else content
    return answers(HOUR, TAG, f"Content-Range: bytes {first}-{last}/{size}", *more, status=206, body=content)


for asked, content, named in (
        ("0-1", b"01", "bytes 0-1/10"), ("1-", TEN[1:], "bytes 1-9/10"), ("-1", b"B", "bytes 9-9/10"),
        ("0-99", TEN, "bytes 0-9/10"), ("-99", TEN, "bytes 0-9/10")):
    group.case(
        "O", f"of a stored answer the range {asked} is sent",
        get(whole), get(f"Range: bytes={asked}", reused, part(content, named)))
group.case(
    "R", "a part has the fields of the stored answer",
    get(whole),
    get("Range: bytes=0-1", reused, part(b"01", "bytes 0-1/10"), has("Test-Header: foo"), has(TAG),
        has("Content-Length: 2")))
group.case(
    "R", "a range behind the end is answered with 416",
    get(whole), get("Range: bytes=10-", reused, status(416), has("Content-Range: bytes */10")))
for value, called in (
        ("lines=0-1", "another unit"), ("bytes=5-1", "a range that ends before it begins"), ("bytes=a-b", "no range")):
    group.case("R", f"{called} is answered in full", get(whole), get(f"Range: {value}", reused))
group.case(
    "O", "several ranges are sent as parts, or the whole answer is",
    get(whole), get("Range: bytes=0-1, 8-9", reused, Expect(
        "206 with both parts or 200 with all",
        lambda view: None if view.got.status == 200 and view.got.body == TEN
        or view.got.status == 206 and b"bytes 0-1/10" in view.got.body and b"bytes 8-9/10" in view.got.body
        and (view.got.fields.get("Content-Type") or "").startswith("multipart/byteranges; boundary=")
        else f"{view.got.status} {view.got.body!r}", frozenset({"status", "body"}))))
group.case(
    "R", "If-Range with the stored tag gets the part",
    get(whole), get("Range: bytes=0-1", 'If-Range: "abcd"', reused, part(b"01", "bytes 0-1/10")))
group.case(
    "R", "If-Range with another tag gets the whole",
    get(whole), get("Range: bytes=0-1", 'If-Range: "efgh"', reused, body(TEN), has("Content-Length: 10")))
group.case(
    "R", "If-Range with a weak tag gets the whole",
    get(answers(HOUR, 'ETag: W/"abcd"', body=TEN)), get("Range: bytes=0-1", 'If-Range: W/"abcd"', reused, body(TEN)))
group.case(
    "R", "If-None-Match that fits is answered before the range",
    get(whole), get("Range: bytes=0-1", 'If-None-Match: "abcd"', reused, status(304)))

PART = part(TEN[4:], "bytes 4-9/10")
group.case(
    "O", "a stored part answers the same range",
    get("Range: bytes=4-", some(4, 9), PART), get("Range: bytes=4-", reused, PART))
group.case(
    "O", "a stored part answers a narrower range",
    get("Range: bytes=4-", some(4, 9), PART), get("Range: bytes=5-6", reused, part(TEN[5:7], "bytes 5-6/10")))
group.case(
    "O", "a stored part answers its own end",
    get("Range: bytes=4-", some(4, 9), PART), get("Range: bytes=6-", reused, part(TEN[6:], "bytes 6-9/10")))
group.case(
    "O", "a stored part with the end answers the last byte",
    get("Range: bytes=4-", some(4, 9), PART), get("Range: bytes=-1", reused, part(b"B", "bytes 9-9/10")))
group.case(
    "R", "a stored part does not answer for the whole",
    get("Range: bytes=4-", some(4, 9), PART), get(whole, Expect(
        "the whole, the origin asked",
        lambda view: None if view.seen and (view.got.status, view.got.body) == (200, TEN)
            else f"{view.got.status} {view.got.body!r}")))
group.case(
    "R", "a stored part does not answer a wider range",
    get("Range: bytes=4-5", some(4, 5), part(TEN[4:6], "bytes 4-5/10")),
    get("Range: bytes=4-9", some(4, 9), renewed, PART))
group.case(
    "R", "a part whose content is not as long as it says is not stored",
    get("Range: bytes=4-", some(4, 9, b"01234"), status(206, 502)), get("Range: bytes=4-", some(4, 9), renewed, PART))
group.case(
    "R", "a part without a lifetime is not reused",
    get("Range: bytes=4-", answers("Content-Range: bytes 4-9/10", status=206, body=TEN[4:]), PART),
    get("Range: bytes=4-", renewed, PART))
group.case(
    "O", "a stored beginning is completed with the rest",
    get("Range: bytes=0-4", some(0, 4), part(TEN[:5], "bytes 0-4/10")),
    get(some(5, 9), told("Range: bytes=5-"), body(TEN)), get(reused, body(TEN)))
group.case(
    "R", "parts of different versions are never put together",
    get("Range: bytes=0-4", some(0, 4), part(TEN[:5], "bytes 0-4/10")),
    get(answers(HOUR, 'ETag: "efgh"', body=b"abcdefghij"), Expect(
        "the new version alone", lambda view: None if view.got.body == b"abcdefghij" else f"{view.got.body!r}")))
group.case(
    "R", "a stale copy is validated whole before a part of it is sent",
    get(answers("Cache-Control: max-age=1", TAG, body=TEN)), pause(),
    get("Range: bytes=0-1", confirms("If-None-Match", '"abcd"', HOUR, TAG), part(b"01", "bytes 0-1/10")))

through = Group("proxy-ranges")

through.case(
    "R", "a range is passed to an origin that knows ranges",
    get("Range: bytes=4-", answers(TAG, "Content-Range: bytes 4-9/10", status=206, body=TEN[4:]), renewed, PART))
through.case(
    "R", "a range of an origin that knows none is answered in full or in part",
    get("Range: bytes=4-", answers(TAG, body=TEN), Expect(
        "the right bytes",
        lambda view: None if (view.got.status, view.got.body) in ((200, TEN), (206, TEN[4:]))
            else f"{view.got.status} {view.got.body!r}",
        frozenset({"status", "body"}))))
through.case(
    "O", "after a range of an origin that knows none the whole is stored",
    get("Range: bytes=4-", answers(HOUR, TAG, body=TEN), status(200, 206)),
    get(reused, body(TEN)), get("Range: bytes=0-1", reused, part(b"01", "bytes 0-1/10")))
through.case(
    "R", "a 416 of the origin is passed on",
    get("Range: bytes=40-", answers("Content-Range: bytes */10", status=416, body=b"none"), renewed))
through.case(
    "R", "several ranges of the origin are passed on",
    get("Range: bytes=0-0,9-9", renewed, answers(
        "Content-Type: multipart/byteranges; boundary=x", HOUR, status=206,
        body=b"--x\r\nContent-Range: bytes 0-0/10\r\n\r\n0\r\n"
             b"--x\r\nContent-Range: bytes 9-9/10\r\n\r\nB\r\n--x--\r\n")),
    get(whole, Expect("the whole", lambda view: None if view.got.body == TEN else f"{view.got.body!r}")))
through.case(
    "R", "a 206 that nobody asked for is not taken for the whole",
    get(some(0, 4), status(206, 502)), get(whole, Expect(
        "the whole", lambda view: None if (view.got.status, view.got.body) == (200, TEN) else f"{view.got.body!r}")))
