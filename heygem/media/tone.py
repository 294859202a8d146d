"""High dynamic range and wide colours as what every screen shows: BT.709."""

from av.video.frame import VideoFrame

_UNSAID = 2
_HDR = {16: "smpte2084", 18: "arib-std-b67"}  # PQ and HLG, by libav's codes for a transfer curve
_WIDE = {9: "bt2020", 11: "smpte431", 12: "smpte432"}  # BT.2020 and the two P3, by its codes for primaries
_WIDE_MATRICES = frozenset({9, 10})


def is_wide(picture: VideoFrame) -> bool:
    """Whether a screen for BT.709 would show it pale or dark."""
    curve, primaries, matrix = picture.color_trc, picture.color_primaries, picture.colorspace
    return curve in _HDR or primaries in _WIDE or (primaries == _UNSAID and matrix in _WIDE_MATRICES)


def to_bt709(picture: VideoFrame) -> str:
    """Options of the filter `scale` for pictures like this one. What its file leaves unsaid is BT.2020's usual."""
    said = [
        "in_primaries=bt2020" if picture.color_primaries == _UNSAID else "",
        "in_transfer=bt709" if picture.color_trc == _UNSAID else "",
        "in_color_matrix=bt2020" if picture.colorspace == _UNSAID and not picture.format.is_rgb else "",
        # Perceptual keeps what is brighter than white; the filter's default cuts it off from 200 nits.
        "out_primaries=bt709:out_transfer=bt709:out_color_matrix=bt709:out_range=limited:intent=perceptual",
    ]
    return ":".join(filter(None, said))
