"""A checkpoint of openai-whisper's own kind with random weights: it hears rubbish, in the real way."""

from dataclasses import asdict
from pathlib import Path


def make_checkpoint(path: Path, seed: int = 1) -> Path:
    """About 2 MB. Words come out of it where numba need not compile first: set NUMBA_DISABLE_JIT=1."""
    import torch
    from whisper.model import ModelDimensions, Whisper

    dims = ModelDimensions(
        n_mels=80,
        n_audio_ctx=1500,
        n_audio_state=8,
        n_audio_head=1,
        n_audio_layer=1,
        n_vocab=51865,
        n_text_ctx=32,
        n_text_state=8,
        n_text_head=1,
        n_text_layer=1,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Whisper(dims)
        torch.nn.init.normal_(model.decoder.positional_embedding)  # as made it is whatever lay in memory
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"dims": asdict(dims), "model_state_dict": model.state_dict()}, path)
    return path
