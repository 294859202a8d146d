"""What a file is, as probing found it."""

from typing import Literal

from pydantic import BaseModel

MediaFormat = Literal["wav", "mp3", "mp4", "aac", "flac", "ogg", "avi", "matroska", "flv", "image"]


class VideoInfo(BaseModel, frozen=True):
    """`width` and `height` are in pixels of the upright picture, after `rotation` (0, 90, 180, 270) is applied."""

    codec: str
    width: int
    height: int
    rotation: int
    fps: float  # average; 0 for a still
    frames: int  # counted or estimated from duration; 1 for a still
    pixel_format: str


class AudioInfo(BaseModel, frozen=True):
    codec: str
    sample_rate: int
    channels: int
    audible: bool = True  # anything but silence; also where nobody has listened


class MediaInfo(BaseModel, frozen=True):
    """One file. `duration_s` is 0 for a still picture; the format is unknown where a file could not be read at all."""

    format: Literal["wav", "mp3", "mp4", "aac", "flac", "ogg", "avi", "matroska", "flv", "image", "unknown"]
    duration_s: float
    size: int
    streams: int
    video: VideoInfo | None = None
    audio: AudioInfo | None = None

    @property
    def still(self) -> bool:
        return self.format == "image"
