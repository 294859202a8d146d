"""Everything of the model folder that is loaded once and stays."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from heygem.engines.latentsync import files
from heygem.engines.latentsync.align import Crop
from heygem.engines.latentsync.audio import load_encoder
from heygem.engines.latentsync.config import Data, Network, read_config
from heygem.engines.latentsync.mask import read_mask
from heygem.engines.latentsync.unet import UNet
from heygem.weights.device import Compute, Room, told
from heygem.weights.folder import ModelFolder
from heygem.weights.vae import Vae, load_vae

if TYPE_CHECKING:
    from whisper.model import AudioEncoder

SHRINK = 8  # pixels of a picture's side per latent


@dataclass(frozen=True)
class Models:
    compute: Compute
    data: Data
    encoder: "AudioEncoder"
    unet: UNet
    vae: Vae
    mask: Tensor  # (R, R), 1 where the picture is kept

    @property
    def resolution(self) -> int:
        return int(self.mask.shape[0])

    @property
    def crop(self) -> Crop:
        return Crop.of(self.resolution)

    def pixels(self, faces: npt.NDArray[np.uint8]) -> Tensor:
        """Crops (N, R, R, 3) as the networks take them: (N, 3, R, R), -1..1."""
        given = torch.from_numpy(faces).to(self.compute.device).permute(0, 3, 1, 2)
        return (given / 255.0 - 0.5) / 0.5

    def masked(self, pictures: Tensor) -> Tensor:
        """Pictures whose lower face is grey."""
        return pictures * self.mask.to(pictures.device)

    def latents(self, pictures: Tensor, room: Room) -> Tensor:
        """Latents (1, 4, N, R/8, R/8) of pictures (N, 3, R, R)."""
        found = room.run(self.vae.encode, pictures.to(self.compute.dtype))
        return found.transpose(0, 1)[None]

    def conditions(self, pictures: Tensor, room: Room) -> Tensor:
        """What the network is given besides noise and sound (1, 9, N, R/8, R/8): mask, masked and reference latents."""
        side = self.resolution // SHRINK
        mask = functional.interpolate(self.mask[None, None], (side, side)).to(self.compute.device, self.compute.dtype)
        masks = mask[None].expand(-1, -1, len(pictures), -1, -1)
        return torch.cat([masks, self.latents(self.masked(pictures), room), self.latents(pictures, room)], dim=1)

    def decoded(self, latents: Tensor, room: Room) -> Tensor:
        """Pictures (N, 3, R, R), about -1..1, of latents (1, 4, N, R/8, R/8)."""
        return room.run(self.vae.decode_open, latents[0].transpose(0, 1).to(self.compute.dtype))


@cache
def load(root: Path, compute: Compute, resolution: int | None = None) -> Models:
    """The models of a folder; once per process. `resolution` None: as its `unet_config.yaml` says, 256 without one.

    Raises:
        HeygemError: WEIGHTS_MISSING, WEIGHTS_BROKEN, WEIGHTS_UNSAFE, WEIGHTS_MISFIT, OUT_OF_MEMORY.
    """
    folder = ModelFolder(root)
    config = read_config(folder)
    mask = read_mask(folder, resolution or config.data.resolution)
    with told():
        encoder = load_encoder(folder, compute.device, config.model.cross_attention_dim)
        vae = load_vae(folder, *files.VAE, compute)
        unet = load_unet(folder, config.model, compute)
    return Models(compute, config.data, encoder, unet, vae, torch.from_numpy(mask).float())


def load_unet(folder: ModelFolder, network: Network, compute: Compute) -> UNet:
    """The network in `checkpoints/latentsync_unet.pt`, whose tensors may lie under `state_dict`."""
    try:
        with torch.device("meta"):
            unet = UNet(network)
    except (ValueError, RuntimeError, ZeroDivisionError) as error:
        raise folder.misfit(files.CONFIG, "model") from error
    found = folder.read(files.UNET)
    state: Any = found.get("state_dict", found)
    if not isinstance(state, dict):
        raise folder.misfit(files.UNET, "state_dict")
    folder.fill(unet, state, files.UNET)
    return unet.to(compute.device, compute.dtype)
