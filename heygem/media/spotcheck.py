"""Whether a stream's packets really decode, tried here and there: a download cut off may be full of zeros."""

from typing import Any

import av
from av.audio.stream import AudioStream
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from heygem.media.fence import harmless

_TRIES = 12
_BAD_PACKETS = 12  # in one try
# A recording that begins between two key pictures shows nothing before the next one, and one that refreshes its
# picture bit by bit nothing before that is through: ten seconds at 30 a second.
_PATIENCE = 300


class SpotCheck:
    """Decodes a few packets of one stream, from its start and then every `spacing_s` seconds.

    A try goes on until something is seen or heard. What an edit list hides from everybody, as in videos trimmed
    without encoding them anew, is decoded for what follows it and never expected to show.
    """

    def __init__(self, stream: VideoStream | AudioStream, spacing_s: float) -> None:
        self.first: VideoFrame | None = None  # the first picture, of a picture stream
        self._tried = self._failed = 0
        self._codec = stream.codec_context
        self._spacing_s = spacing_s
        self._next_s = float("-inf")
        self._trying = self._keyed = False
        self._fed = self._bad = 0

    @property
    def broken(self) -> bool:
        """Nothing could be decoded, or more than a quarter of what was tried could not."""
        return not self._tried or self._failed * 4 > self._tried

    def feed(self, packet: "Packet[Any]", seconds: float) -> None:
        if not self._trying and self._due(packet, seconds):
            self._next_s = seconds + self._spacing_s
            self._trying, self._keyed, self._fed, self._bad = True, False, 0, 0
        if self._trying:
            self._try(packet)

    def finish(self) -> None:
        """End the last try: a few last packets may rightly hold nothing to see or hear yet."""
        if self._trying:
            shown = self._shows(None)
            if shown or self._bad or not self._tried:
                self._conclude(shown=shown)

    def _due(self, packet: "Packet[Any]", seconds: float) -> bool:
        return self._tried < _TRIES and seconds >= self._next_s and (packet.is_keyframe or not self._fed)

    def _try(self, packet: "Packet[Any]") -> None:
        shown = self._shows(packet)
        self._keyed |= packet.is_keyframe
        self._fed += not packet.is_discard
        if shown or self._fed >= _PATIENCE or (self._keyed and self._bad >= _BAD_PACKETS):
            self._conclude(shown=shown or self._shows(None))

    def _conclude(self, *, shown: bool) -> None:
        if shown or (self._keyed and self._fed):
            self._tried += 1
            self._failed += not shown
        self._trying = False
        self._codec.flush_buffers()

    def _shows(self, packet: "Packet[Any] | None") -> bool:
        try:
            frames = self._codec.decode(packet and harmless(packet, self._codec))
        except (av.error.MemoryError, MemoryError):
            raise
        except av.FFmpegError:
            self._bad += 1
            return False
        if frames and self.first is None and isinstance(frames[0], VideoFrame):
            self.first = frames[0]
        return bool(frames)
