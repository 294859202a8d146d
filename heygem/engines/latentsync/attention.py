"""Attention within a frame, to the sound, and along time.

Parameter names are the published checkpoint's. Inside, a clip of F frames is a batch of pictures (B*F, C, H, W).
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from heygem.engines.latentsync.config import Motion, Network

_NORM_EPS = 1e-6
_MOTION_GROUPS = 32  # whatever the other layers have


class Attention(nn.Module):
    def __init__(self, width: int, heads: int, context: int | None = None) -> None:
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(width, width, bias=False)
        self.to_k = nn.Linear(context or width, width, bias=False)
        self.to_v = nn.Linear(context or width, width, bias=False)
        self.to_out = nn.ModuleList([nn.Linear(width, width)])

    def forward(self, tokens: Tensor, context: Tensor | None = None) -> Tensor:
        """Tokens (N, S, C) look at each other, or at the context (N, L, D)."""
        seen = tokens if context is None else context
        query, key, value = self._split(self.to_q(tokens)), self._split(self.to_k(seen)), self._split(self.to_v(seen))
        mixed = functional.scaled_dot_product_attention(query, key, value)
        joined: Tensor = self.to_out[0](mixed.transpose(1, 2).flatten(2))
        return joined

    def _split(self, tokens: Tensor) -> Tensor:
        return tokens.view(*tokens.shape[:2], self.heads, -1).transpose(1, 2)


class _Gated(nn.Module):
    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.proj = nn.Linear(width, inner * 2)

    def forward(self, tokens: Tensor) -> Tensor:
        projected: Tensor = self.proj(tokens)
        kept, gate = projected.chunk(2, dim=-1)
        return kept * functional.gelu(gate)


class FeedForward(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.net = nn.Sequential(_Gated(width, width * 4), nn.Identity(), nn.Linear(width * 4, width))

    def forward(self, tokens: Tensor) -> Tensor:
        changed: Tensor = self.net(tokens)
        return changed


class _SpatialBlock(nn.Module):
    def __init__(self, width: int, heads: int, sound: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attn1 = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.attn2 = Attention(width, heads, sound)
        self.norm3 = nn.LayerNorm(width)
        self.ff = FeedForward(width)

    def forward(self, tokens: Tensor, sound: Tensor) -> Tensor:
        tokens = tokens + self.attn1(self.norm1(tokens))
        tokens = tokens + self.attn2(self.norm2(tokens), sound)
        changed: Tensor = self.ff(self.norm3(tokens))
        return tokens + changed


class SpatialTransformer(nn.Module):
    """Every place of a frame looks at the frame, then at the frame's sound (B*F, L, D)."""

    def __init__(self, width: int, network: Network) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(network.norm_num_groups, width, _NORM_EPS)
        self.proj_in = nn.Conv2d(width, width, 1)
        self.transformer_blocks = nn.ModuleList(
            [_SpatialBlock(width, network.attention_head_dim, network.cross_attention_dim)]
        )
        self.proj_out = nn.Conv2d(width, width, 1)

    def forward(self, pictures: Tensor, sound: Tensor) -> Tensor:
        tokens = self.proj_in(self.norm(pictures)).flatten(2).transpose(1, 2)
        for block in self.transformer_blocks:
            tokens = block(tokens, sound)
        changed: Tensor = self.proj_out(tokens.transpose(1, 2).reshape(pictures.shape))
        return pictures + changed


class _Position(nn.Module):
    pe: Tensor

    def __init__(self, width: int, longest: int) -> None:
        super().__init__()
        angle = torch.arange(longest)[:, None] * torch.exp(torch.arange(0, width, 2) * (-math.log(10_000) / width))
        self.register_buffer("pe", torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)[None])


class _TemporalAttention(Attention):
    def __init__(self, width: int, motion: Motion) -> None:
        super().__init__(width, motion.num_attention_heads)
        self.pos_encoder = _Position(width, motion.temporal_position_encoding_max_len)

    def forward(self, tokens: Tensor, context: Tensor | None = None) -> Tensor:  # noqa: ARG002 (the base class's)
        return super().forward(tokens + self.pos_encoder.pe[:, : tokens.shape[1]])


class _TemporalBlock(nn.Module):
    def __init__(self, width: int, motion: Motion) -> None:
        super().__init__()
        kinds = motion.attention_block_types
        self.attention_blocks = nn.ModuleList([_TemporalAttention(width, motion) for _ in kinds])
        self.norms = nn.ModuleList([nn.LayerNorm(width) for _ in kinds])
        self.ff = FeedForward(width)
        self.ff_norm = nn.LayerNorm(width)

    def forward(self, tokens: Tensor) -> Tensor:
        for attend, norm in zip(self.attention_blocks, self.norms, strict=True):
            tokens = tokens + attend(norm(tokens))
        changed: Tensor = self.ff(self.ff_norm(tokens))
        return tokens + changed


class _TemporalTransformer(nn.Module):
    def __init__(self, width: int, motion: Motion) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(_MOTION_GROUPS, width, _NORM_EPS)
        self.proj_in = nn.Linear(width, width)
        self.transformer_blocks = nn.ModuleList(
            [_TemporalBlock(width, motion) for _ in range(motion.num_transformer_block)]
        )
        self.proj_out = nn.Linear(width, width)

    def forward(self, pictures: Tensor, frames: int) -> Tensor:
        _, channels, height, width = pictures.shape
        clips: Tensor = self.norm(pictures).view(-1, frames, channels, height, width)
        # Each place is a sequence of its own along time: (B*H*W, F, C).
        tokens = self.proj_in(clips.permute(0, 3, 4, 1, 2).flatten(0, 2))
        for block in self.transformer_blocks:
            tokens = block(tokens)
        changed: Tensor = self.proj_out(tokens).view(-1, height, width, frames, channels)
        return pictures + changed.permute(0, 3, 4, 1, 2).flatten(0, 1)


class MotionModule(nn.Module):
    """Every place of a clip looks at the same place in the clip's other frames."""

    def __init__(self, width: int, motion: Motion) -> None:
        super().__init__()
        self.temporal_transformer = _TemporalTransformer(width, motion)

    def forward(self, pictures: Tensor, frames: int) -> Tensor:
        changed: Tensor = self.temporal_transformer(pictures, frames)
        return changed
