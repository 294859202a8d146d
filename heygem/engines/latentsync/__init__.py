"""LatentSync 1.5 and 1.6: Whisper features, latent diffusion on aligned faces, sixteen frames at a time."""
