"""What an engine aimed at, frame by frame, for whoever measures the output."""

from pathlib import Path

import numpy as np

from heygem.base.files import whole
from heygem.media.info import FPS
from heygem.storage.cache import Arrays


def write_trace(path: Path, aims: Arrays, frames: int) -> None:
    """Write the first `frames` rows of every array, and the frames' times `t_s`, as one `.npz`; whole or not at all."""
    with whole(path) as partial, partial.open("wb") as file:
        shown = {name: aim[:frames] for name, aim in aims.items()}
        np.savez(file, allow_pickle=False, t_s=np.arange(frames) / FPS, **shown)
