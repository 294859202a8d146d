"""Make the demo's spoken voice again: `python -m benchmarks.make_demo_voice`.

The voice is slt of CMU's flite (free licence, `apt install flite`); its text is heygem/cli/assets/voice.txt.
Only whoever changes that text runs this: the product ships the recording and never calls flite.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from heygem.cli.demo_voice import TEXT, VOICE

BITS_PER_SECOND = 24_000
RATE = 16_000  # what slt speaks at
# flite hardly pauses between sentences; the demo also has to show a mouth that rests.
PAUSE_S = 0.3


def speak(sentence: str, wav: Path) -> npt.NDArray[np.int16]:
    subprocess.run(["flite", "-voice", "slt", "-t", sentence, "-o", str(wav)], check=True)
    with wave.open(str(wav)) as spoken:
        return np.frombuffer(spoken.readframes(spoken.getnframes()), np.int16)


def encode(samples: npt.NDArray[np.int16], ogg: Path) -> None:
    with av.open(ogg, "w", format="ogg") as target:
        stream = target.add_stream("libopus", rate=48_000, layout="mono")
        stream.bit_rate = BITS_PER_SECOND
        resampler = av.AudioResampler("s16", "mono", 48_000)
        spoken = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        spoken.rate = RATE
        for frame in [*resampler.resample(spoken), *resampler.resample(None)]:
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))


def main() -> None:
    if not shutil.which("flite"):
        sys.exit("flite is not installed, so the demo's voice cannot be made here: apt install flite.")
    text = TEXT.read_text(encoding="utf-8").strip()
    with tempfile.TemporaryDirectory() as folder:
        sentences = [speak(sentence, Path(folder) / "part.wav") for sentence in re.split(r"(?<=\.)\s+", text)]
    pause = np.zeros(int(PAUSE_S * RATE), np.int16)
    samples = np.concatenate([part for sentence in sentences for part in (sentence, pause)])
    encode(samples, VOICE)
    print(f"{VOICE}: {len(samples) / RATE:.1f} s, {VOICE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
