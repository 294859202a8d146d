"""Whether a stream's packets really decode, tried here and there: a download cut off may be full of zeros."""

from typing import Any

import av
from av.audio.stream import AudioStream
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from heygem.media.fence import harmless

_TRIES = 12
_PACKETS_A_TRY = 12


class SpotCheck:
    """Decodes a few packets of one stream, from its start and then every `spacing_s` seconds."""

    def __init__(self, stream: VideoStream | AudioStream, spacing_s: float) -> None:
        self.first: VideoFrame | None = None  # the first picture, of a picture stream
        self._tried = self._failed = 0
        self._pictures = isinstance(stream, VideoStream)
        self._codec = stream.codec_context
        self._spacing_s = spacing_s
        self._next_s = float("-inf")
        self._packets: list[Packet[Any]] = []

    @property
    def broken(self) -> bool:
        """More than a quarter of what was tried can't be decoded."""
        return self._failed * 4 > self._tried

    def feed(self, packet: "Packet[Any]", seconds: float) -> None:
        if self._packets:
            self._packets.append(packet)
        elif self._tried < _TRIES and seconds >= self._next_s and (packet.is_keyframe or not self._tried):
            self._next_s = seconds + self._spacing_s
            self._packets = [packet]
        if len(self._packets) == _PACKETS_A_TRY:
            self._try()

    def finish(self) -> None:
        """Try what was collected so far: a few last packets of sound may rightly hold nothing to hear."""
        if self._packets and (self._pictures or not self._tried):
            self._try()

    def _try(self) -> None:
        self._tried += 1
        self._failed += not self._any_decodes()
        self._packets = []
        self._codec.flush_buffers()

    def _any_decodes(self) -> bool:
        for packet in (*self._packets, None):
            try:
                frames = self._codec.decode(packet and harmless(packet, self._codec))
            except (av.error.MemoryError, MemoryError):
                raise
            except av.FFmpegError:
                continue
            if frames:
                if self.first is None and isinstance(frames[0], VideoFrame):
                    self.first = frames[0]
                return True
        return False
