"""Range and If-Range (RFC 9110, sections 13.1.5 and 14): which bytes of a file a request asks for."""

import re

from starlette.datastructures import Headers

_ONE_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.ASCII | re.IGNORECASE)

Span = tuple[int, int]  # first byte, byte after the last


class Unsatisfiable(Exception):  # noqa: N818  # the status is named so
    """416: the range begins behind the end."""


def requested(headers: Headers, size: int, etag: str) -> Span | None:
    """The one range asked for, or None for the whole.

    What is malformed, or asks for several ranges at once, gets the whole: a server may ignore Range, and several
    ranges in one answer serve no player or download tool, only attacks.

    Raises:
        Unsatisfiable
    """
    match = _ONE_RANGE.fullmatch(headers.get("range", ""))
    if match is None or match[1] + match[2] == "" or headers.get("if-range", etag) != etag:
        return None
    first, last = match[1], match[2]
    if first == "":
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(int(last) + 1, size) if last else size
    if last and first and int(last) < int(first):
        return None
    if start >= size:
        raise Unsatisfiable
    return start, stop
