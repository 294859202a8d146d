"""Sound out of a file."""

from collections.abc import Iterator
from itertools import groupby, islice
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from heygem.base.errors import ErrorCode, HeygemError
from heygem.media.channels import AUDIBLE, lone_channel, only, samples
from heygem.media.container import libav_errors, open_media
from heygem.media.probe import check_sound

Waveform = npt.NDArray[np.float32]

# A lossless file of silence can hold days in a few kilobytes.
_LONGEST_S = 4 * 3600
_BAD_PACKETS = 8
_BAD_SHARE = 0.1
_BLOCK_S = 0.05
_PLANES = 7  # that PyAV can tell the end of; behind the eighth it reads what is no sound
_AUDIBLE_BLOCKS = 2


def read_waveform(path: Path, name: str, rate: int = 16_000) -> Waveform:
    """The whole sound of a file as mono, shape (samples,), -1..1, at `rate` Hz.

    Raises:
        HeygemError: NO_SOUND, TOO_LONG (beyond four hours), and what `open_media` raises.
    """
    blocks = [samples(frame)[0] for frame in decode_audio(path, name, "mono", rate)]
    if not blocks:
        raise HeygemError(ErrorCode.NO_SOUND, name=name)
    waveform: Waveform = np.concatenate(blocks)
    # Damaged floating-point sound may hold anything; louder than full scale is only clipped.
    np.nan_to_num(waveform, copy=False, posinf=0.0, neginf=0.0)
    np.clip(waveform, -1, 1, out=waveform)
    return waveform


def is_audible(path: Path, name: str, rate: int = 16_000) -> bool:
    """Whether any channel rises above the noise of a quiet room; reads no further than to the first such sound.

    Raises:
        HeygemError: what `read_waveform` raises.
    """
    block = int(rate * _BLOCK_S)
    heard: dict[int, int] = {}
    with libav_errors(path, name):
        for frame in _resampled(_decoded(path, name), None, rate, block):
            for channel, sound in enumerate(np.nan_to_num(samples(frame), posinf=0.0, neginf=0.0)):
                heard[channel] = heard.get(channel, 0) + _audible_blocks(sound, block)
            if max(heard.values()) >= _AUDIBLE_BLOCKS:
                return True
    return False


def check_audible(waveform: Waveform, name: str, rate: int = 16_000) -> None:
    """Raise SILENT_VOICE where nothing rises above the noise of a quiet room."""
    if _audible_blocks(waveform, int(rate * _BLOCK_S)) < _AUDIBLE_BLOCKS:
        raise HeygemError(ErrorCode.SILENT_VOICE, name=name, actual_s=round(len(waveform) / rate, 1))


def _audible_blocks(waveform: Waveform, block: int) -> int:
    blocks = waveform[: len(waveform) // block * block].reshape(-1, block)
    loudness = np.sqrt(np.mean(np.square(blocks - blocks.mean(axis=1, keepdims=True)), axis=1))
    return int(np.count_nonzero(loudness > AUDIBLE))


def decode_audio(path: Path, name: str, layout: str, rate: int) -> Iterator[AudioFrame]:
    """The sound as planar float frames. Times in the file are ignored: sample n is at n / rate seconds.

    What is listened to and what is muxed come from here, so that they can't drift apart; and neither is ever the
    silence of channels that cancel each other.
    """
    count = 0
    with libav_errors(path, name):
        for frame in _resampled(_uncancelled(path, name), layout, rate):
            count += frame.samples
            if count > _LONGEST_S * rate:
                raise HeygemError(ErrorCode.TOO_LONG, name=name, actual_s=count // rate, limit_s=_LONGEST_S)
            yield frame


def _uncancelled(path: Path, name: str) -> Iterator[AudioFrame]:
    rate, channels = source_format(path, name)
    if channels < 2:
        return _decoded(path, name)
    blocks = islice(_resampled(_decoded(path, name), None, None, int(rate * _BLOCK_S)), int(_LONGEST_S / _BLOCK_S))
    if (lone := lone_channel(blocks)) is None:
        return _decoded(path, name)
    return only(_resampled(_decoded(path, name), None, None), lone)


def _resampled(
    frames: Iterator[AudioFrame], layout: str | None, rate: int | None, size: int | None = None
) -> Iterator[AudioFrame]:
    """Float frames of another layout, rate or size; as they come where none is asked for, and planar if PyAV can."""
    # A stream may change its rate or channels on the way; a resampler may not.
    for (channels, *_), alike in groupby(frames, key=_kind):
        form = "flt" if layout is None and channels > _PLANES else "fltp"
        # Without a bound two loud channels that say the same become one beyond full scale.
        resampler = AudioResampler(form, layout, rate, size, {"rematrix_maxval": "1.0"})
        for frame in alike:
            frame.pts = None
            yield from resampler.resample(frame)
        yield from resampler.resample(None)


def _kind(frame: AudioFrame) -> tuple[int, int, str, str]:
    return frame.layout.nb_channels, frame.sample_rate, frame.layout.name, frame.format.name


def source_format(path: Path, name: str) -> tuple[int, int]:
    """Sample rate in Hz and number of channels. Raises NO_SOUND."""
    with open_media(path, name) as media:
        sound = media.sound
        if not sound.sample_rate:
            raise HeygemError(ErrorCode.NO_SOUND, name=name)
        return sound.sample_rate, sound.channels


def _decoded(path: Path, name: str) -> Iterator[AudioFrame]:
    bad = good = 0
    with open_media(path, name) as media:
        for packet in media.container.demux(media.sound):
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                bad += 1
                if bad > _BAD_PACKETS + good * _BAD_SHARE:
                    raise
                continue
            good += len(frames)
            for frame in frames:
                check_sound(frame.sample_rate, frame.layout.nb_channels, name)
                yield frame
