"""Small media files made on the spot, and the real samples where they are at hand."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

Samples = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]

# What goes into a container where a test does not say otherwise.
_VIDEO_CODECS = {
    ".webm": "libvpx",
    ".flv": "flv",
    ".avi": "mpeg4",
    ".wmv": "wmv2",
    ".mpg": "mpeg2video",
    ".vob": "mpeg2video",
    ".mxf": "mpeg2video",
    ".gif": "gif",
    ".apng": "apng",
    ".3gp": "h263",
}
_AUDIO_CODECS = {
    ".wav": "pcm_s16le",
    ".mp3": "libmp3lame",
    ".flac": "flac",
    ".ogg": "libopus",
    ".opus": "libopus",
    ".webm": "libopus",
    ".avi": "pcm_s16le",
    ".wmv": "wmav2",
    ".wma": "wmav2",
    ".mpg": "mp2",
    ".vob": "mp2",
    ".mp2": "mp2",
    ".mxf": "pcm_s16le",
    ".caf": "pcm_s16be",
    ".aiff": "pcm_s16be",
    ".au": "pcm_s16be",
    ".ac3": "ac3",
    ".eac3": "eac3",
    ".amr": "libopencore_amrnb",
    ".wv": "wavpack",
    ".tta": "tta",
    ".w64": "pcm_s16le",
    ".mka": "libopus",
}
_FORMATS = {".m4a": "ipod", ".mov": "mov", ".mkv": "matroska", ".aac": "adts"}


def shared(name: str) -> Path:
    """A file of the shared folder beside the checkout (HEYGEM_SHARED); the test is skipped where there is none."""
    folder = Path(os.environ.get("HEYGEM_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    path = folder / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    return path


def tone(seconds: float, rate: int = 48_000, channels: int = 1) -> Samples:
    """A voice-like sound, shape (channels, samples): 140 Hz with harmonics in four bursts a second."""
    t = np.arange(round(seconds * rate)) / rate
    sound = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 9)) * np.abs(np.sin(2 * np.pi * 2 * t)) * 0.2
    return np.tile(sound.astype(np.float32), (channels, 1))


def picture(number: int, width: int, height: int) -> Pixels:
    """An upright picture (height, width, 3) that says its number (0..1023) in ten blocks across its middle.

    The top left corner is white, the top right red, the bottom left blue: turned or mirrored it looks different.
    """
    y, x = np.mgrid[:height, :width]
    rgb: Pixels = np.stack([90 + 40 * x // width, 100 + 40 * y // height, 110 + 0 * x], axis=-1).astype(np.uint8)
    rgb[: height // 4, : width // 4] = 255
    rgb[: height // 4, -(width // 4) :] = (220, 20, 20)
    rgb[-(height // 4) :, : width // 4] = (20, 20, 220)
    bits = (number >> (x[0] * 10 // width)) & 1
    rgb[height * 3 // 8 : height * 5 // 8] = (bits * 255).astype(np.uint8)[None, :, None]
    return rgb


def number_of(y: Pixels) -> int:
    """The number that a decoded `picture` shows; `y` is its luma plane, of any size."""
    height, width = y.shape
    row = y[height * 7 // 16 : height * 9 // 16].mean(axis=0)
    return sum(int(row[(2 * bit + 1) * width // 20] > 128) << bit for bit in range(10))


def make_voice(
    path: Path,
    seconds: float = 1.0,
    *,
    rate: int = 48_000,
    channels: int = 1,
    sound: Samples | None = None,
    codec: str | None = None,
) -> Path:
    """A sound file in the format of its suffix. `sound` has shape (channels, samples)."""
    with av.open(str(path), "w", format=_FORMATS.get(path.suffix)) as container:
        stream = _sound_stream(container, path, rate, channels if sound is None else len(sound), codec)
        _write_sound(container, stream, tone(seconds, rate, channels) if sound is None else sound)
    return path


def make_video(
    path: Path,
    seconds: float = 1.0,
    *,
    size: tuple[int, int] = (64, 48),
    fps: Fraction | int = 25,
    codec: str | None = None,
    rotation: int = 0,
    mirrored: bool = False,
    audio: bool = True,
    pixel_format: str = "yuv420p",
    times: Sequence[float] | None = None,
    start: float = 0.0,
    colour: tuple[int, int, int, int] | None = None,
    aspect: Fraction | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """A video in the format of its suffix, whose frame n is `picture(n, *size)` once it is upright.

    `rotation` is what a player has to turn clockwise (and with `mirrored` mirror afterwards); `times` are the
    frames' times in seconds instead of a constant rate; `colour` is range, space, primaries,
    trc; `aspect` is a stored pixel's width over its height.
    """
    stamps = times if times is not None else [n / fps for n in range(round(seconds * fps))]
    with av.open(str(path), "w", format=_FORMATS.get(path.suffix)) as container:
        stream = container.add_stream(codec or _VIDEO_CODECS.get(path.suffix, "libx264"), rate=fps, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = size if rotation % 180 == 0 else size[::-1]
        stream.pix_fmt = pixel_format
        if path.suffix == ".avi":
            stream.codec_context.max_b_frames = 0  # AVI has no times to order them by
        if times is not None or start:
            stream.codec_context.time_base = Fraction(1, 1000)
        if colour:
            stream.color_range, stream.colorspace, stream.color_primaries, stream.color_trc = colour
        if aspect:
            stream.sample_aspect_ratio = aspect
        if rotation or mirrored:
            stream.set_display_rotation(-rotation, hflip=mirrored)
        sound = _sound_stream(container, path, 48_000, 1) if audio else None
        for number, time in enumerate(stamps):
            frame = VideoFrame.from_ndarray(_stored(picture(number, *size), rotation, mirrored)).reformat(
                format=pixel_format
            )
            base = stream.codec_context.time_base or Fraction(1) / fps
            frame.time_base, frame.pts = base, round((time + start) / base)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound:
            _write_sound(container, sound, tone(seconds))
    return path


@dataclass(frozen=True)
class Track:
    """One stream of a file as `remux` copies it. Times are seconds of the source."""

    source: Path
    kind: str  # video, audio
    start: float = -inf  # what begins earlier is left out
    end: float = inf
    shift: float = 0.0  # added to all times


def remux(target: Path, tracks: Sequence[Track], *, options: dict[str, str] | None = None) -> Path:
    """Streams copied as they are, packet for packet, in order of their times, as editors and messengers do."""
    with ExitStack() as stack:
        new = stack.enter_context(av.open(str(target), "w", format=_FORMATS.get(target.suffix), options=options))
        packets = []
        for track in tracks:
            source = stack.enter_context(av.open(str(track.source)))
            old = getattr(source.streams, track.kind)[0]
            copy = new.add_stream_from_template(old)
            for packet in source.demux(old):
                if packet.dts is not None and track.start <= packet.dts * packet.time_base < track.end:
                    steps = round(Fraction(track.shift) / packet.time_base)
                    packet.dts, packet.pts, packet.stream = packet.dts + steps, packet.pts + steps, copy
                    packets.append(packet)
        for packet in sorted(packets, key=lambda packet: packet.dts * packet.time_base):
            new.mux(packet)
    return target


def make_picture(path: Path, size: tuple[int, int] = (64, 48)) -> Path:
    """A still picture in the format of its suffix."""
    codec, pixel_format = {".png": ("png", "rgb24"), ".webp": ("libwebp", "yuv420p")}.get(
        path.suffix, ("mjpeg", "yuvj420p")
    )
    encoder = av.CodecContext.create(codec, "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = *size, pixel_format, Fraction(1, 25)
    frame = VideoFrame.from_ndarray(picture(0, *size)).reformat(format=pixel_format)
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    path.write_bytes(b"".join(bytes(packet) for packet in packets))
    return path


def sound_of(path: Path) -> tuple[int, Samples]:
    """Sample rate and samples (channels, samples) as a player would play them."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        blocks = [frame.to_ndarray().astype(np.float32) for frame in container.decode(stream)]
        return stream.sample_rate, np.concatenate(blocks, axis=1)


def _stored(upright: Pixels, rotation: int, mirrored: bool) -> Pixels:
    seen = upright[:, ::-1] if mirrored else upright
    return np.ascontiguousarray(np.rot90(seen, rotation // 90))  # counterclockwise: what the player's turn undoes


def _sound_stream(
    container: OutputContainer, path: Path, rate: int, channels: int, codec: str | None = None
) -> AudioStream:
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[channels]
    stream = container.add_stream(codec or _AUDIO_CODECS.get(path.suffix, "aac"), rate=rate, layout=layout)
    assert isinstance(stream, AudioStream)
    if stream.name == "wmav2":
        stream.bit_rate = 64_000  # it has no default that it takes
    return stream


def _write_sound(container: OutputContainer, stream: AudioStream, sound: Samples) -> None:
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(sound), "fltp", stream.layout.name)
    frame.sample_rate, frame.pts, frame.time_base = stream.rate, 0, Fraction(1, stream.rate)
    resampler = AudioResampler(stream.format.name, stream.layout.name, stream.rate, stream.frame_size or 1024)
    for block in (*resampler.resample(frame), *resampler.resample(None)):
        container.mux(stream.encode(block))
    container.mux(stream.encode(None))
