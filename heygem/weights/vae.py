"""The image autoencoder of Stable Diffusion (sd-vae-ft-mse), which the latent engines share.

Latents are 8 times smaller than pictures and already times the model's scaling factor; the encoder answers with the
mean of its distribution, so that the same picture always has the same latents.

Pictures are made contiguous (NCHW) here: on the CPU, torch's group normalisation of channels-last pictures loses four
digits on even areas, such as a masked half (2e-3 instead of 4e-6 in the latents, measured).
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from heygem.weights.device import Compute, told
from heygem.weights.folder import ModelFolder

_CHANNELS, _LEVELS = 4, 4  # of latents; of pictures' sizes, each half the one before

# As files from before diffusers 0.17 name the attention's layers, sd-vae-ft-mse among them.
_OLD_NAMES = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}


class Vae:
    """`encode`: pictures (N, 3, H, W) in -1..1 to latents (N, 4, H/8, W/8). `decode`: the way back."""

    def __init__(self, model: Any) -> None:  # diffusers hides its classes from type checkers
        self._model = model
        self._scale = float(model.config.scaling_factor)

    @torch.inference_mode()
    def encode(self, pictures: Tensor) -> Tensor:
        mean: Tensor = self._model.encode(pictures.contiguous()).latent_dist.mode()
        return mean * self._scale

    def decode(self, latents: Tensor) -> Tensor:
        """Pictures in 0..1."""
        return (self.decode_open(latents) / 2 + 0.5).clamp(0, 1)

    @torch.inference_mode()
    def decode_open(self, latents: Tensor) -> Tensor:
        """Pictures about -1..1, as they come out."""
        pictures: Tensor = self._model.decode((latents / self._scale).contiguous()).sample
        return pictures


def load_vae(folder: ModelFolder, config: str, weights: str, compute: Compute) -> Vae:
    """The autoencoder of a folder in diffusers' layout.

    Raises:
        HeygemError: WEIGHTS_MISSING, WEIGHTS_BROKEN, WEIGHTS_UNSAFE, WEIGHTS_MISFIT, OUT_OF_MEMORY.
    """
    from diffusers import AutoencoderKL  # it takes longer to load than torch

    model = built(AutoencoderKL, folder, config)
    if model.config.latent_channels != _CHANNELS or len(model.config.block_out_channels) != _LEVELS:
        raise folder.misfit(config, "latent_channels")
    folder.fill(model, _renamed(folder.read(weights)), weights)
    with told():
        return Vae(placed(model, compute))


def built(kind: Any, folder: ModelFolder, config: str) -> Any:
    """A diffusers model as its JSON file describes it, without memory for its weights yet."""
    described = folder.json(config)
    try:
        with torch.device("meta"):
            return kind.from_config(described)
    except Exception as error:  # whatever the numbers in the file make diffusers raise
        raise folder.misfit(config, type(error).__name__) from error


def placed(model: Any, compute: Compute) -> Any:
    """A diffusers model on its device, in its precision: torch's own way, without diffusers' remarks about it."""
    return nn.Module.to(model, compute.device, compute.dtype)


def _renamed(state: Mapping[str, Any]) -> dict[str, Any]:
    return {_new_name(name): _flat(name, value) for name, value in state.items()}


def _new_name(name: str) -> str:
    head, dot, layer = name.rpartition(".")
    before, attention, part = head.rpartition(".")
    if "attentions" in before and part in _OLD_NAMES:
        return f"{before}{attention}{_OLD_NAMES[part]}{dot}{layer}"
    return name


def _flat(name: str, value: Any) -> Any:
    """Some files hold the attention's matrices as convolutions of one pixel."""
    if "attentions" in name and isinstance(value, Tensor) and value.dim() == 4 and value.shape[2:] == (1, 1):
        return value[:, :, 0, 0]
    return value
