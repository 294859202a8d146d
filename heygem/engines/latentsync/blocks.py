"""What the UNet is built of: residual blocks whose norms reach over a whole clip, and levels of them.

Inside, a clip of F frames is a batch of pictures (B*F, C, H, W).
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from heygem.engines.latentsync.attention import MotionModule, SpatialTransformer
from heygem.engines.latentsync.config import Network


@dataclass(frozen=True)
class Given:
    """What every block of one pass is given: `time` (1, D), `sound` (B*F, L, E), `frames` F."""

    time: Tensor
    sound: Tensor
    frames: int


class ClipNorm(nn.GroupNorm):
    """Group norm over all frames of a clip together."""

    def over(self, pictures: Tensor, frames: int) -> Tensor:
        clips = pictures.view(-1, frames, *pictures.shape[1:]).transpose(1, 2)
        return super().forward(clips).transpose(1, 2).flatten(0, 1)


class Residual(nn.Module):
    def __init__(self, inputs: int, outputs: int, network: Network) -> None:
        super().__init__()
        groups, eps = network.norm_num_groups, network.norm_eps
        self.norm1 = ClipNorm(groups, inputs, eps)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.time_emb_proj = nn.Linear(network.block_out_channels[0] * 4, outputs)
        self.norm2 = ClipNorm(groups, outputs, eps)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.conv_shortcut = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else None

    def forward(self, pictures: Tensor, given: Given) -> Tensor:
        changed = self.conv1(functional.silu(self.norm1.over(pictures, given.frames)))
        changed = changed + self.time_emb_proj(functional.silu(given.time))[:, :, None, None]
        changed = self.conv2(functional.silu(self.norm2.over(changed, given.frames)))
        kept = pictures if self.conv_shortcut is None else self.conv_shortcut(pictures)
        total: Tensor = kept + changed
        return total


class _Downsample(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, stride=2, padding=1)

    def forward(self, pictures: Tensor) -> Tensor:
        smaller: Tensor = self.conv(pictures)
        return smaller


class _Upsample(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, pictures: Tensor) -> Tensor:
        larger: Tensor = self.conv(functional.interpolate(pictures, scale_factor=2.0, mode="nearest"))
        return larger


class Level(nn.Module):
    """Residual blocks of one size, each followed by attention to the sound and along time where the level has them."""

    def __init__(self, widths: list[tuple[int, int]], network: Network, attends: bool, moves: bool) -> None:
        super().__init__()
        outputs = [output for _, output in widths]
        self.resnets = nn.ModuleList([Residual(*width, network) for width in widths])
        self.attentions = nn.ModuleList([SpatialTransformer(width, network) for width in outputs if attends])
        motion = network.motion_module_kwargs
        self.motion_modules = nn.ModuleList([MotionModule(width, motion) for width in outputs if moves])

    def step(self, number: int, pictures: Tensor, given: Given) -> Tensor:
        pictures = self.resnets[number](pictures, given)
        if len(self.attentions):
            pictures = self.attentions[number](pictures, given.sound)
        if len(self.motion_modules):
            pictures = self.motion_modules[number](pictures, given.frames)
        return pictures


class DownLevel(Level):
    def __init__(
        self, widths: list[tuple[int, int]], network: Network, attends: bool, moves: bool, shrinks: bool
    ) -> None:
        super().__init__(widths, network, attends, moves)
        self.downsamplers = nn.ModuleList([_Downsample(widths[-1][1])] if shrinks else [])

    def forward(self, pictures: Tensor, given: Given) -> tuple[Tensor, list[Tensor]]:
        """The pictures, and all that the way up will look back at."""
        kept = []
        for number in range(len(self.resnets)):
            pictures = self.step(number, pictures, given)
            kept.append(pictures)
        for shrink in self.downsamplers:
            pictures = shrink(pictures)
            kept.append(pictures)
        return pictures, kept


class UpLevel(Level):
    def __init__(
        self, widths: list[tuple[int, int]], network: Network, attends: bool, moves: bool, grows: bool
    ) -> None:
        super().__init__(widths, network, attends, moves)
        self.upsamplers = nn.ModuleList([_Upsample(widths[-1][1])] if grows else [])

    def forward(self, pictures: Tensor, kept: list[Tensor], given: Given) -> Tensor:
        """`kept` loses what this level looked back at."""
        for number in range(len(self.resnets)):
            pictures = self.step(number, torch.cat([pictures, kept.pop()], dim=1), given)
        for grow in self.upsamplers:
            pictures = grow(pictures)
        return pictures


class MiddleLevel(nn.Module):
    def __init__(self, width: int, network: Network, moves: bool) -> None:
        super().__init__()
        self.resnets = nn.ModuleList([Residual(width, width, network) for _ in range(2)])
        self.attentions = nn.ModuleList([SpatialTransformer(width, network)])
        self.motion_modules = nn.ModuleList([MotionModule(width, network.motion_module_kwargs)] if moves else [])

    def forward(self, pictures: Tensor, given: Given) -> Tensor:
        pictures = self.attentions[0](self.resnets[0](pictures, given), given.sound)
        for move in self.motion_modules:
            pictures = move(pictures, given.frames)
        changed: Tensor = self.resnets[1](pictures, given)
        return changed
