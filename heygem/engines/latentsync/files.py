"""The model folder: upstream's `checkpoints` and the autoencoder. Nothing heavy is imported here."""

from heygem.base.settings import Settings
from heygem.weights.folder import engine_folder

ENGINE = "latentsync"

UNET = "checkpoints/latentsync_unet.pt"
WHISPER = "checkpoints/whisper/tiny.pt"
VAE = ("sd-vae/config.json", "sd-vae/diffusion_pytorch_model.bin")
FILES = (UNET, WHISPER, *VAE)

CONFIG = "unet_config.yaml"  # upstream's configs/unet/stage2.yaml or stage2_512.yaml; without it, the former
MASK = "mask.png"  # upstream's latentsync/utils/mask.png; without it, ours


def lacks(settings: Settings) -> str | None:
    """The first file that is not there."""
    return engine_folder(settings.models, ENGINE).missing(FILES)
