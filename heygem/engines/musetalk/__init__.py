"""MuseTalk 1.5: Whisper features, and one pass of a latent inpainting network per frame. docs/engines.md says more."""
