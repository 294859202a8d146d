"""What is written: whole or not at all, with the voice's own sound."""

import shutil
import subprocess
import sys
from fractions import Fraction
from math import ceil
from pathlib import Path

import av
import numpy as np
import pytest

from heygem.base.errors import ErrorCode, HeygemError
from heygem.media.video import Colour, Frame, VideoReader, VideoWriter
from tests.media import make_video, make_voice, number_of, picture, sound_of, tone


def frame(number: int, width: int = 160, height: int = 120) -> Frame:
    source = av.VideoFrame.from_ndarray(picture(number, width, height)).reformat(format="yuv420p").to_ndarray()
    return Frame(np.asarray(source, np.uint8), number, Colour(1, 1, 1, 1))


def write(path: Path, frames: int, audio: Path | None, duration_s: float, colour: Colour = Colour()) -> Path:  # noqa: B008
    with VideoWriter(path, 160, 120, colour, audio, duration_s) as writer:
        for number in range(frames):
            writer.write(frame(number))
    return path


@pytest.mark.parametrize("seconds", [0.5, 1.0, 1.013, 2.39])
def test_the_video_ends_with_the_voice_to_within_a_frame(tmp_path: Path, seconds: float) -> None:
    voice = make_voice(tmp_path / "voice.wav", seconds, rate=16_000)
    frames = ceil(seconds * 25)
    path = write(tmp_path / "out.mp4", frames, voice, seconds)
    with av.open(str(path)) as container:
        video, sound = container.streams.video[0], container.streams.audio[0]
        assert (video.frames, video.average_rate) == (frames, Fraction(25))
        assert container.duration is not None
        assert abs(container.duration / av.time_base - seconds) <= 0.04 + 1e-6
        assert sound.duration is not None
        assert sound.time_base is not None
        assert float(sound.duration * sound.time_base) == pytest.approx(seconds, abs=0.04)


def test_the_frames_are_the_ones_that_were_given(tmp_path: Path) -> None:
    path = write(tmp_path / "out.mp4", 30, None, 2)
    with VideoReader(path) as reader:
        assert [number_of(shown.y) for shown in reader] == list(range(30))


@pytest.mark.parametrize("width", [64, 66, 68, 72])
@pytest.mark.parametrize("height", [48, 50, 52, 54])
def test_an_untouched_picture_keeps_its_brightness_and_colours_at_every_size(
    tmp_path: Path, width: int, height: int
) -> None:
    given, path = frame(6, width, height), tmp_path / "out.mp4"
    with VideoWriter(path, width, height, given.colour, None, 1) as writer:
        for _ in range(2):
            writer.write(given)
    with VideoReader(path) as reader:
        shown = next(iter(reader))
    for plane in ("y", "u", "v"):
        difference = np.abs(getattr(shown, plane).astype(int) - getattr(given, plane))
        assert difference.mean() < 1.5, plane
        assert difference.max() < 40, plane


@pytest.mark.parametrize(
    ("suffix", "rate", "channels", "kept"),
    [
        ("wav", 16_000, 1, (16_000, 1)),
        ("wav", 44_100, 2, (44_100, 2)),
        ("flac", 48_000, 6, (48_000, 2)),
        ("wav", 8_000, 1, (8_000, 1)),
        ("wav", 37_800, 1, (44_100, 1)),
        ("wav", 192_000, 1, (96_000, 1)),
        ("ogg", 48_000, 1, (48_000, 1)),
    ],
)
def test_the_sound_keeps_its_rate_and_channels(
    tmp_path: Path, suffix: str, rate: int, channels: int, kept: tuple[int, int]
) -> None:
    voice = make_voice(tmp_path / f"voice.{suffix}", 1, rate=rate, channels=channels)
    heard_rate, heard = sound_of(write(tmp_path / "out.mp4", 25, voice, 1))
    assert (heard_rate, len(heard)) == kept


def test_the_sound_is_the_original_without_a_lag(tmp_path: Path) -> None:
    voice = make_voice(tmp_path / "voice.wav", 2, rate=16_000)
    rate, heard = sound_of(write(tmp_path / "out.mp4", 50, voice, 2))
    original = tone(2, 16_000)[0]
    lags = range(-200, 201)
    likeness = [float(np.dot(heard[0, 400 + lag : 28_000 + lag], original[400:28_000])) for lag in lags]
    assert rate == 16_000
    assert abs(lags[int(np.argmax(likeness))]) <= 2
    assert np.corrcoef(heard[0, 400:28_000], original[400:28_000])[0, 1] > 0.98


def test_the_sound_stops_where_the_frames_stop(tmp_path: Path) -> None:
    voice = make_voice(tmp_path / "voice.wav", 4, rate=16_000)
    _, heard = sound_of(write(tmp_path / "out.mp4", 25, voice, 4))
    assert heard.shape[1] / 16_000 == pytest.approx(1, abs=0.065)


def test_colour_tags_and_a_fast_start_are_in_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "out.mp4", 10, None, 1, Colour(2, 9, 9, 18))
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        tags = (stream.color_range, stream.colorspace, stream.color_primaries, stream.color_trc)
        assert (tags, stream.pix_fmt, stream.codec_context.name) == ((2, 9, 9, 18), "yuvj420p", "h264")
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def fail_while_writing(path: Path, audio: Path | None) -> None:
    with VideoWriter(path, 160, 120, Colour(), audio, 1) as writer:
        for number in range(80):  # more than the encoder holds back
            writer.write(frame(number))
        assert any(path.parent.glob("*.partial"))
        raise ZeroDivisionError


def test_nothing_is_left_when_the_block_fails(tmp_path: Path) -> None:
    voice = make_voice(tmp_path / "voice.wav", 1)
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(ZeroDivisionError):
        fail_while_writing(folder / "o.mp4", voice)
    assert list(folder.iterdir()) == []


def test_a_voice_without_sound_leaves_nothing(tmp_path: Path) -> None:
    mute = make_video(tmp_path / "mute.mp4", 0.4, audio=False)
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(HeygemError) as caught, VideoWriter(folder / "o.mp4", 160, 120, Colour(), mute, 1):
        pass
    assert caught.value.code is ErrorCode.NO_SOUND
    assert list(folder.iterdir()) == []


def test_an_older_output_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    path.write_bytes(b"older")
    with pytest.raises(ZeroDivisionError):
        fail_while_writing(path, None)
    assert path.read_bytes() == b"older"
    write(path, 3, None, 1)
    assert path.read_bytes() != b"older"


_FILL = """
import subprocess, sys
from pathlib import Path
import numpy as np
folder = Path(sys.argv[1])
if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", folder]).returncode:
    sys.exit(77)
from heygem.base.errors import HeygemError
from heygem.media.video import Colour, Frame, VideoWriter
noise = np.random.default_rng(1).integers(0, 255, (240, 320), np.uint8)
half = noise[:120, :160].copy()
try:
    with VideoWriter(folder / "o.mp4", 320, 240, Colour(), None, 4) as writer:
        for number in range(100):
            writer.write(Frame.of(np.roll(noise, number * 7, 1), half, half, number))
except HeygemError as error:
    print(error.code.value, sorted(error.params), list(folder.iterdir()))
"""


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs a mount namespace")
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    command = ["unshare", "--map-root-user", "--mount", sys.executable, "-c", _FILL, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip("mounting is not allowed here")
    assert done.stdout.strip() == "disk_full ['free_mb', 'needed_mb'] []", done.stderr
