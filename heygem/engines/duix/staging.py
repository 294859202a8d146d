"""What a service gets to see: files of our making under names of our making, never a person's own.

It loops and repeats by rules of its own, so the video is staged in the length that is wanted.
"""

import wave
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import numpy as np

from heygem.base.errors import ErrorCode, HeygemError
from heygem.engines.base import RenderJob
from heygem.media.audio import Waveform, check_audible, read_waveform
from heygem.media.info import FPS
from heygem.media.video import VideoReader, VideoWriter, looped

_RATE = 16_000  # what the service listens at; the finished video gets the voice's own sound


@dataclass(frozen=True)
class Staged:
    """`sound` and `video` last `frames` frames at 25 fps."""

    sound: Path
    video: Path
    frames: int


def hear(job: RenderJob, limit_s: float) -> Waveform:
    """The voice, (samples,) mono at 16 kHz. Raises SILENT_VOICE, TOO_LONG, and what reading raises."""
    waveform = read_waveform(job.voice, job.voice_name, _RATE)
    seconds = voice_seconds(waveform)
    if seconds > limit_s:
        raise HeygemError(ErrorCode.TOO_LONG, name=job.voice_name, actual_s=round(seconds, 1), limit_s=limit_s)
    check_audible(waveform, job.voice_name, _RATE)
    return waveform


def voice_seconds(waveform: Waveform) -> float:
    return len(waveform) / _RATE


def stage(job: RenderJob, waveform: Waveform, report: Callable[[float], None]) -> Staged:
    """Write both files into the job's folder. `report` takes the share done, 0..1."""
    wanted = ceil(voice_seconds(waveform) * FPS)
    video = job.output.with_name("staged.mp4")
    frames = _film(job, video, wanted, lambda done: report(done / wanted))
    sound = job.output.with_name("staged.wav")
    _write_sound(sound, waveform[: frames * _RATE // FPS])
    return Staged(sound, video, frames)


def _film(job: RenderJob, path: Path, wanted: int, report: Callable[[int], None]) -> int:
    """The template, `wanted` frames long, or fewer where a short one cuts the voice: how many there are."""
    short_side = job.options.short_side
    with VideoReader(job.template, short_side, name=job.template_name) as reader:
        shape = reader.info
    frames = looped(
        job.template,
        wanted,
        job.options.length_mismatch,
        short_side,
        name=job.template_name,
        folder=path.parent,
        cancelled=job.cancelled,
    )
    with VideoWriter(path, shape.width, shape.height, shape.colour, None, wanted / FPS) as writer:
        for frame in frames:
            writer.write(frame)
            report(writer.frames)
            if job.cancelled():
                raise HeygemError(ErrorCode.CANCELLED)
        return writer.frames


def _write_sound(path: Path, waveform: Waveform) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes((waveform * 32767).astype(np.int16).tobytes())
