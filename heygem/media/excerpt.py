"""`python -m heygem.media.excerpt VOICE FLAC PIECE`: a few seconds of a voice. Exit 0 if they were written.

| piece     | which                                                                                            |
|---|---|
| `3s`      | three seconds from the first sound on                                                            |
| `picture` | 15 frames, the loudest moment in the frame that a thumbnail shows: there the mouth is widest open |
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from heygem.base.errors import HeygemError
from heygem.base.process import confine, leave

if TYPE_CHECKING:
    from heygem.media.audio import Waveform

Piece = Literal["3s", "picture"]

_RATE = 48_000
_BLOCK = 2_400  # samples, 50 ms
_SHORT_S, _PICTURE_S = 3.0, 0.6
_LEAD_S = 0.1  # before the first sound
_SHOWN_S = 0.46  # of a picture's piece: the frame that `heygem.media.thumbnail` takes
_SECONDS = 120
_MEMORY_MB = 3000
_MOST_BYTES = 2_000_000


def main() -> int:
    voice, target, piece = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    confine(_SECONDS, _MEMORY_MB, _MOST_BYTES)
    try:
        write(voice, target, "picture" if piece == "picture" else "3s")
    except (HeygemError, MemoryError, OSError):
        return 1
    return 0


def write(voice: Path, target: Path, piece: Piece) -> None:
    """A mono FLAC at 48 kHz; shorter where the voice ends before.

    Raises:
        HeygemError: what `read_waveform` raises.
    """
    from heygem.media.audio import read_waveform  # libav is loaded inside the limits

    waveform = read_waveform(voice, voice.name, _RATE)
    start_s, length_s = _place(waveform, piece)
    start = min(max(0, round(start_s * _RATE)), max(0, len(waveform) - round(length_s * _RATE)))
    _encode(target, waveform[start : start + round(length_s * _RATE)])


def _place(waveform: "Waveform", piece: Piece) -> tuple[float, float]:
    """Where the piece begins and how long it is, in seconds."""
    import numpy as np

    blocks = waveform[: len(waveform) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    loudness = np.sqrt(np.mean(np.square(blocks), axis=1)) if len(blocks) else np.zeros(1)
    if piece == "picture":
        return (int(np.argmax(loudness)) + 0.5) * _BLOCK / _RATE - _SHOWN_S, _PICTURE_S
    first = int(np.argmax(loudness > loudness.max() / 30))  # 30 dB below the loudest
    return first * _BLOCK / _RATE - _LEAD_S, _SHORT_S


def _encode(target: Path, waveform: "Waveform") -> None:
    import av
    import numpy as np
    from av.audio.frame import AudioFrame

    with av.open(str(target), "w", format="flac") as container:
        stream = container.add_stream("flac", rate=_RATE, layout="mono")
        frame = AudioFrame.from_ndarray((waveform[np.newaxis] * 32767).astype(np.int16), "s16", "mono")
        frame.sample_rate, frame.pts = _RATE, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


if __name__ == "__main__":
    leave(main())
