"""What happens when memory runs out, and where the networks run."""

import weakref
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Gpu
from heygem.weights.device import Room, choose, told


class Small:
    """A network with room for so many items; it notes how many it was given."""

    def __init__(self, room: int, error: Callable[[], BaseException] = torch.OutOfMemoryError) -> None:
        self.room = room
        self.error = error
        self.given: list[int] = []

    def __call__(self, one: Tensor, two: Tensor) -> Tensor:
        assert len(one) == len(two)
        self.given.append(len(one))
        if len(one) > self.room:
            raise self.error()
        return one + two


ONE, TWO = torch.arange(10.0), torch.arange(10.0) * 100


def test_what_fits_goes_through_at_once() -> None:
    small = Small(16)
    assert torch.equal(Room(16).run(small, ONE, TWO), ONE + TWO)
    assert small.given == [10]


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError,
        MemoryError,
        lambda: RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to"),
        lambda: RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    ],
    ids=["torch", "python", "cpu", "cublas"],
)
def test_without_room_half_as_many_go_through_from_then_on(error: Callable[[], BaseException]) -> None:
    room, small = Room(8), Small(4, error)
    assert torch.equal(room.run(small, ONE, TWO), ONE + TWO)
    assert small.given == [8, 4, 4, 2]
    room.run(small, ONE, TWO)
    assert small.given[4:] == [4, 4, 2]


def test_it_is_halved_once_only() -> None:
    room, small = Room(8), Small(2)
    with pytest.raises(HeygemError) as caught:
        room.run(small, ONE, TWO)
    assert caught.value.code is ErrorCode.OUT_OF_MEMORY
    assert small.given == [8, 4]


def test_one_item_can_t_be_halved() -> None:
    with pytest.raises(HeygemError) as caught:
        Room(1).run(Small(0), ONE, TWO)
    assert caught.value.code is ErrorCode.OUT_OF_MEMORY


def test_another_failure_is_not_mistaken_for_a_lack_of_memory() -> None:
    small = Small(4, lambda: RuntimeError("shapes cannot be multiplied"))
    with pytest.raises(RuntimeError, match="multiplied"):
        Room(8).run(small, ONE, TWO)
    assert small.given == [8]


def test_what_failed_is_let_go_before_it_is_tried_again() -> None:
    held: list[weakref.ref[Tensor]] = []

    def work(one: Tensor) -> Tensor:
        assert not any(big() is not None for big in held)
        big = torch.zeros(1)
        held.append(weakref.ref(big))
        if len(one) > 2:
            raise torch.OutOfMemoryError
        return one + big

    Room(4).run(work, ONE[:4])
    assert len(held) == 3


def test_loading_without_room_is_told_the_same_way_and_lets_go() -> None:
    held: list[weakref.ref[Tensor]] = []

    def load() -> None:
        big = torch.zeros(1)
        held.append(weakref.ref(big))
        raise torch.OutOfMemoryError

    with pytest.raises(HeygemError) as caught, told():
        load()
    assert caught.value.code is ErrorCode.OUT_OF_MEMORY
    assert held[0]() is None


def test_the_settings_say_where_and_how_precisely() -> None:
    cpu = choose(Gpu(device="cpu"))
    assert (cpu.device.type, cpu.dtype) == ("cpu", torch.float32)
    assert choose(Gpu(device="cpu", precision="bfloat16")).dtype == torch.bfloat16
    if not torch.cuda.is_available():
        with pytest.raises(HeygemError) as caught:
            choose(Gpu(device="cuda"))
        assert (caught.value.code, caught.value.params["setting"]) == (ErrorCode.BAD_SETTING, "gpu.device")
