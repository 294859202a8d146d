"""From noise to a face that says what is heard: the sampler around the network."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from heygem.engines.latentsync.ddim import Schedule
from heygem.weights.device import Compute, Room

SEED = 1247  # upstream's; every render begins with the same noise
CHANNELS = 4


@dataclass(frozen=True)
class Sampler:
    """`steps` passes through the network; `guidance` above 1 moves away from what it would do in silence."""

    steps: int = 20
    guidance: float = 1.5


def first_noise(side: int, seed: int = SEED) -> Tensor:
    """The noise (1, 4, 1, side, side) that every frame of a render begins with: the same on every machine."""
    return torch.randn((1, CHANNELS, 1, side, side), generator=torch.Generator().manual_seed(seed))


@torch.inference_mode()
def predict(unet: nn.Module, clip: Tensor, timestep: int, sound: Tensor, compute: Compute, room: Room) -> Tensor:
    """The noise (2, 4, F, h, w) that the network sees in a clip (1, 13, F, h, w): without sound, and with (F, 50, 384).

    Both at once while there is room, else one after the other.
    """
    clips = clip.expand(2, -1, -1, -1, -1).to(compute.device, compute.dtype)
    sounds = torch.stack([torch.zeros_like(sound), sound]).to(compute.device, compute.dtype)
    return room.run(lambda clips, sounds: unet(clips, timestep, sounds.flatten(0, 1)), clips, sounds)


@torch.inference_mode()
def denoise(
    unet: nn.Module,
    noise: Tensor,
    conditions: Tensor,
    sound: Tensor,
    sampler: Sampler,
    compute: Compute,
    room: Room,
    check: Callable[[], None] = lambda: None,
) -> Tensor:
    """Latents (1, 4, F, h, w) of a clip.

    `noise` (1, 4, 1 or F, h, w); `conditions` (1, 9, F, h, w): mask, masked and reference latents; `sound` (F, 50,
    384). `check` is called before every step, to end by raising. What is between the steps is in full precision.

    Raises:
        HeygemError: OUT_OF_MEMORY.
    """
    latents = noise.expand(-1, -1, conditions.shape[2], -1, -1).to(compute.device, torch.float32)
    conditions = conditions.to(compute.device, torch.float32)
    for step in Schedule.of(sampler.steps):
        check()
        clip = torch.cat([latents, conditions], dim=1)
        silent, heard = predict(unet, clip, step.timestep, sound, compute, room).float().chunk(2)
        latents = step.apply(latents, silent + sampler.guidance * (heard - silent))
    return latents
