"""Small files that unpack to much: refused or made harmless by every decoder, also far behind what a probe looks at."""

import struct
import subprocess
import sys
import zlib
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import Limits
from heygem.media.audio import read_waveform
from heygem.media.probe import check_voice, probe
from heygem.media.video import VideoReader

SMALL, HUGE = (64, 48), (4608, 2304)  # beyond 4K
BOMB_MB = 150
ENCODING = {"libx264": {"preset": "ultrafast", "g": "1"}, "libvpx": {"deadline": "realtime", "cpu-used": "8", "g": "1"}}
PIXELS = {"png": "gray", "mjpeg": "yuvj420p"}
FILES = {"png": "avi", "mjpeg": "avi", "libx264": "mkv", "libvpx": "mkv"}
_PEAK = """
import sys
from pathlib import Path
from benchmarks.peak import peak_mb
from heygem.media.video import VideoReader
with VideoReader(Path(sys.argv[1])) as reader:
    shown = sum(1 for _ in reader)
print(shown, peak_mb())
"""


def encoded(codec: str, size: tuple[int, int], pictures: int) -> list[bytes]:
    """Each picture a key picture that needs no other and no header from elsewhere."""
    encoder = av.CodecContext.create(codec, "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.time_base = *size, Fraction(1, 25)
    encoder.pix_fmt = PIXELS.get(codec, "yuv420p")
    encoder.options = ENCODING.get(codec, {})
    frame = VideoFrame(*size, encoder.pix_fmt)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    packets = []
    for number in range(pictures):
        frame.pts = number
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return [*packets, *(bytes(packet) for packet in encoder.encode(None))]


def film(path: Path, codec: str, pictures: Iterable[bytes]) -> Path:
    """Encoded pictures as they are, in a file that announces small ones."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        assert isinstance(stream, VideoStream)
        (stream.width, stream.height), stream.pix_fmt = SMALL, PIXELS.get(codec, "yuv420p")
        for number, picture in enumerate(pictures):
            packet = Packet(picture)
            packet.pts = packet.dts = number
            packet.time_base, packet.stream, packet.is_keyframe = Fraction(1, 25), stream, True
            container.mux(packet)
    return path


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def zeros(megabytes: int) -> bytes:
    packer, block = zlib.compressobj(9), bytes(1_000_000)
    return b"".join(packer.compress(block) for _ in range(megabytes)) + packer.flush()


def with_bombs(png: bytes) -> bytes:
    """A PNG whose profile and texts unpack to much, behind its header."""
    packed, head = zeros(BOMB_MB), 8 + 25
    bombs = chunk(b"iCCP", b"x\0\0" + packed) + chunk(b"zTXt", b"x\0\0" + packed)
    return png[:head] + bombs + chunk(b"iTXt", b"x\0\1\0\0\0" + packed) + png[head:]


@pytest.mark.parametrize("codec", ["png", "mjpeg", "libx264", "libvpx"])
def test_a_video_that_turns_into_more_than_4k_on_its_way_is_broken(tmp_path: Path, codec: str) -> None:
    few, huge = encoded(codec, SMALL, 30), encoded(codec, HUGE, 1)
    path = film(tmp_path / f"clip.{FILES[codec]}", codec, few + huge * 12)
    assert probe(path, "clip", Limits(probe_memory_mb=600)).video
    shown: list[int] = []
    with pytest.raises(HeygemError) as caught, VideoReader(path, decoders=1) as reader:
        shown.extend(frame.index for frame in reader)
    assert caught.value.code is ErrorCode.BROKEN_MEDIA
    assert len(shown) >= 20


@pytest.mark.parametrize("codec", ["png", "libx264"])
def test_a_video_may_turn_larger_on_its_way(tmp_path: Path, codec: str) -> None:
    path = film(tmp_path / f"clip.{FILES[codec]}", codec, encoded(codec, SMALL, 10) + encoded(codec, (1280, 720), 10))
    with VideoReader(path) as reader:
        assert len(list(reader)) == 20


def test_what_a_png_packs_beside_its_picture_is_never_unpacked(tmp_path: Path) -> None:
    plain = encoded("png", SMALL, 1)[0]
    bomb = with_bombs(plain)
    (tmp_path / "still.png").write_bytes(bomb)
    paths = (
        film(tmp_path / "plain.avi", "png", [plain] * 40),
        film(tmp_path / "clip.avi", "png", [plain] * 30 + [bomb] * 10),
        tmp_path / "still.png",
    )
    assert probe(paths[2], "still", Limits(probe_memory_mb=1000, probe_seconds=2)).still
    peaks = []
    for path in paths:
        done = subprocess.run([sys.executable, "-c", _PEAK, path], check=True, capture_output=True, text=True)
        shown, peak = map(int, done.stdout.split())
        assert shown == (1 if path.suffix == ".png" else 40)
        peaks.append(peak)
    assert max(peaks) - peaks[0] < BOMB_MB / 3


def wav(path: Path, rate: int, channels: int, seconds: float = 0.5) -> Path:
    """Eight bits a sample, of some loudness; at most a second's worth at a usual rate."""
    data = np.random.default_rng(0).bytes(min(48_000, max(1000, int(rate * seconds))) * channels)
    form = struct.pack("<IHHIIHH", 16, 1, channels, rate, min(2**32 - 1, rate * channels), channels, 8)
    path.write_bytes(
        b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + form + b"data" + struct.pack("<I", len(data)) + data
    )
    return path


@pytest.mark.parametrize(("rate", "channels"), [(1, 1), (100, 2), (1_000_000, 1), (2**31 - 1, 1), (48_000, 300)])
def test_sound_that_no_recorder_makes_is_refused_with_what_it_is(tmp_path: Path, rate: int, channels: int) -> None:
    path = wav(tmp_path / "voice.wav", rate, channels)
    with pytest.raises(HeygemError) as asked:
        check_voice(probe(path, "voice", Limits()), "voice", Limits())
    with pytest.raises(HeygemError) as read:
        read_waveform(path, "voice")
    assert asked.value.code is read.value.code is ErrorCode.SOUND_RANGE
    assert (asked.value.params["rate_hz"], asked.value.params["channels"]) == (rate, channels)


@pytest.mark.parametrize(("rate", "channels"), [(4000, 1), (384_000, 2), (48_000, 8), (48_000, 16)])
def test_sound_of_every_recorder_is_heard(tmp_path: Path, rate: int, channels: int) -> None:
    path = wav(tmp_path / "voice.wav", rate, channels)
    check_voice(probe(path, "voice", Limits(min_voice_seconds=0.05)), "voice", Limits(min_voice_seconds=0.05))
    assert len(read_waveform(path, "voice")) > 0


def test_an_animation_keeps_its_size_up_to_the_limit_of_videos(tmp_path: Path) -> None:
    width, height = 3000, 2900
    one = b"\x21\xf9\x04\0\x04\0\0\0\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\0"
    path = tmp_path / "clip.gif"
    path.write_bytes(b"GIF89a" + struct.pack("<HHBBB", width, height, 0xF0, 0, 0) + bytes(6) + one * 3 + b";")
    with VideoReader(path) as reader:
        assert {frame.y.shape for frame in reader} == {(height, width)}
