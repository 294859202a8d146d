"""Frames and the voice's own sound into an mp4, whole or not at all."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import av
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from heygem.media.disk import writing
from heygem.media.frame import Colour, Frame
from heygem.media.info import FPS
from heygem.media.sound import SoundTrack
from heygem.media.subtitles import Cue, SubtitleTrack

ENCODING = {"preset": "veryfast", "crf": "19"}
_BYTES_PER_PIXEL = 0.02  # of video at this quality, generously; for the sentence about a full disk


class VideoWriter:
    """An H.264 video at 25 fps with the sound of `audio` as AAC, at its own rate, mono or stereo as it is.

    A context manager. The file appears under its name when the block ends well; otherwise nothing is left. The sound
    stops with the last frame or after `duration_s`, whichever comes first. `subtitles` become a track that players can
    show.

    Raises:
        HeygemError: DISK_FULL, and what reading the audio raises.
    """

    def __init__(
        self,
        path: Path,
        width: int,
        height: int,
        colour: Colour,
        audio: Path | None,
        duration_s: float,
        *,
        audio_name: str | None = None,
        subtitles: Sequence[Cue] = (),
    ) -> None:
        self.frames = 0
        self._path = path
        self._partial = path.with_name(f"{uuid4().hex}.partial")
        self._size = (width, height)
        self._colour = colour
        self._audio = audio
        self._audio_name = audio_name or (audio.name if audio else "")
        self._duration_s = duration_s
        self._cues = subtitles
        self._container: OutputContainer | None = None

    def __enter__(self) -> Self:
        try:
            with self._disk():
                self._container = av.open(str(self._partial), "w", format="mp4", options={"movflags": "+faststart"})
            self._video = _video_stream(self._container, *self._size, self._colour)
            self._sound = SoundTrack(self._container, self._audio, self._audio_name) if self._audio else None
            self._subtitles = SubtitleTrack(self._container, self._cues) if self._cues else None
        except BaseException:
            self._discard()
            raise
        return self

    def write(self, frame: Frame) -> None:
        # As they lie: x264 copies them before it returns. (`from_numpy_buffer` takes every height for a multiple of 4.)
        picture = VideoFrame.from_dlpack((frame.y, frame.u, frame.v), "yuv420p")
        picture.pts, picture.time_base = self.frames, Fraction(1, FPS)
        self.frames += 1
        with self._disk():
            self._open.mux(self._video.encode(picture))
            if self._sound:
                self._sound.write_until(self._ends)
            if self._subtitles:
                self._subtitles.write_until(self.frames / FPS)

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._discard()

    def _finish(self) -> None:
        with self._disk():
            self._open.mux(self._video.encode(None))
            if self._sound:
                self._sound.finish(self._ends)
            self._open.close()
            self._partial.replace(self._path)

    def _discard(self) -> None:
        if self._container is not None:
            with suppress(av.FFmpegError):
                self._container.close()
        self._partial.unlink(missing_ok=True)

    @property
    def _ends(self) -> float:
        """Where the sound would end if this were the last frame, in seconds."""
        return min(self.frames / FPS, self._duration_s)

    @property
    def _open(self) -> OutputContainer:
        assert self._container is not None, "used outside its with block"  # noqa: S101
        return self._container

    def _disk(self) -> AbstractContextManager[None]:
        pixels = self._size[0] * self._size[1] * max(self._duration_s * FPS, 1)
        return writing(self._path.parent, int(pixels * _BYTES_PER_PIXEL))


def _video_stream(container: OutputContainer, width: int, height: int, colour: Colour) -> VideoStream:
    stream = container.add_stream("libx264", rate=FPS, options=ENCODING)
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    stream.codec_context.time_base = Fraction(1, FPS)
    stream.color_range = colour.range
    stream.colorspace = colour.space
    stream.color_primaries = colour.primaries
    stream.color_trc = colour.trc
    return stream
