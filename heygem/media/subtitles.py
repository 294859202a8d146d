"""Subtitles: as a file, and as a track of a video that a player shows or not."""

import struct
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from av.container import OutputContainer
from av.packet import Packet
from av.subtitles.stream import SubtitleStream

_MS = Fraction(1, 1000)
# What the codec takes a track's look from: white, at the bottom, in the middle.
_LOOK = b"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


@dataclass(frozen=True)
class Cue:
    """One subtitle: lines of plain text, shown from `start_s` to `end_s`."""

    start_s: float
    end_s: float
    text: str


def srt(cues: Sequence[Cue]) -> str:
    """A SubRip file."""
    return "\n".join(
        f"{number}\n{_time(cue.start_s)} --> {_time(cue.end_s)}\n{_plain(cue.text)}\n"
        for number, cue in enumerate(cues, start=1)
    )


class SubtitleTrack:
    """The subtitles of an mp4 as timed text (mov_text), written as far as asked for."""

    def __init__(self, container: OutputContainer, cues: Sequence[Cue]) -> None:
        stream = container.add_stream("mov_text")
        assert isinstance(stream, SubtitleStream)  # noqa: S101 (what the codec is)
        stream.codec_context.subtitle_header = _LOOK
        stream.time_base = _MS
        self._container, self._stream = container, stream
        self._cues = deque(cues)

    def write_until(self, seconds: float) -> None:
        """Write what begins before this time."""
        while self._cues and self._cues[0].start_s < seconds:
            self._write(self._cues.popleft())

    def _write(self, cue: Cue) -> None:
        text = cue.text.encode()
        packet = Packet(struct.pack(">H", len(text)) + text)  # not by the encoder, to which braces are commands
        packet.stream = self._stream
        packet.time_base = _MS
        packet.pts = packet.dts = round(cue.start_s * 1000)
        packet.duration = max(1, round((cue.end_s - cue.start_s) * 1000))
        self._container.mux(packet)


def _time(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    return (
        f"{milliseconds // 3_600_000:02}:{milliseconds // 60_000 % 60:02}:"
        f"{milliseconds // 1000 % 60:02},{milliseconds % 1000:03}"
    )


def _plain(text: str) -> str:
    """An empty line would end the subtitle, and an arrow looks like times."""
    lines = [line.strip().replace("-->", "→") for line in text.splitlines()]
    return "\n".join(line for line in lines if line)
