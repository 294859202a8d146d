"""MPEG sound without a container: where it begins in a file that begins with something else.

Recordings of streams begin with an ICY header, cut ones in the middle of a frame, tagged ones with tags of any size.
One header is two lucky bytes; several that lie where each says the next one lies are sound.
"""

from typing import Literal, NamedTuple

_ENOUGH = 4  # headers in a row
_LAYER_2 = (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384)
_LAYER_3 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_LOW = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_KILOBITS = {(3, 2): _LAYER_2, (3, 3): _LAYER_3, (2, 2): _LOW, (2, 3): _LOW}
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_ADTS_HEADER = 7


class Sound(NamedTuple):
    kind: Literal["mp3", "aac"]
    start: int  # of the first whole frame


class _Header(NamedTuple):
    kind: Literal["mp3", "aac"]
    alike: int  # what all headers of one stream share
    length: int


def find_sound(data: bytes, *, all_there: bool) -> Sound | None:
    """The first whole frame in `data`; `all_there` says that the file ends where `data` ends."""
    at = data.find(b"\xff")
    while 0 <= at < len(data) - 3:
        if kind := _frames(data, at, all_there=all_there):
            return Sound(kind, at)
        at = data.find(b"\xff", at + 1)
    return None


def _frames(data: bytes, at: int, *, all_there: bool) -> Literal["mp3", "aac"] | None:
    first = header = _header(data[at : at + _ADTS_HEADER])
    for number in range(1, _ENOUGH):
        if first is None or header is None or header.alike != first.alike:
            return None
        at += header.length
        if at > len(data) - _ADTS_HEADER and all_there and number > 1:
            return first.kind
        header = _header(data[at : at + _ADTS_HEADER])
    return first.kind if first and header and header.alike == first.alike else None


def _header(data: bytes) -> _Header | None:
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0:
        return None
    if data[1] & 0xF6 == 0xF0:
        return _adts(data)
    version, layer = data[1] >> 3 & 3, 4 - (data[1] >> 1 & 3)
    step, rate = data[2] >> 4, data[2] >> 2 & 3
    if version == 1 or layer not in (2, 3) or rate == 3 or step in (0, 15):
        return None
    bits = _KILOBITS[version or 2, layer][step] * 1000
    padding, hertz = data[2] >> 1 & 1, _RATES[version][rate]
    length = (72 if layer == 3 and version != 3 else 144) * bits // hertz + padding
    return _Header("mp3", version << 4 | layer << 2 | rate, length)


def _adts(data: bytes) -> _Header | None:
    if len(data) < _ADTS_HEADER or data[2] >> 2 & 0xF > 12:
        return None
    length = (data[3] & 3) << 11 | data[4] << 3 | data[5] >> 5
    return _Header("aac", data[2] & 0xFC, length) if length > _ADTS_HEADER else None
