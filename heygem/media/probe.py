"""What a file is, found out at arm's length.

Decoders meet hostile files here first, so they do it in a child that can't use much time or memory, can't write, and
whose crash is an answer. This module does not import libav.
"""

import json
import logging
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

from heygem.errors import ErrorCode, HeygemError
from heygem.limits import MB, Limits
from heygem.media.confine import confined_environment
from heygem.media.info import MediaInfo
from heygem.media.sniff import sniff

_log = logging.getLogger(__name__)

_CRASHES = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL})


def probe(path: Path, name: str, limits: Limits) -> MediaInfo:
    """Look into a file; `name` is what its sender called it.

    Raises:
        HeygemError: FILE_MISSING, TOO_LARGE, NOT_MEDIA, UNSUPPORTED_FORMAT, BROKEN_MEDIA, PROBE_LIMIT,
            TOO_MANY_STREAMS, TOO_MANY_PIXELS.
    """
    sniff(path, name)
    size = path.stat().st_size
    if size > limits.file_mb * MB:
        raise HeygemError(ErrorCode.TOO_LARGE, name=name, actual_mb=-(-size // MB), limit_mb=limits.file_mb)
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as complaints:
        status = _run(path, limits, answer, complaints)
        return _understood(status, answer, complaints, name, limits)


def check_voice(info: MediaInfo, name: str, limits: Limits) -> MediaInfo:
    """The file as a voice, as long as its sound.

    Raises:
        HeygemError: NO_SOUND, TOO_SHORT, TOO_LONG, SILENT_VOICE, or why its sound can't be used.
    """
    if info.unreadable_audio:
        raise info.unreadable_audio.error(name)
    if info.audio is None:
        raise HeygemError(ErrorCode.NO_SOUND, name=name)
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


def _check_length(info: MediaInfo, name: str, limit_s: float) -> None:
    if info.duration_s > limit_s:
        raise HeygemError(ErrorCode.TOO_LONG, name=name, actual_s=round(info.duration_s, 1), limit_s=limit_s)


def _run(path: Path, limits: Limits, answer: IO[bytes], complaints: IO[bytes]) -> int | None:
    """The child's exit status; None where it had to be stopped."""
    command = [sys.executable, "-m", "heygem.media.probe_child", str(path.resolve()), limits.model_dump_json()]
    try:
        return subprocess.run(  # noqa: S603 (our own module; the path is an argument, not a command)
            command,
            stdin=subprocess.DEVNULL,
            stdout=answer,
            stderr=complaints,
            env=confined_environment(),
            timeout=2 * limits.probe_seconds,  # it counts waiting for the disk and other processes too
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        return None


def _understood(status: int | None, answer: IO[bytes], complaints: IO[bytes], name: str, limits: Limits) -> MediaInfo:
    if status == 0:
        answer.seek(0)
        said = json.load(answer)
        if "info" in said:
            return MediaInfo.model_validate(said["info"])
        # The child is not told what the file is called: a name of any length and bytes would be its argument.
        raise HeygemError(ErrorCode(said["code"]), **said["params"] | {"name": name})
    if status is not None and -status in _CRASHES:
        raise HeygemError(ErrorCode.BROKEN_MEDIA, name=name)
    if status is None or status < 0:
        raise HeygemError(ErrorCode.PROBE_LIMIT, name=name, limit_s=limits.probe_seconds)
    complaints.seek(0)
    _log.error("probe child ended with %s: %s", status, complaints.read().decode(errors="replace"))
    raise HeygemError(ErrorCode.INTERNAL)
