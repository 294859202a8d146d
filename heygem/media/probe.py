"""What a file is, found out at arm's length.

Decoders meet hostile files here first, so they do it in a child that can't use much time or memory, can't write, and
whose crash is an answer. This module does not import libav.
"""

import contextlib
import json
import logging
import os
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import IO

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import MB, Limits, too_large
from heygem.base.process import Pulse, confined_environment, python
from heygem.media.info import MediaInfo
from heygem.media.sniff import sniff

_log = logging.getLogger(__name__)

_RATES = (1000, 768_000)  # Hz
_MOST_CHANNELS = 64
_LOOK_S = 1.0
_CRASHES = frozenset({-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGFPE, -signal.SIGILL})


def probe(path: Path, name: str, limits: Limits) -> MediaInfo:
    """Look into a file; `name` is what its sender called it.

    Raises:
        HeygemError: FILE_MISSING, TOO_LARGE, NOT_MEDIA, UNSUPPORTED_FORMAT, BROKEN_MEDIA, PROBE_LIMIT,
            TOO_MANY_STREAMS, TOO_MANY_PIXELS, INTERNAL.
        OSError: the machine can't read it, now or here; the file may be fine.
    """
    sniff(path, name)
    size = path.stat().st_size
    if size > limits.file_mb * MB:
        raise too_large(name, size, limits.file_mb * MB)
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as complaints:
        status = _run(path, limits, answer, complaints)
        if line := _whole(answer):  # what became of the child afterwards is no matter
            return _answered(line, path, name)
        raise _silent(status, complaints, name, limits)


def check_voice(info: MediaInfo, name: str, limits: Limits) -> MediaInfo:
    """The file as a voice, as long as its sound.

    Raises:
        HeygemError: NO_SOUND, SOUND_RANGE, TOO_SHORT, TOO_LONG, SILENT_VOICE, or why its sound can't be used.
    """
    if info.unreadable_audio:
        raise info.unreadable_audio.error(name)
    if info.audio is None:
        raise HeygemError(ErrorCode.NO_SOUND, name=name)
    check_sound(info.audio.sample_rate, info.audio.channels, name)
    voice = _lasting(info, info.audio.duration_s)
    if voice.duration_s < limits.min_voice_seconds:
        raise HeygemError(
            ErrorCode.TOO_SHORT, name=name, actual_s=round(voice.duration_s, 1), limit_s=limits.min_voice_seconds
        )
    _check_length(voice, name, limits.voice_seconds)
    if not info.audio.audible:
        raise HeygemError(ErrorCode.SILENT_VOICE, name=name, actual_s=round(voice.duration_s, 1))
    return voice


def check_template(info: MediaInfo, name: str, limits: Limits) -> MediaInfo:
    """The file as a template, as long as its pictures.

    Raises:
        HeygemError: NO_VIDEO, TOO_LONG, TOO_MANY_PIXELS, or why its pictures can't be used.
    """
    if info.unreadable_video:
        raise info.unreadable_video.error(name)
    if info.video is None:
        raise HeygemError(ErrorCode.NO_VIDEO, name=name)
    check_pixels(info.video.width, info.video.height, name, limits.most_megapixels(still=info.still))
    template = _lasting(info, info.video.duration_s)
    _check_length(template, name, limits.template_seconds)
    return template


def _lasting(info: MediaInfo, seconds: float | None) -> MediaInfo:
    return info if seconds is None else info.model_copy(update={"duration_s": seconds})


def check_pixels(width: int, height: int, name: str, limit_mp: float) -> None:
    if width * height > limit_mp * 1_000_000:
        raise HeygemError(ErrorCode.TOO_MANY_PIXELS, name=name, width=width, height=height, limit_mp=limit_mp)


def check_sound(rate: int, channels: int, name: str) -> None:
    """Raise SOUND_RANGE for sound that no recorder makes: a second of it at 1 Hz becomes 48,000 samples."""
    if not (_RATES[0] <= rate <= _RATES[1] and channels <= _MOST_CHANNELS):
        params = {"rate_hz": rate, "channels": channels, "low_hz": _RATES[0], "high_hz": _RATES[1]}
        raise HeygemError(ErrorCode.SOUND_RANGE, name=name, limit=_MOST_CHANNELS, **params)


def _check_length(info: MediaInfo, name: str, limit_s: float) -> None:
    if info.duration_s > limit_s:
        raise HeygemError(ErrorCode.TOO_LONG, name=name, actual_s=round(info.duration_s, 1), limit_s=limit_s)


def _run(path: Path, limits: Limits, answer: IO[bytes], complaints: IO[bytes]) -> int | None:
    """The child's exit status; None where it waited for ever and was stopped."""
    command = python("heygem.media.probe_child", str(path.resolve()), limits.model_dump_json())
    with subprocess.Popen(  # noqa: S603 (our own module; the path is an argument, not a command)
        command, stdin=subprocess.DEVNULL, stdout=answer, stderr=complaints, env=confined_environment()
    ) as child:
        try:
            return _awaited(child)
        finally:
            child.kill()


def _awaited(child: subprocess.Popen[bytes]) -> int | None:
    pulse = Pulse(child.pid)
    while not pulse.lost():
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.wait(_LOOK_S)
    return None


def _whole(answer: IO[bytes]) -> bytes:
    answer.seek(0)
    line = answer.read()
    return line if line.endswith(b"\n") else b""


def _answered(line: bytes, path: Path, name: str) -> MediaInfo:
    said = json.loads(line)
    if "info" in said:
        return MediaInfo.model_validate(said["info"])
    if "errno" in said:
        raise OSError(said["errno"], os.strerror(said["errno"]), str(path))
    # The child is not told what the file is called: a name of any length and bytes would be its argument.
    raise HeygemError(ErrorCode(said["code"]), **said["params"] | {"name": name})


def _silent(status: int | None, complaints: IO[bytes], name: str, limits: Limits) -> HeygemError:
    """What it means that the child ended without an answer."""
    if status in _CRASHES:
        return HeygemError(ErrorCode.BROKEN_MEDIA, name=name)
    if status == -signal.SIGXCPU:
        return HeygemError(ErrorCode.PROBE_LIMIT, name=name, limit_s=limits.probe_seconds)
    complaints.seek(0)
    _log.error("probe child ended with %s: %s", status, complaints.read().decode(errors="replace"))
    return HeygemError(ErrorCode.INTERNAL)
