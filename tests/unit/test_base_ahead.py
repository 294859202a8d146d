"""Work that a thread does before its results are asked for."""

import threading
from collections.abc import Iterator

import pytest

from heygem.base.ahead import ahead
from tests.patience import PATIENCE_SECONDS


def test_items_come_in_order_and_each_once() -> None:
    assert list(ahead(iter(range(20)), 3)) == list(range(20))
    assert list(ahead(iter(()), 3)) == []


def test_the_next_items_are_made_while_one_is_used() -> None:
    made = [threading.Event() for _ in range(5)]

    def items() -> Iterator[int]:
        for number, event in enumerate(made):
            event.set()
            yield number

    coming = ahead(items(), 2)
    assert next(coming) == 0
    assert made[2].wait(PATIENCE_SECONDS)
    coming.close()
    assert not made[4].is_set()


def test_what_goes_wrong_is_raised_when_it_is_its_turn() -> None:
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise OSError("torn")

    coming = ahead(items(), 3)
    assert [next(coming), next(coming)] == [1, 2]
    with pytest.raises(OSError, match="torn"):
        next(coming)


def test_whoever_stops_early_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    coming = ahead(iter(range(1000)), 3)
    next(coming)
    coming.close()
    assert threading.active_count() == before
