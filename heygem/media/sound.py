"""The voice as the AAC track of an output."""

from fractions import Fraction
from pathlib import Path

import numpy as np
from av.audio.frame import AudioFrame
from av.container import OutputContainer

from heygem.media.audio import decode_audio, samples, source_format

_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)  # what AAC knows
_BITS_PER_SAMPLE = 3  # and channel: 144 kbit/s at 48 kHz mono, beyond what anyone hears
_MOST_BITS = 256_000
# At such rates also the truer coder (voices: 5-8 dB less noise than "twoloop"), in a third of the time.
_ENCODING = {"aac_coder": "fast"}


class SoundTrack:
    """The sound of a file, encoded as far as asked for."""

    def __init__(self, container: OutputContainer, path: Path, name: str) -> None:
        rate, channels = source_format(path, name)
        self._rate = next((known for known in _RATES if known >= rate), _RATES[-1])
        self._layout = "mono" if channels == 1 else "stereo"
        self._container = container
        self._stream = container.add_stream("aac", rate=self._rate, layout=self._layout, options=_ENCODING)
        self._stream.bit_rate = min(_MOST_BITS, self._rate * _BITS_PER_SAMPLE * min(channels, 2))
        self._blocks = decode_audio(path, name, self._layout, self._rate)
        self._pending = np.zeros((min(channels, 2), 0), np.float32)
        self._written = 0

    def write_until(self, seconds: float) -> None:
        """Encode up to this time, or to the sound's end."""
        wanted = round(seconds * self._rate)
        while self._written < wanted and self._refill():
            now, self._pending = np.split(self._pending, [wanted - self._written], axis=1)
            frame = AudioFrame.from_ndarray(np.ascontiguousarray(now), "fltp", self._layout)
            frame.sample_rate = self._rate
            frame.time_base = Fraction(1, self._rate)
            frame.pts = self._written
            self._written += now.shape[1]
            self._container.mux(self._stream.encode(frame))

    def finish(self) -> None:
        self._container.mux(self._stream.encode(None))

    def _refill(self) -> bool:
        while not self._pending.shape[1]:
            if (block := next(self._blocks, None)) is None:
                return False
            self._pending = samples(block)
        return True
