"""The model folder, in the layout of MuseTalk's own repository (its folder `models`)."""

UNET_CONFIG = "musetalkV15/musetalk.json"
UNET = "musetalkV15/unet.pth"
VAE_CONFIG = "sd-vae/config.json"
VAE = "sd-vae/diffusion_pytorch_model.bin"
WHISPER_CONFIG = "whisper/config.json"
WHISPER = "whisper/pytorch_model.bin"

FILES = (UNET_CONFIG, UNET, VAE_CONFIG, VAE, WHISPER_CONFIG, WHISPER)
