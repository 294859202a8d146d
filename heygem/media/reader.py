"""Pictures out of a file: upright, 25 a second, one at a time."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from math import ceil
from pathlib import Path
from typing import Self

import av
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from heygem.base.errors import ErrorCode, HeygemError
from heygem.media.alpha import decoder_of
from heygem.media.clock import LONGEST_GAP_S, in_time
from heygem.media.container import OpenMedia, libav_errors, open_media
from heygem.media.fence import harmless
from heygem.media.frame import Colour, Frame
from heygem.media.info import FPS
from heygem.media.interlace import deinterlaced
from heygem.media.profile import conversion, profile_of
from heygem.media.upright import STILL_PIXELS, Straightener, to_frame

# Beyond four, threads hold more pictures (12 MB each at 4K) and decode no faster than the encoder takes them.
_MOST_THREADS = 4

ALL_CORES = min(_MOST_THREADS, os.cpu_count() or 1)
# Beside a generator and an encoder, more threads than this only push each other's pictures out of the caches.
HALF_THE_CORES = max(1, min(_MOST_THREADS, (os.cpu_count() or 1) // 2))

# Damage that a decoder may hide: a few packets, or this share of them.
_BAD_PACKETS = 8
_BAD_SHARE = 0.1


@dataclass(frozen=True)
class VideoShape:
    """What comes out of a `VideoReader`: pixels after turning, squaring, shrinking and making even."""

    width: int
    height: int
    frames_25: int  # how many frames come at 25 fps, or a few more; 1 for a still
    still: bool
    colour: Colour
    transparent: bool = False  # in places, where it comes out white


class VideoReader:
    """A video or still picture as frames at 25 fps constant rate.

    Used as a context manager; iterate once. Memory does not grow with the length. `max_short_side` shrinks so that
    the shorter side has at most that many pixels. `name` is what a person called the file. `decoders` threads decode.

    Raises:
        HeygemError: what `open_media` raises, NO_VIDEO, BROKEN_MEDIA.
    """

    info: VideoShape

    def __init__(
        self, path: Path, max_short_side: int | None = None, *, name: str | None = None, decoders: int = ALL_CORES
    ) -> None:
        self._path = path
        self._decoders = decoders
        self._max_short_side = max_short_side
        self._name = name if name is not None else path.name
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        try:
            media = self._stack.enter_context(open_media(self._path, self._name))
            self._prepare(media, media.pictures)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """What leaving the block does; twice does no harm."""
        self._stack.close()

    def _prepare(self, media: OpenMedia, stream: VideoStream) -> None:
        self._stream = stream
        still = media.format == "image"
        decoded = self._decoded(media, stream)
        self._pictures = decoded if still else deinterlaced(in_time(decoded))
        self._first = next(self._pictures, None)
        if self._first is None:
            raise HeygemError(ErrorCode.BROKEN_MEDIA, name=self._name)
        if still:
            # A photo may hold further pictures, of its brightness or depth: the first is what was taken.
            self._pictures = iter(())
        colours = conversion(profile_of(self._path)) if still else None
        with libav_errors(self._path, self._name):
            self._straighten = Straightener(
                self._first,
                stream.sample_aspect_ratio,
                self._max_short_side,
                STILL_PIXELS if still else None,
                colours.frame if colours else None,
            )
        self.info = VideoShape(
            self._straighten.width,
            self._straighten.height,
            1 if still else max(1, ceil(_seconds(media, stream) * FPS) + 1),
            still,
            self._straighten.colour,
            self._straighten.transparent,
        )

    def __iter__(self) -> Iterator[Frame]:
        shape = self.info
        for index, picture in enumerate(islice(self._steady(), 1 if shape.still else None)):
            yield to_frame(picture, shape.width, shape.height, index, shape.colour)

    def _steady(self) -> Iterator[VideoFrame]:
        """Each slot of 1/25 s shows the last picture whose time, rounded to slots, has come."""
        slot, held, end = 0, self._first, 1
        for picture, seconds, until in self._timed():
            due = int(seconds * FPS + 0.5)
            if slot < due and held is not None:
                straight = self._straight(held)
                while slot < due:
                    yield straight
                    slot += 1
            held, end = picture, max(due + 1, int(until * FPS + 0.5))
        if held is not None:
            straight = self._straight(held)
            while slot < end:
                yield straight
                slot += 1

    def _timed(self) -> Iterator[tuple[VideoFrame, float, float]]:
        """Every picture with its start and end in seconds from the first; the times only ever grow."""
        step = 1 / _rate(self._stream)
        base = float(self._stream.time_base or 0)
        now, last_pts, held = -step, None, self._first
        while held is not None:
            gap = (held.pts - last_pts) * base if held.pts is not None and last_pts is not None else step
            now += gap if 0 < gap <= LONGEST_GAP_S else step
            last_pts = held.pts
            lasting = float(held.duration or 0) * base
            yield held, now, now + (lasting if 0 < lasting <= LONGEST_GAP_S else step)
            held = next(self._pictures, None)

    def _straight(self, picture: VideoFrame) -> VideoFrame:
        with libav_errors(self._path, self._name):
            return self._straighten(picture)

    def _decoded(self, media: OpenMedia, stream: VideoStream) -> Iterator[VideoFrame]:
        bad = good = 0
        with libav_errors(self._path, self._name):
            decoder = decoder_of(stream)
            decoder.thread_type, decoder.thread_count = "AUTO", self._decoders
            for packet in media.container.demux(stream):
                try:
                    pictures = decoder.decode(harmless(packet, decoder))
                except av.error.InvalidDataError:
                    bad += 1
                    if bad > _BAD_PACKETS + good * _BAD_SHARE:
                        raise
                    continue
                good += len(pictures)
                yield from pictures


def _rate(stream: VideoStream) -> float:
    rate = float(stream.average_rate or stream.guessed_rate or FPS)
    return rate if 1 <= rate <= 1000 else FPS


def _seconds(media: OpenMedia, stream: VideoStream) -> float:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    if media.container.duration:
        return (media.container.duration - _start(media)) / av.time_base
    return stream.frames / _rate(stream)


def _start(media: OpenMedia) -> int:
    """What a header's length begins with, where it counts from zero and not from the start."""
    start = media.container.start_time or 0
    return start if 0 < start < (media.container.duration or 0) else 0
