"""The Stable Diffusion autoencoder (`sd-vae-ft-mse`): pictures to latents and back."""

import re
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from heygem.engines.compute import Compute
from heygem.engines.weights import ModelFolder

if TYPE_CHECKING:
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

SHRINK = 8  # pixels of a picture's side per latent
_SCALE = 0.18215  # of latents, as the published networks were trained
_WIDTHS = "block_out_channels"
_USED = (_WIDTHS, "norm_num_groups", "layers_per_block", "latent_channels", "in_channels", "out_channels", "act_fn")
_BLOCKS = {"down_block_types": "DownEncoderBlock2D", "up_block_types": "UpDecoderBlock2D"}
_OLD = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
_OLD_NAME = re.compile(rf"(\.attentions\.\d+\.)({'|'.join(_OLD)})\.")


def files(name: str) -> tuple[str, str]:
    """The files of an autoencoder in the sub-folder `name` of an engine's folder."""
    return f"{name}/config.json", f"{name}/diffusion_pytorch_model.bin"


class Autoencoder:
    """Deterministic: encoding answers the mean of the distribution, not a sample of it."""

    def __init__(self, network: "AutoencoderKL", compute: Compute) -> None:
        self._network = torch.nn.Module.to(network, compute.device, compute.dtype)  # diffusers' own warns of nothing
        self._compute = compute

    @torch.inference_mode()
    def encode(self, pictures: Tensor) -> Tensor:
        """Pictures (N, 3, H, W), -1..1, as latents (N, 4, H/8, W/8), scaled as diffusion networks take them."""
        posterior = self._network.encode(pictures.to(self._compute.device, self._compute.dtype)).latent_dist
        latents: Tensor = posterior.mode() * _SCALE
        return latents

    @torch.inference_mode()
    def decode(self, latents: Tensor) -> Tensor:
        """Scaled latents (N, 4, h, w) as pictures (N, 3, 8h, 8w), about -1..1."""
        latents = (latents / _SCALE).to(self._compute.device, self._compute.dtype)
        picture: Tensor = self._network.decode(latents, return_dict=False)[0]
        return picture


def load(folder: ModelFolder, name: str, compute: Compute) -> Autoencoder:
    """The autoencoder in the sub-folder `name`, by diffusers' two file names.

    Raises:
        HeygemError: WEIGHTS_MISSING, WEIGHTS_BROKEN, WEIGHTS_UNSAFE, WEIGHTS_MISFIT.
    """
    config, weights = files(name)
    state = {_new_name(key): value for key, value in folder.read(weights).items()}
    network = _built(folder, config, folder.json(config))
    folder.fill(network, state, weights)
    return Autoencoder(network, compute)


def _new_name(key: str) -> str:
    """What diffusers calls a weight today; the published file is older than the name."""
    return _OLD_NAME.sub(lambda found: f"{found[1]}{_OLD[found[2]]}.", key)


def _built(folder: ModelFolder, name: str, config: dict[str, Any]) -> "AutoencoderKL":
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

    try:
        widths = tuple(config[_WIDTHS])
        options = {key: config[key] for key in _USED if key in config}
        blocks = {key: (block,) * len(widths) for key, block in _BLOCKS.items()}
        with torch.device("meta"):
            network: AutoencoderKL = AutoencoderKL(**options | blocks)
            return network
    except (KeyError, TypeError, ValueError, RuntimeError, ZeroDivisionError) as error:
        raise folder.misfit(name, _WIDTHS) from error
