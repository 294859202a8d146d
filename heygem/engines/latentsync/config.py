"""The network's measures, as upstream's YAML names them. Its published values are the defaults."""

import math
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, Field, ValidationError, model_validator

from heygem.base.errors import ErrorCode, HeygemError
from heygem.engines.latentsync import files
from heygem.weights.folder import ModelFolder

_CROSS, _PLAIN = "CrossAttn{}Block3D", "{}Block3D"


class Motion(BaseModel, frozen=True, extra="forbid"):
    """What attends along time."""

    num_attention_heads: int = Field(default=8, ge=1)
    num_transformer_block: int = Field(default=1, ge=1, le=8)
    attention_block_types: tuple[Literal["Temporal_Self"], ...] = ("Temporal_Self", "Temporal_Self")
    temporal_position_encoding: Literal[True] = True
    temporal_position_encoding_max_len: int = Field(default=24, ge=1, le=1024)
    temporal_attention_dim_div: Literal[1] = 1
    zero_initialize: bool = True  # of training only


class Network(BaseModel, frozen=True, extra="forbid"):
    """The UNet. A `Literal` of one value is what no published network sets otherwise."""

    block_out_channels: tuple[int, ...] = (320, 640, 1280, 1280)
    layers_per_block: int = Field(default=2, ge=1, le=8)
    norm_num_groups: int = Field(default=32, ge=1)
    norm_eps: float = 1e-5
    attention_head_dim: int = Field(default=8, ge=1)  # in truth the number of heads
    cross_attention_dim: int = Field(default=384, ge=1)
    in_channels: Literal[13] = 13  # 4 noise, 1 mask, 4 masked, 4 reference
    out_channels: Literal[4] = 4
    down_block_types: tuple[str, ...] = (*(_CROSS.format("Down"),) * 3, _PLAIN.format("Down"))
    up_block_types: tuple[str, ...] = (_PLAIN.format("Up"), *(_CROSS.format("Up"),) * 3)
    use_motion_module: bool = True
    motion_module_resolutions: tuple[int, ...] = (1, 2, 4, 8)
    motion_module_mid_block: bool = False
    motion_module_decoder_only: bool = False
    motion_module_kwargs: Motion = Motion()
    motion_module_type: Literal["Vanilla"] = "Vanilla"
    mid_block_type: Literal["UNetMidBlock3DCrossAttn"] = "UNetMidBlock3DCrossAttn"
    add_audio_layer: Literal[True] = True
    act_fn: Literal["silu"] = "silu"
    resnet_time_scale_shift: Literal["default"] = "default"
    mid_block_scale_factor: Literal[1] = 1
    downsample_padding: Literal[1] = 1
    flip_sin_to_cos: Literal[True] = True
    freq_shift: Literal[0] = 0
    center_input_sample: Literal[False] = False
    use_inflated_groupnorm: Literal[False] = False
    sample_size: int | None = None  # not used


class Data(BaseModel, frozen=True, extra="ignore"):
    """How the network was trained to be fed."""

    resolution: int = Field(default=256, ge=64, le=1024, multiple_of=64)
    num_frames: int = Field(default=16, ge=1, le=64)
    audio_feat_length: tuple[int, int] = (2, 2)
    video_fps: Literal[25] = 25
    audio_sample_rate: Literal[16000] = 16000


class Config(BaseModel, frozen=True, extra="ignore"):
    model: Network = Network()
    data: Data = Data()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        model, motion = self.model, self.model.motion_module_kwargs
        heads = math.lcm(model.attention_head_dim, motion.num_attention_heads)
        if any(width % heads for width in model.block_out_channels):
            raise ValueError("widths that the heads do not divide")
        if model.use_motion_module and self.data.num_frames > motion.temporal_position_encoding_max_len:
            raise ValueError("more frames than positions")
        return self


def read_config(folder: ModelFolder) -> Config:
    """What `unet_config.yaml` says, or the published values where there is none.

    Raises:
        HeygemError: WEIGHTS_BROKEN if it isn't YAML, WEIGHTS_MISFIT naming the first value that we can't follow.
    """
    path = folder.root / files.CONFIG
    if not path.is_file():
        return Config()
    try:
        found: Any = yaml.safe_load(path.read_bytes())
    except (yaml.YAMLError, ValueError, RecursionError, OSError) as error:
        raise HeygemError(ErrorCode.WEIGHTS_BROKEN, file=folder.label(files.CONFIG)) from error
    try:
        return Config.model_validate(found)
    except ValidationError as error:
        raise folder.misfit(files.CONFIG, ".".join(map(str, error.errors()[0]["loc"])) or "model") from None
