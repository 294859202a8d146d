"""How long something is tried again, and when."""

import pytest

from bot.chat import retry
from bot.chat.delivery import ClosedError, DeliveryError, RefusedError, TroubleError, TryLaterError, UncertainError
from bot.chat.retry import Policy, patiently, told_seconds


class Clock:
    """Sleeping takes no time here; it is written down."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(retry, "time", clock)
    monkeypatch.setattr(retry, "asyncio", clock)
    return clock


class Step:
    """Fails with each of `errors` in turn, then answers."""

    def __init__(self, *errors: DeliveryError) -> None:
        self.errors = list(errors)

    async def __call__(self) -> str:
        if self.errors:
            raise self.errors.pop(0)
        return "done"


async def test_a_platforms_wait_is_obeyed_to_the_letter_and_uses_up_nothing(clock: Clock) -> None:
    step = Step(*(TryLaterError(60) for _ in range(5)), UncertainError(), UncertainError())
    assert await patiently(step, Policy(pauses=(1.0,), longest=2.0)) == "done"
    assert clock.slept == [60.0] * 5 + [1.0] * 2


async def test_pauses_grow_and_the_last_one_stays_until_the_time_is_up(clock: Clock) -> None:
    with pytest.raises(UncertainError):
        await patiently(Step(*(UncertainError() for _ in range(99))), Policy(pauses=(1.0, 2.0, 5.0), longest=20.0))
    assert clock.slept == [1.0, 2.0, 5.0, 5.0, 5.0]


async def test_a_platforms_own_trouble_is_waited_out_for_a_while_only(clock: Clock) -> None:
    assert await patiently(Step(*(TroubleError(2) for _ in range(10))), Policy(longest=20.0)) == "done"
    with pytest.raises(TroubleError):
        await patiently(Step(*(TroubleError(2) for _ in range(11))), Policy(longest=20.0))
    assert sum(clock.slept) == 40


async def test_without_pauses_what_may_have_happened_is_not_repeated(clock: Clock) -> None:
    with pytest.raises(UncertainError):
        await patiently(Step(TryLaterError(3), UncertainError()), Policy())
    assert clock.slept == [3]


async def test_waits_are_obeyed_as_often_as_the_policy_says(clock: Clock) -> None:
    with pytest.raises(TryLaterError):
        await patiently(Step(*(TryLaterError(1) for _ in range(4))), Policy(waits=3))
    assert clock.slept == [1] * 3


@pytest.mark.parametrize("error", [RefusedError("no"), ClosedError()])
async def test_a_refusal_is_final(clock: Clock, error: DeliveryError) -> None:
    with pytest.raises(type(error)):
        await patiently(Step(error), Policy(pauses=(1.0,)))
    assert clock.slept == []


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"Retry-After": "7"}, 7), ({"retry-after": "-1"}, 0), ({"Retry-After": "soon"}, 5), ({}, 5)],
)
def test_a_wait_is_what_the_answer_says(headers: dict[str, str], seconds: float) -> None:
    assert told_seconds(headers) == seconds
