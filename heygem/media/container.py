"""Opening a media file: one demuxer, one file, known codecs, and libav's errors as ours."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from heygem.base.errors import ErrorCode, HeygemError
from heygem.media.blame import acquit
from heygem.media.codecs import codec_name, let_in, refusal
from heygem.media.fence import fence
from heygem.media.info import MediaFormat
from heygem.media.raster import CONTAINER, raster_stream
from heygem.media.sniff import PILLOW, sniff

S = TypeVar("S", VideoStream, AudioStream)

_COVER = Disposition.attached_pic | Disposition.timed_thumbnails
_PREVIEWS = frozenset({"mjpeg", "png"})
# A second fence behind the probe's limit, for headers that change in mid-stream: 64 megapixels.
_MAX_PIXELS = str(8192 * 8192)


@dataclass(frozen=True)
class OpenMedia:
    """An open file with the one picture stream and the one sound stream that count, be they let in or not."""

    container: InputContainer
    format: MediaFormat
    name: str
    video: VideoStream | None
    audio: AudioStream | None

    @property
    def pictures(self) -> VideoStream:
        """The pictures, by one who uses them. Raises NO_VIDEO or UNSUPPORTED_FORMAT."""
        return _usable(self.video, ErrorCode.NO_VIDEO, self.name)

    @property
    def sound(self) -> AudioStream:
        """The sound, by one who uses it. Raises NO_SOUND or UNSUPPORTED_FORMAT."""
        return _usable(self.audio, ErrorCode.NO_SOUND, self.name)


@contextmanager
def open_media(path: Path, name: str) -> Iterator[OpenMedia]:
    """Open a file by what it is; `name` is for error sentences.

    Raises:
        HeygemError: FILE_MISSING, NOT_MEDIA, UNSUPPORTED_FORMAT, BROKEN_MEDIA, OUT_OF_MEMORY.
    """
    sniffed = sniff(path, name)
    with libav_errors(path, name):
        pillow = sniffed.demuxer == PILLOW
        container = av.open(
            raster_stream(path, name) if pillow else f"file:{path.resolve()}",
            "r",
            format=CONTAINER if pillow else sniffed.demuxer,
            options={
                "protocol_whitelist": "file",
                "max_pixels": _MAX_PIXELS,
                "skip_initial_bytes": str(sniffed.start),
            },
            metadata_errors="replace",
        )
    for stream in container.streams:
        if stream.codec_context:
            fence(stream.codec_context)
    with container:
        video = _chosen([s for s in container.streams.video if not s.disposition & _COVER], _shown)
        audio = _chosen(list(container.streams.audio), _played)
        yield OpenMedia(container, sniffed.format, name, video, audio)


@contextmanager
def libav_errors(path: Path, name: str) -> Iterator[None]:
    """Turn what libav, and PyAV around it, raise about a file into BROKEN_MEDIA or OUT_OF_MEMORY.

    Raises:
        OSError: it is not the file's fault.
    """
    try:
        yield
    except MemoryError as error:
        raise HeygemError(ErrorCode.OUT_OF_MEMORY) from error
    except (av.FFmpegError, ValueError, ArithmeticError) as error:
        acquit(path, error)
        raise HeygemError(ErrorCode.BROKEN_MEDIA, name=name) from error


def _chosen(streams: list[S], wish: Callable[[S], tuple[int, ...]]) -> S | None:
    """The most wished for of those let in, of equals the first: a disc's surround sound often has a plain twin."""
    return max(streams, key=lambda stream: (let_in(stream), *wish(stream)), default=None)


def _shown(stream: VideoStream) -> tuple[int, ...]:
    """Cameras and editors put a preview before the film: one picture, pictures of another kind, or small ones."""
    film = stream.frames != 1, codec_name(stream) not in _PREVIEWS
    pixels = stream.width * stream.height if stream.codec_context else 0  # there is none for a codec that libav lacks
    return (*film, _played(stream)[0], pixels)


def _played(stream: Stream) -> tuple[int, ...]:
    """What players play where nobody chooses."""
    return (bool(stream.disposition & Disposition.default),)


def _usable(stream: S | None, missing: ErrorCode, name: str) -> S:
    if stream is None:
        raise HeygemError(missing, name=name)
    if not let_in(stream):
        raise refusal(stream, name)
    return stream
