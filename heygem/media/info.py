"""What a file is, as probing found it."""

from typing import Literal

from pydantic import BaseModel

from heygem.base.errors import ErrorCode, HeygemError

FPS = 25  # of every video that is made here

# fmt: off
MediaFormat = Literal[
    "wav", "mp3", "mp4", "aac", "flac", "ogg", "avi", "matroska", "flv", "caf", "amr", "asf", "aiff", "au", "ac3",
    "eac3", "wavpack", "tta", "w64", "mpegts", "mpegps", "dv", "mxf", "gif", "apng", "webp", "image", "unknown",
]
# fmt: on


class VideoInfo(BaseModel, frozen=True):
    """`width` and `height` are in pixels of the upright picture, after `rotation` (0, 90, 180, 270) is applied."""

    codec: str
    width: int
    height: int
    rotation: int
    fps: float  # average; 0 for a still
    frames: int  # counted or estimated from duration; 1 for a still
    pixel_format: str
    duration_s: float | None = None  # of the pictures alone; None where it was not noted


class AudioInfo(BaseModel, frozen=True):
    codec: str
    sample_rate: int
    channels: int
    audible: bool = True  # anything but silence; also where nobody has listened
    duration_s: float | None = None  # of the sound alone; None where it was not noted


class Unreadable(BaseModel, frozen=True):
    """Why a file's pictures or sound can't be used, though the rest of it can."""

    code: ErrorCode
    params: dict[str, str] = {}

    def error(self, name: str) -> HeygemError:
        return HeygemError(self.code, **self.params | {"name": name})


class MediaInfo(BaseModel, frozen=True):
    """One file. `duration_s` is 0 for a still picture; the format is unknown where a file could not be read at all."""

    format: MediaFormat
    duration_s: float
    size: int
    streams: int
    video: VideoInfo | None = None
    audio: AudioInfo | None = None
    unreadable_video: Unreadable | None = None
    unreadable_audio: Unreadable | None = None

    @property
    def still(self) -> bool:
        return self.format == "image"
