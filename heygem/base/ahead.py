"""Work that a thread does before its results are asked for."""

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(items: Iterator[T], count: int) -> Generator[T]:
    """The same items in the same order, but up to `count` of them are made in a thread while one is being used.

    What the thread raises is raised here, when it is that item's turn. Whoever stops before the end closes it.
    """
    end = object()
    with ThreadPoolExecutor(1, "ahead") as thread:
        coming = deque(thread.submit(next, items, end) for _ in range(count))
        try:
            while (item := coming.popleft().result()) is not end:
                coming.append(thread.submit(next, items, end))
                yield item  # type: ignore[misc]  # `end` is told from all of them
        finally:
            for one in coming:
                one.cancel()
