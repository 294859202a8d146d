"""The engines that need model files on recorded voices and people: half a second of each, with tiny random networks."""

import wave
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from heygem.base.settings import Gpu, LatentSync, Settings
from heygem.engines.base import Engine, RenderJob
from heygem.engines.latentsync.engine import LatentSyncEngine
from heygem.engines.musetalk.engine import MuseTalkEngine
from heygem.media.audio import read_waveform
from heygem.media.frame import Frame
from heygem.media.video import VideoReader, VideoWriter
from heygem.storage.cache import Cache
from tests.media import shared, sound_of
from tests.tiny_latentsync import make_latentsync
from tests.tiny_musetalk import make_musetalk

pytestmark = pytest.mark.usefixtures("one_thread")

FRAMES, RATE = 12, 16_000
ENGINES: dict[str, tuple[Callable[[Settings], Engine], Callable[[Path], Path]]] = {
    "musetalk": (MuseTalkEngine, make_musetalk),
    "latentsync": (LatentSyncEngine, make_latentsync),
}


def beginning(template: Path, path: Path) -> Path:
    with VideoReader(template) as reader:
        shape = reader.info
        with VideoWriter(path, shape.width, shape.height, shape.colour, None, FRAMES / 25) as writer:
            for frame in islice(reader, FRAMES):
                writer.write(frame)
    return path


def words_of(voice: Path, path: Path) -> Path:
    """As long as the template: the loudest moment, for both voices begin with a pause."""
    whole, length = read_waveform(voice, "voice"), FRAMES * RATE // 25
    moments = whole[: len(whole) // length * length].reshape(-1, length)
    samples = moments[(moments**2).sum(axis=1).argmax()]
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def watched(path: Path) -> list[Frame]:
    with VideoReader(path) as reader:
        return [frame.copy() for frame in reader]


@pytest.mark.parametrize(
    ("engine", "template", "voice"),
    [("musetalk", "template-sun.mp4", "voice-zh.wav"), ("latentsync", "template-outdoor.mp4", "voice-en.ogg")],
)
def test_a_recorded_person_gets_another_mouth_and_keeps_everything_else(
    tmp_path: Path, engine: str, template: str, voice: str
) -> None:
    make, models = ENGINES[engine]
    models(tmp_path / "models")
    clip = beginning(shared(f"samples/{template}"), tmp_path / "clip.mp4")
    said = words_of(shared(f"samples/{voice}"), tmp_path / "voice.wav")
    job = RenderJob(
        voice=said, template=clip, output=tmp_path / "o.mp4", cache=Cache(tmp_path / "cache"), trace=tmp_path / "t.npz"
    )
    settings = Settings(models_dir=tmp_path / "models", gpu=Gpu(device="cpu"), latentsync=LatentSync(steps=1))
    result = make(settings).render(job)

    assert (result.frames, result.faces_missing, result.several_faces) == (FRAMES, 0, False)
    with np.load(tmp_path / "t.npz") as trace:
        boxes = trace["mask_box"]
    before, after = watched(clip), watched(job.output)
    for old, new, (left, top, right, bottom) in zip(before, after, boxes, strict=True):
        assert right - left > 0.05 * old.width
        apart = np.abs(old.y.astype(int) - new.y)
        inside = apart[top:bottom, left:right].mean()
        apart[top:bottom, left:right] = 0
        assert inside > 3 * apart.mean()  # what is left is the encoder's
        assert apart.mean() < 2
    rate, sound = sound_of(job.output)
    assert sound.shape[1] / rate == pytest.approx(FRAMES / 25, abs=0.05)
