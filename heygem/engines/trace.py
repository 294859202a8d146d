"""What an engine aimed at, frame by frame, for whoever measures the output."""

from pathlib import Path
from uuid import uuid4

import numpy as np

from heygem.cache import Arrays
from heygem.media.video import FPS


def write_trace(path: Path, aims: Arrays, frames: int) -> None:
    """Write the first `frames` rows of every array, and the frames' times `t_s`, as one `.npz`; whole or not at all."""
    partial = path.with_name(f"{uuid4().hex}.partial")
    try:
        with partial.open("wb") as file:
            np.savez(file, t_s=np.arange(frames) / FPS, **{name: aim[:frames] for name, aim in aims.items()})
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
