"""The two networks of a frame: the UNet that inpaints a mouth in latent space, and the autoencoder around it."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from heygem.engines.musetalk import files
from heygem.engines.musetalk.voice import Whisper, load_whisper, positions
from heygem.weights.device import Compute, told
from heygem.weights.folder import ModelFolder
from heygem.weights.vae import Vae, built, load_vae, placed

SIDE = 256  # pixels of the crop that the networks see


@dataclass(frozen=True)
class Networks:
    """Loaded models on one device. Tensors given may lie anywhere and have any precision."""

    compute: Compute
    whisper: Whisper
    vae: Vae
    unet: Any  # UNet2DConditionModel; diffusers hides its classes from type checkers

    @torch.inference_mode()
    def latents(self, crops: Tensor) -> Tensor:
        """Latents (N, 8, 32, 32) of RGB crops (N, 256, 256, 3) uint8: of the crop without its lower half, and with."""
        whole = pixels(self._here(crops))
        return torch.cat([self.vae.encode(masked(whole)), self.vae.encode(whole)], dim=1)

    @torch.inference_mode()
    def heard(self, windows: Tensor) -> Tensor:
        """Windows of states (N, tokens, width) with their positions added."""
        windows = self._here(windows)
        return windows + _positions(windows.shape[1], windows.shape[2], windows.device, windows.dtype)

    @torch.inference_mode()
    def inpaint(self, latents: Tensor, windows: Tensor) -> Tensor:
        """Latents (N, 4, 32, 32) of the face that says what is heard, from `latents` (N, 8, 32, 32)."""
        now = torch.zeros(1, dtype=torch.long, device=self.compute.device)
        predicted: Tensor = self.unet(self._here(latents), now, encoder_hidden_states=self.heard(windows)).sample
        return predicted

    def speak(self, latents: Tensor, windows: Tensor) -> Tensor:
        """Faces (N, 3, 256, 256), RGB in 0..1."""
        return self.vae.decode(self.inpaint(latents, windows))

    def _here(self, tensor: Tensor) -> Tensor:
        tensor = tensor.to(self.compute.device, non_blocking=True)
        return tensor.to(self.compute.dtype)


@cache
def _positions(length: int, width: int, device: torch.device, dtype: torch.dtype) -> Tensor:
    """On the device already: sending them with every batch would wait for the batch before."""
    return positions(length, width).to(device, dtype)


def pixels(crops: Tensor) -> Tensor:
    """Crops (N, H, W, 3) of 0..255 as pictures (N, 3, H, W) in -1..1."""
    return crops.permute(0, 3, 1, 2) / 255 * 2 - 1


def masked(pictures: Tensor) -> Tensor:
    """The pictures with their lower half black, which is -1."""
    covered = pictures.clone()
    covered[:, :, pictures.shape[2] // 2 :] = -1
    return covered


@cache
def networks(root: Path, compute: Compute) -> Networks:
    """The models of a folder; loaded once per process, and then they stay.

    Raises:
        HeygemError: WEIGHTS_MISSING, WEIGHTS_BROKEN, WEIGHTS_UNSAFE, WEIGHTS_MISFIT, OUT_OF_MEMORY.
    """
    folder = ModelFolder(root)
    whisper = load_whisper(folder, compute)
    unet = _load_unet(folder, whisper, compute)
    return Networks(compute, whisper, load_vae(folder, files.VAE_CONFIG, files.VAE, compute), unet)


def _load_unet(folder: ModelFolder, whisper: Whisper, compute: Compute) -> Any:
    from diffusers import UNet2DConditionModel  # it takes longer to load than torch

    unet = built(UNet2DConditionModel, folder, files.UNET_CONFIG)
    wanted = {"in_channels": 8, "out_channels": 4, "cross_attention_dim": whisper.width}
    if wrong := next((name for name, value in wanted.items() if unet.config.get(name) != value), None):
        raise folder.misfit(files.UNET_CONFIG, wrong)
    folder.fill(unet, folder.read(files.UNET), files.UNET)
    with told():
        placed(unet, compute)
    return unet
