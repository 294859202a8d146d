"""Faces that come too late for a voice."""

from heygem.base.errors import ErrorCode, HeygemError
from heygem.media.info import FPS

VISIBLY = 0.25  # of a frame's drive: a mouth that moves less does not seem to speak


def late(name: str, first: int, voice_s: float) -> HeygemError:
    """FACE_LATE: the `first` frame with a mouth to move comes after the voice has ended."""
    return HeygemError(ErrorCode.FACE_LATE, name=name, actual_s=round(first / FPS, 1), limit_s=round(voice_s, 1))
