"""How much one picture or one block of sound may unpack to. A probe looks at samples; this holds for every packet."""

from typing import Any

from av.audio.codeccontext import AudioCodecContext
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext

# What a video may turn into on its way, as calls and recorded screens do, whatever it was announced as: 4K.
_TURNED_INTO = 4096 * 2304
_ROUNDED_UP = 128  # decoders count in blocks, so that a side of 1080 has 1088
_MOST_SAMPLES = 1 << 22  # of one packet: five seconds at the highest rate that there is

_PNG = frozenset({"png", "apng"})
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_PNG_FRAME = 12  # of a chunk: length, kind and sum
# Nothing of ours looks at these, and libav unpacks each without a bound: a megabyte of profile becomes a gigabyte.
_PNG_UNUSED = frozenset({b"iCCP", b"zTXt", b"iTXt"})


def fence(codec: CodecContext) -> None:
    """Bound what a decoder that is not open yet may hold at once.

    A picture has at most as many pixels as the file announces, which whoever opens it has looked at, or as 4K has.
    """
    if isinstance(codec, VideoCodecContext):
        announced = (codec.width + _ROUNDED_UP) * (codec.height + _ROUNDED_UP)
        codec.options |= {"max_pixels": str(max(announced, _TURNED_INTO))}
    elif isinstance(codec, AudioCodecContext):
        codec.options |= {"max_samples": str(_MOST_SAMPLES)}
    if codec.name in _PNG and codec.extradata:  # what stands before the first of several pictures
        codec.extradata = _without_unused(codec.extradata)


def harmless(packet: "Packet[Any]", codec: CodecContext) -> "Packet[Any]":
    """The packet without what libav would unpack beside the picture; mostly the very same."""
    if codec.name not in _PNG:
        return packet
    whole = bytes(packet)
    if not any(kind in whole for kind in _PNG_UNUSED):
        return packet
    kept = Packet(_without_unused(whole))
    kept.pts, kept.dts, kept.duration, kept.time_base = packet.pts, packet.dts, packet.duration, packet.time_base
    kept.stream, kept.is_keyframe = packet.stream, packet.is_keyframe
    return kept


def _without_unused(png: bytes) -> bytes:
    start = len(_PNG_HEAD) if png.startswith(_PNG_HEAD) else 0
    kept = [png[:start]]
    while start < len(png):
        end = start + _PNG_FRAME + int.from_bytes(png[start : start + 4])
        if png[start + 4 : start + 8] not in _PNG_UNUSED:
            kept.append(png[start:end])
        start = end
    return b"".join(kept)
