"""What goes by of one stream while a file is read to its end."""

from array import array
from itertools import pairwise
from typing import Any

from av.audio.stream import AudioStream
from av.packet import Packet
from av.video.stream import VideoStream

from heygem.media.clock import LONGEST_GAP_S
from heygem.media.codecs import never_zeros
from heygem.media.info import FPS
from heygem.media.spotcheck import SpotCheck

_ZEROS = bytes(16)
_HOLLOW_SHARE = 0.05
_MISSING_SHARE, _MISSING_S = 0.05, 0.5
_SLACK_S = 1.0  # by which clocks go back without starting anew


class Tally:
    """Counts packets and their times. Those that an edit list hides count as there, and not as shown."""

    def __init__(self, stream: VideoStream | AudioStream, check: SpotCheck) -> None:
        self.stream = stream
        self.check = check
        self.packets = 0
        self._all = 0
        self._hollow = 0  # begin with zeros only
        self._shown, self._there = Timeline(self._step), Span()
        self._hollow_counts = never_zeros(stream)

    def count(self, packet: "Packet[Any]") -> None:
        start, lasting = packet_time(packet, self._there.end), self._lasting(packet)
        self._all += 1
        self._hollow += packet.size >= len(_ZEROS) and memoryview(packet)[: len(_ZEROS)] == _ZEROS
        self._there.include(start, start + lasting)
        if not packet.is_discard:
            self.packets += 1
            self._shown.include(start, lasting, _stored_at(packet))
        self.check.feed(packet, start - (self._there.start or 0.0))

    @property
    def seconds(self) -> float:
        return self._shown.seconds

    @property
    def broken(self) -> bool:
        """Between key pictures nothing but its zeros tells a hole from a picture."""
        return self.check.broken or (self._hollow_counts and self._hollow > self._all * _HOLLOW_SHARE)

    @property
    def cut_off(self) -> bool:
        """Whether less is there than the stream's own index says; a recording that still grows has none."""
        stream = self.stream
        if not stream.frames or not stream.duration or not stream.time_base:
            return False
        return falls_short(self._there.seconds, float(stream.duration * stream.time_base))

    def _lasting(self, packet: "Packet[Any]") -> float:
        if packet.duration:
            return float(packet.duration * packet.time_base)
        return self._step

    @property
    def _step(self) -> float:
        return 1 / float(self.stream.average_rate or FPS) if isinstance(self.stream, VideoStream) else 0.0


class Span:
    """From the earliest to the latest of what was included, in seconds."""

    def __init__(self) -> None:
        self.start: float | None = None
        self.end = 0.0

    def include(self, start: float, end: float) -> None:
        self.end = end if self.start is None else max(self.end, end)
        self.start = start if self.start is None else min(self.start, start)

    @property
    def seconds(self) -> float:
        return max(0.0, self.end - (self.start or 0.0))

    @property
    def reach(self) -> float:
        """What a header may count from: zero, or the start."""
        return max(self.end, self.seconds)


class Timeline:
    """How long what was included takes to be shown, in its order.

    No time passes where the clock starts anew, as where recordings were put one behind the other, nor in a hole too
    long to be meant: readers of pictures and of sound see it so, too.
    """

    def __init__(self, step_s: float) -> None:
        self._step_s = step_s  # in place of a hole
        self._starts = array("d")
        self._last = (0.0, 0.0)
        self._before_s = 0.0
        self._latest: float | None = None

    def include(self, start: float, lasting: float, stored: float | None) -> None:
        """`stored`: the packet's place in the order in which packets come, which only grows within one recording."""
        if stored is not None:
            if self._latest is not None and stored < self._latest - _SLACK_S:
                self._before_s, self._starts, self._last = self.seconds, array("d"), (0.0, 0.0)
            self._latest = stored
        self._last = max(self._last, (start, lasting)) if self._starts else (start, lasting)
        self._starts.append(start)

    @property
    def seconds(self) -> float:
        if not self._starts:
            return self._before_s
        ordered = sorted(self._starts)
        steps = (later - earlier for earlier, later in pairwise(ordered))
        return self._before_s + sum(map(self._meant, steps)) + self._meant(self._last[1])

    def _meant(self, step: float) -> float:
        return step if step <= LONGEST_GAP_S else self._step_s


def _stored_at(packet: "Packet[Any]") -> float | None:
    return float(packet.dts * packet.time_base) if packet.dts is not None and packet.time_base else None


def packet_time(packet: "Packet[Any]", otherwise: float) -> float:
    stamp = packet.pts if packet.pts is not None else packet.dts
    return float(stamp * packet.time_base) if stamp is not None and packet.time_base else otherwise


def falls_short(found_s: float, said_s: float) -> bool:
    return found_s < said_s * (1 - _MISSING_SHARE) - _MISSING_S
