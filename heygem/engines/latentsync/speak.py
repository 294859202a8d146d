"""A clip of aligned faces made to say what is heard."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from heygem.engines.latentsync.denoise import Sampler, denoise
from heygem.engines.latentsync.models import Models
from heygem.engines.latentsync.restore import keep_surroundings
from heygem.weights.device import Room, told


@dataclass(frozen=True)
class Rooms:
    """How much of a clip goes through at once: of the two halves of guidance, and of the frames to encode or decode."""

    guidance: Room
    frames: Room

    @classmethod
    def of(cls, frames: int) -> Self:
        return cls(Room(2), Room(frames))


@torch.inference_mode()
def speak(
    models: Models,
    crops: npt.NDArray[np.uint8],
    sound: Tensor,
    noise: Tensor,
    sampler: Sampler,
    rooms: Rooms,
    check: Callable[[], None] = lambda: None,
) -> Tensor:
    """Faces (N, 3, R, R), -1..1, on the CPU, of crops (N, R, R, 3) and what is heard in each (N, 50, 384).

    `noise` and `check` are those of `denoise`.

    Raises:
        HeygemError: OUT_OF_MEMORY.
    """
    with told():
        pictures = models.pixels(crops)
        conditions = models.conditions(pictures, rooms.frames)
        latents = denoise(models.unet, noise, conditions, sound, sampler, models.compute, rooms.guidance, check)
        made = models.decoded(latents, rooms.frames).float()
        return keep_surroundings(made, pictures, models.mask.to(pictures)).cpu()
