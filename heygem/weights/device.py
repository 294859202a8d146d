"""Where the networks run, in which precision, and what happens when memory runs out there."""

import gc
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.memory import no_room
from heygem.base.settings import Gpu

_DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}

T = TypeVar("T")


@dataclass(frozen=True)
class Compute:
    """A device and the precision of the networks on it."""

    device: torch.device
    dtype: torch.dtype

    @property
    def stored(self) -> type[np.floating[Any]]:
        """What the cache keeps numbers of this precision in: full stays full, either half is a half."""
        return np.float32 if self.dtype == torch.float32 else np.float16


def choose(gpu: Gpu) -> Compute:
    """What the settings say; "auto" is the GPU in half precision where there is one, else the CPU in full.

    Raises:
        HeygemError: BAD_SETTING if a GPU is asked for by name and none is there.
    """
    there = _devices()
    device = there[0] if gpu.device == "auto" else gpu.device
    if device not in there:
        raise HeygemError(ErrorCode.BAD_SETTING, setting="gpu.device", reason=f"there is no {device} device")
    default = "float32" if device == "cpu" else "float16"
    dtype = _DTYPES[default if gpu.precision == "auto" else gpu.precision]
    if dtype == torch.float32:
        torch.backends.cudnn.allow_tf32 = False  # who asks for full precision gets it
    return Compute(torch.device(device), dtype)


def _devices() -> list[str]:
    """Best first."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    return [name for name, here in there.items() if here]


def ran_out(error: BaseException) -> bool:
    """Whether this exception says that memory, the GPU's or the machine's, ran out."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and no_room(error)


def free_memory() -> None:
    """Give back what failed work held."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


@contextmanager
def told() -> Iterator[None]:
    """Inside, memory that runs out comes out as OUT_OF_MEMORY, with nothing held."""
    try:
        yield
    except Exception as error:
        if not ran_out(error):
            raise
        traceback.clear_frames(error.__traceback__)  # the failed work's own variables hold tensors
        free_memory()
        raise HeygemError(ErrorCode.OUT_OF_MEMORY) from None


class Arriving:
    """A tensor on its way from the device to this machine's memory, while the device goes on with other work."""

    def __init__(self, tensor: Tensor) -> None:
        self._event: torch.cuda.Event | None = None
        self._here = tensor
        if tensor.device.type == "cuda":
            self._here = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
            self._here.copy_(tensor, non_blocking=True)
            self._event = torch.cuda.Event()  # type: ignore[no-untyped-call]
            self._event.record()

    def wait(self) -> npt.NDArray[Any]:
        """The numbers, once they are here. What failed on the device since is raised here."""
        if self._event is not None:
            self._event.synchronize()
        return self._here.cpu().numpy()


class Room:
    """How many items of one render go through a network at once: halved once when memory runs out, for good."""

    def __init__(self, most: int) -> None:
        self.size = max(1, most)
        self._halved = False

    def run(self, work: Callable[..., Tensor], *inputs: Tensor) -> Tensor:
        """`work` on pieces of the inputs, which are cut along their first axis; its answers in one.

        Raises:
            HeygemError: OUT_OF_MEMORY when it runs out a second time, or nothing is left to halve.
        """
        done: list[Tensor] = []
        start = 0
        while start < len(inputs[0]):
            piece = self._attempt(work, tuple(given[start : start + self.size] for given in inputs))
            if piece is None:
                continue
            done.append(piece)
            start += self.size
        return done[0] if len(done) == 1 else torch.cat(done)

    def _attempt(self, work: Callable[..., Tensor], inputs: tuple[Tensor, ...]) -> Tensor | None:
        """None where it has to be tried again with fewer."""
        with told():
            try:
                return work(*inputs)
            except Exception as error:
                if not ran_out(error) or self._halved or self.size == 1:
                    raise
        free_memory()
        self.size, self._halved = self.size // 2, True
        return None
