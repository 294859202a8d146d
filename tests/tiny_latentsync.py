"""A LatentSync model folder in upstream's own layout, made on the spot: tiny networks with random weights."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import Tensor
from whisper.model import ModelDimensions, Whisper

from heygem.engines.latentsync.config import Config
from heygem.engines.latentsync.unet import UNet
from tests.tiny_musetalk import VAE

RESOLUTION = 64
UNET: dict[str, Any] = {
    "model": {
        "add_audio_layer": True,
        "attention_head_dim": 2,
        "block_out_channels": [32, 32, 64, 64],
        "cross_attention_dim": 384,
        "in_channels": 13,
        "layers_per_block": 1,
        "norm_num_groups": 8,
        "out_channels": 4,
        "use_motion_module": True,
        "motion_module_kwargs": {"num_attention_heads": 2},
    },
    "data": {"resolution": RESOLUTION, "num_frames": 16, "mask_image_path": "latentsync/utils/mask.png"},
    "run": {"inference_steps": 20},
}
WHISPER = ModelDimensions(80, 1500, 384, 6, 1, n_vocab=8, n_text_ctx=4, n_text_state=8, n_text_head=1, n_text_layer=1)
_OLD_NAMES = {".to_q.": ".query.", ".to_k.": ".key.", ".to_v.": ".value.", ".to_out.0.": ".proj_attn."}


def make_latentsync(models: Path, seed: int = 0) -> Path:
    """Write `models`/latentsync, without a mask; returns it."""
    from diffusers import AutoencoderKL

    root = models / "latentsync"
    torch.manual_seed(seed)
    (root / "checkpoints" / "whisper").mkdir(parents=True)
    (root / "sd-vae").mkdir()
    unet = _lively(UNet(Config.model_validate(UNET).model).state_dict())
    torch.save({"global_step": 1, "state_dict": unet}, root / "checkpoints" / "latentsync_unet.pt")
    half = {name: value.half() for name, value in _lively(Whisper(WHISPER).state_dict()).items()}
    whisper = {"dims": vars(WHISPER), "model_state_dict": half}
    torch.save(whisper, root / "checkpoints" / "whisper" / "tiny.pt")
    vae: Any = AutoencoderKL.from_config(VAE)  # type: ignore[no-untyped-call]
    old = {_old_name(name): value for name, value in _lively(vae.state_dict()).items()}
    torch.save(old, root / "sd-vae" / "diffusion_pytorch_model.bin")
    (root / "sd-vae" / "config.json").write_text(json.dumps(VAE))
    (root / "unet_config.yaml").write_text(yaml.safe_dump(UNET))
    return root


def _lively(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Every weight random, those that start as zeros too: a network of zeros would agree with anything."""
    return {name: _random(name, value) for name, value in state.items()}


def _random(name: str, like: Tensor) -> Tensor:
    if name.endswith(".pe"):
        return like
    if like.dim() > 1:
        return torch.randn_like(like) * float(like[0].numel() ** -0.5)
    return torch.randn_like(like) * 0.05 + (1 if "norm" in name and name.endswith("weight") else 0)


def _old_name(name: str) -> str:
    if "attentions" in name:
        for new, old in _OLD_NAMES.items():
            name = name.replace(new, old)
    return name
