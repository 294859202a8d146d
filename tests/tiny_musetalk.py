"""A MuseTalk model folder in upstream's own layout, made on the spot: tiny networks with random weights."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

Config = dict[str, Any]

UNET: Config = {
    "_class_name": "UNet2DConditionModel",
    "_diffusers_version": "0.6.0.dev0",
    "attention_head_dim": 2,
    "block_out_channels": [8, 8, 16, 16],
    "cross_attention_dim": 16,
    "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
    "in_channels": 8,
    "layers_per_block": 1,
    "norm_num_groups": 4,
    "out_channels": 4,
    "sample_size": 64,
    "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
}
VAE: Config = {
    "_class_name": "AutoencoderKL",
    "_diffusers_version": "0.4.2",
    "block_out_channels": [4, 4, 8, 8],
    "down_block_types": ["DownEncoderBlock2D"] * 4,
    "in_channels": 3,
    "latent_channels": 4,
    "layers_per_block": 1,
    "norm_num_groups": 2,
    "out_channels": 3,
    "sample_size": 256,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
}
WHISPER: Config = {
    "model_type": "whisper",
    "d_model": 16,
    "encoder_layers": 2,
    "encoder_attention_heads": 2,
    "encoder_ffn_dim": 24,
    "num_mel_bins": 80,
    "max_source_positions": 1500,
}
OLD_NAMES = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}


def make_musetalk(
    models: Path,
    seed: int = 0,
    unet_config: Config = UNET,
    vae_config: Config = VAE,
    whisper_config: Config = WHISPER,
) -> Path:
    """Write `models`/musetalk; returns it."""
    from diffusers import AutoencoderKL, UNet2DConditionModel

    root = models / "musetalk"
    torch.manual_seed(seed)
    unet: Any = UNet2DConditionModel.from_config(unet_config)  # type: ignore[no-untyped-call]
    vae: Any = AutoencoderKL.from_config(vae_config)  # type: ignore[no-untyped-call]
    _write(root / "musetalkV15", "musetalk.json", unet_config, "unet.pth", _lively(unet.state_dict()))
    old = {_old_name(name): value for name, value in _lively(vae.state_dict()).items()}
    _write(root / "sd-vae", "config.json", vae_config, "diffusion_pytorch_model.bin", old)
    _write(root / "whisper", "config.json", whisper_config, "pytorch_model.bin", _whisper(whisper_config))
    return root


def _lively(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Every weight random, those that start as zeros too: a network of zeros would agree with anything."""
    return {name: _random(name, value) for name, value in state.items()}


def _random(name: str, like: Tensor) -> Tensor:
    if like.dim() > 1:
        # What is heard must weigh: cross attention is strengthened.
        strength: float = (2 if "attn2" in name else 1) / like[0].numel() ** 0.5
        return torch.randn_like(like) * strength
    return torch.randn_like(like) * 0.05 + (1 if "norm" in name and name.endswith("weight") else 0)


def _whisper(config: Config) -> dict[str, Tensor]:
    width, hidden = config["d_model"], config["encoder_ffn_dim"]
    shapes: dict[str, tuple[Any, ...]] = {
        "conv1.weight": (width, config["num_mel_bins"], 3),
        "conv1.bias": (width,),
        "conv2.weight": (width, width, 3),
        "conv2.bias": (width,),
        "embed_positions.weight": (config["max_source_positions"], width),
        "layer_norm.weight": (width,),
        "layer_norm.bias": (width,),
    }
    for layer in range(config["encoder_layers"]):
        matrices = {f"self_attn.{part}_proj": (width, width) for part in "qkv"} | {
            "self_attn.out_proj": (width, width),
            "fc1": (hidden, width),
            "fc2": (width, hidden),
        }
        for name, shape in matrices.items():
            shapes[f"layers.{layer}.{name}.weight"] = shape
            if not name.endswith("k_proj"):
                shapes[f"layers.{layer}.{name}.bias"] = shape[:1]
        for name in ("self_attn_layer_norm", "final_layer_norm"):
            shapes |= {f"layers.{layer}.{name}.{part}": (width,) for part in ("weight", "bias")}
    encoder = {f"model.encoder.{name}": _random(name, torch.empty(shape)) for name, shape in shapes.items()}
    return encoder | {"model.decoder.embed_tokens.weight": torch.randn(8, width)}


def _old_name(name: str) -> str:
    """As the published file, older than the names of today, calls the attention's layers."""
    for new, old in OLD_NAMES.items():
        name = name.replace(f".{new}.", f".{old}.") if "attentions" in name else name
    return name


def _write(folder: Path, config_name: str, config: object, weights_name: str, state: Mapping[str, Tensor]) -> None:
    folder.mkdir(parents=True)
    (folder / config_name).write_text(json.dumps(config))
    torch.save(dict(state), folder / weights_name)
