"""LatentSync's network: from a noisy clip, its masked and reference pictures and its sound to the noise in it.

The layers and their names follow bytedance/LatentSync, latentsync/models/unet.py (Apache-2.0), so that its
`latentsync_unet.pt` loads as it is.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from heygem.engines.latentsync.blocks import ClipNorm, DownLevel, Given, MiddleLevel, UpLevel
from heygem.engines.latentsync.config import Network


class _TimeEmbedding(nn.Module):
    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.linear_1 = nn.Linear(inputs, width)
        self.linear_2 = nn.Linear(width, width)

    def forward(self, waves: Tensor) -> Tensor:
        embedded: Tensor = self.linear_2(functional.silu(self.linear_1(waves)))
        return embedded


class UNet(nn.Module):
    """The network of `Config.model`."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        widths = network.block_out_channels
        self._width = widths[0]
        self.conv_in = nn.Conv2d(network.in_channels, widths[0], 3, padding=1)
        self.time_embedding = _TimeEmbedding(widths[0], widths[0] * 4)
        self.down_blocks = nn.ModuleList(_way_down(network))
        moves = network.use_motion_module and network.motion_module_mid_block
        self.mid_block = MiddleLevel(widths[-1], network, moves)
        self.up_blocks = nn.ModuleList(_way_up(network))
        self.conv_norm_out = ClipNorm(network.norm_num_groups, widths[0], network.norm_eps)
        self.conv_out = nn.Conv2d(widths[0], network.out_channels, 3, padding=1)

    def forward(self, clips: Tensor, timestep: int, sound: Tensor) -> Tensor:
        """The noise (B, 4, F, h, w) in clips (B, 13, F, h, w) with their sound (B*F, 50, 384).

        The 13 channels are 4 of noisy latents, 1 of the mask, 4 of the masked and 4 of the reference picture.
        """
        frames = clips.shape[2]
        given = Given(self._time(timestep), sound, frames)
        pictures: Tensor = self.conv_in(clips.transpose(1, 2).flatten(0, 1))
        kept = [pictures]
        for down in self.down_blocks:
            pictures, more = down(pictures, given)
            kept += more
        pictures = self.mid_block(pictures, given)
        for up in self.up_blocks:
            pictures = up(pictures, kept, given)
        noise: Tensor = self.conv_out(functional.silu(self.conv_norm_out.over(pictures, frames)))
        return noise.view(-1, frames, *noise.shape[1:]).transpose(1, 2)

    def _time(self, timestep: int) -> Tensor:
        half, weight = self._width // 2, self.time_embedding.linear_1.weight
        rates = torch.exp(torch.arange(half, device=weight.device) * (-math.log(10_000) / half))
        angle = timestep * rates
        embedded: Tensor = self.time_embedding(torch.cat([angle.cos(), angle.sin()])[None].to(weight.dtype))
        return embedded


def _way_down(network: Network) -> list[DownLevel]:
    widths, levels, before = network.block_out_channels, [], network.block_out_channels[0]
    for number, (kind, width) in enumerate(zip(network.down_block_types, widths, strict=True)):
        pairs = [(before if layer == 0 else width, width) for layer in range(network.layers_per_block)]
        moves = _moves(network, number) and not network.motion_module_decoder_only
        levels.append(DownLevel(pairs, network, kind.startswith("Cross"), moves, number < len(widths) - 1))
        before = width
    return levels


def _way_up(network: Network) -> list[UpLevel]:
    """Each block takes what the one before made, and what the way down kept at the same place."""
    kept = _kept_widths(network)
    levels, before = [], network.block_out_channels[-1]
    upwards = list(enumerate(network.block_out_channels))[::-1]
    for kind, (number, width) in zip(network.up_block_types, upwards, strict=True):
        pairs = []
        for _ in range(network.layers_per_block + 1):
            pairs.append((before + kept.pop(), width))
            before = width
        levels.append(UpLevel(pairs, network, kind.startswith("Cross"), _moves(network, number), number > 0))
    return levels


def _kept_widths(network: Network) -> list[int]:
    widths = network.block_out_channels
    kept = [widths[0]]
    for number, width in enumerate(widths):
        kept += [width] * (network.layers_per_block + (number < len(widths) - 1))
    return kept


def _moves(network: Network, number: int) -> bool:
    return network.use_motion_module and 2**number in network.motion_module_resolutions
