"""The sampler (DDIM, eta 0) with the schedule that the network was trained on; 1000 training steps."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from typing import Self

import torch
from torch import Tensor

_TRAINED = 1000
_BETAS = (0.00085, 0.012)  # linear in the square root
_OFFSET = 1


@dataclass(frozen=True)
class Step:
    """From `timestep` to the next: what is left of the signal at either end."""

    timestep: int
    signal: float
    next_signal: float

    def apply(self, latents: Tensor, noise: Tensor) -> Tensor:
        """The latents of the next step, of those of this one and the noise predicted in them."""
        clean = (latents - noise * sqrt(1 - self.signal)) / sqrt(self.signal)
        return clean * sqrt(self.next_signal) + noise * sqrt(1 - self.next_signal)


@dataclass(frozen=True)
class Schedule:
    steps: tuple[Step, ...]

    @classmethod
    def of(cls, count: int) -> Self:
        """`count` steps, 1..1000, evenly spread, the noisiest first."""
        betas = torch.linspace(_BETAS[0] ** 0.5, _BETAS[1] ** 0.5, _TRAINED, dtype=torch.float32) ** 2
        left: list[float] = torch.cumprod(1 - betas, dim=0).tolist()
        ratio = _TRAINED // count
        times = [min(number * ratio + _OFFSET, _TRAINED - 1) for number in range(count)][::-1]
        return cls(tuple(Step(time, left[time], left[max(time - ratio, 0)]) for time in times))

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)
