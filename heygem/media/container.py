"""Opening a media file: one demuxer, one file, known codecs, and libav's errors as ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from heygem.errors import ErrorCode, HeygemError
from heygem.media.fence import fence
from heygem.media.info import MediaFormat
from heygem.media.sniff import ALLOWED, sniff

# Decoders are where libav's holes are: only what cameras, phones, editors and recorders really write is let in.
# fmt: off
_VIDEO_CODECS = frozenset((
    "h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "msmpeg4v2", "msmpeg4v3", "h263", "flv1", "vp6f", "mpeg1video",
    "mpeg2video", "mjpeg", "prores", "dnxhd", "ffv1", "huffyuv", "ffvhuff", "utvideo", "dvvideo", "rawvideo", "theora",
    "png", "webp",
))
_AUDIO_CODECS = frozenset((
    "aac", "mp3", "mp2", "opus", "vorbis", "flac", "alac", "ac3", "eac3", "amr_nb", "amr_wb", "speex", "nellymoser",
    "adpcm_ms", "adpcm_ima_wav", "adpcm_ima_qt", "adpcm_swf", "wmav2",
))
# fmt: on
_COVER = Disposition.attached_pic | Disposition.timed_thumbnails
# A second fence behind the probe's limit, for headers that change in mid-stream: 64 megapixels.
_MAX_PIXELS = str(8192 * 8192)


@dataclass(frozen=True)
class OpenMedia:
    """An open file with the one picture stream and the one sound stream that count."""

    container: InputContainer
    format: MediaFormat
    video: VideoStream | None
    audio: AudioStream | None


@contextmanager
def open_media(path: Path, name: str) -> Iterator[OpenMedia]:
    """Open a file by what it is; `name` is for error sentences.

    Raises:
        HeygemError: FILE_MISSING, NOT_MEDIA, UNSUPPORTED_FORMAT, BROKEN_MEDIA, OUT_OF_MEMORY.
    """
    sniffed = sniff(path, name)
    with libav_errors(name):
        container = av.open(
            f"file:{path.resolve()}",
            "r",
            format=sniffed.demuxer,
            options={"protocol_whitelist": "file", "max_pixels": _MAX_PIXELS},
            metadata_errors="replace",
        )
    for stream in container.streams:
        if stream.codec_context:
            fence(stream.codec_context)
    with container:
        video = next((s for s in container.streams.video if not s.disposition & _COVER), None)
        audio = next(iter(container.streams.audio), None)
        _require_codec(video, _VIDEO_CODECS, name)
        _require_codec(audio, _AUDIO_CODECS, name)
        yield OpenMedia(container, sniffed.format, video, audio)


@contextmanager
def libav_errors(name: str) -> Iterator[None]:
    """Turn what libav, and PyAV around it, raise about a file into BROKEN_MEDIA or OUT_OF_MEMORY."""
    try:
        yield
    except MemoryError as error:
        raise HeygemError(ErrorCode.OUT_OF_MEMORY) from error
    except (av.FFmpegError, ValueError, ArithmeticError) as error:
        raise HeygemError(ErrorCode.BROKEN_MEDIA, name=name) from error


def codec_name(stream: Stream) -> str:
    """The codec, not the decoder: `av1`, whichever library decodes it."""
    return stream.codec_context.codec.canonical_name if stream.codec_context else "unknown"


def _require_codec(stream: Stream | None, allowed: frozenset[str], name: str) -> None:
    if stream is None or (codec := codec_name(stream)) in allowed or codec.startswith("pcm_"):
        return
    raise HeygemError(ErrorCode.UNSUPPORTED_FORMAT, name=name, format=codec, allowed=ALLOWED)
