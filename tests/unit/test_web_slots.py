import contextlib
from dataclasses import dataclass

import pytest

from bot.slots import Slot, Slots
from heygem.base.errors import ErrorCode, HeygemError


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("bot.slots.monotonic", clock)
    return clock


def refused(slots: Slots, key: str) -> bool:
    try:
        slots.take(key)
    except HeygemError:
        return True
    return False


def evicted(held: list[Slot]) -> list[bool]:
    return [slot.evicted for slot in held]


def test_slots_are_given_back_once() -> None:
    slots = Slots(1)
    slot = slots.take("link")
    with pytest.raises(HeygemError) as caught:
        slots.take("link")
    assert caught.value.code is ErrorCode.DOWNLOADS_BUSY
    assert dict(caught.value.params) == {"limit": 1, "retry_s": 30}

    slot.release()
    slot.release()
    slots.take("link")
    with pytest.raises(HeygemError):
        slots.take("link")


def test_room_is_made_by_who_has_more_than_others_and_is_slowest_among_those(clock: Clock) -> None:
    slots = Slots(3)
    held = [slots.take("a") for _ in range(3)]
    with pytest.raises(HeygemError):  # too young to be called slow
        slots.take("b")
    clock.now += 10
    for slot, moved in zip(held, (90_000_000, 10_000_000, 50_000_000), strict=True):
        slot.moved(moved)
    slots.take("b")
    assert evicted(held) == [False, True, False]


@pytest.mark.parametrize(("moved", "made_room"), [(50_000, True), (5_000_000, False)])
def test_among_equals_only_who_is_slow_indeed_makes_room(clock: Clock, moved: int, *, made_room: bool) -> None:
    slots = Slots(2)
    held = [slots.take(key) for key in ("a", "b")]
    clock.now += 10
    held[0].moved(50_000_000)
    held[1].moved(moved)
    with contextlib.nullcontext() if made_room else pytest.raises(HeygemError):
        slots.take("c")
    assert evicted(held) == [False, made_room]


def test_what_filled_buffers_at_first_is_no_speed(clock: Clock) -> None:
    slots = Slots(1)
    held = slots.take("a")
    held.moved(4_000_000)
    clock.now += 1.9
    assert refused(slots, "b")
    clock.now += 0.5
    slots.take("b")
    assert held.evicted


def test_who_was_fast_and_stops_makes_room(clock: Clock) -> None:
    slots = Slots(1)
    held = slots.take("a")
    for _ in range(40):
        clock.now += 0.25
        held.moved(5_000_000)
    clock.now += 5
    assert refused(slots, "b")
    clock.now += 5.5
    slots.take("b")
    assert held.evicted


@pytest.mark.parametrize("lump", [10_000, 65_536, 200_000])
def test_an_honest_line_of_100_kilobytes_a_second_keeps_its_slot_however_lumpy(clock: Clock, lump: int) -> None:
    slots = Slots(1)
    held = slots.take("a")
    held.moved(400_000)
    began, took = clock.now, 0
    while clock.now < began + 60:
        clock.now += 0.05
        while took + lump <= (clock.now - began) * 100_000:
            took += lump
            held.moved(lump)
        assert refused(slots, f"{clock.now}")


def test_who_made_room_and_comes_back_at_once_is_not_there_before_anybody_else(clock: Clock) -> None:
    slots = Slots(1)
    slots.take("first crawler")
    clock.now += 3
    slots.take("second crawler")
    clock.now += 3
    assert refused(slots, "first crawler")
    person = slots.take("person")
    assert not person.evicted
    clock.now += 9.5
    assert refused(slots, "first crawler")
    clock.now += 1
    slots.take("first crawler")  # a person who takes nothing for so long makes room like everybody
    assert person.evicted
