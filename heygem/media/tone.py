"""High dynamic range and wide colours as what every screen shows: BT.709. Names and numbers are libav's."""

from av.video.frame import VideoFrame

UNSAID = 2
HDR = frozenset({16, 18})  # the curves PQ and HLG
_PRIMARIES = {9: "bt2020", 11: "smpte431", 12: "smpte432"}  # BT.2020 and the two P3
_WIDE_MATRICES = frozenset({9, 10})
# What the filter `colorspace` knows; it takes nothing else.
_CURVES = {4: "gamma22", 5: "gamma28", 6: "smpte170m", 7: "smpte240m", 13: "iec61966-2-1"}
_MATRICES = {1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m"}
_OUT_OF_SCALE = "out_primaries=bt709:out_transfer=bt709:out_color_matrix=bt709:out_range=limited"


def is_hdr(picture: VideoFrame) -> bool:
    return picture.color_trc in HDR


def is_wide(picture: VideoFrame) -> bool:
    """Whether a screen for BT.709 would show it pale or dark."""
    primaries = picture.color_primaries
    unsaid = primaries == UNSAID and picture.colorspace in _WIDE_MATRICES
    return is_hdr(picture) or primaries in _PRIMARIES or unsaid


def to_bt709(picture: VideoFrame, size: str) -> list[str]:
    """Filters for pictures like this one; `size` are options of the filter `scale`, or none.

    What its file leaves unsaid is what BT.2020 usually comes with.
    """
    if is_hdr(picture) or picture.format.is_rgb:
        # Perceptual keeps what is brighter than white; the default cuts it off from 200 nits.
        return [f"scale={size}{':' if size else ''}{_unsaid(picture)}{_OUT_OF_SCALE}:intent=perceptual"]
    primaries = _PRIMARIES.get(picture.color_primaries, "bt2020")
    usual = "bt2020ncl" if primaries == "bt2020" else "bt709"
    matrix, curve = _MATRICES.get(picture.colorspace, usual), _CURVES.get(picture.color_trc, "bt709")
    # `scale` bends colours at the edge of the range; this one knows no brightness beyond white.
    exact = f"colorspace=all=bt709:range=tv:format=yuv420p:iprimaries={primaries}:ispace={matrix}:itrc={curve}"
    return [exact, f"scale={size}"] if size else [exact]


def _unsaid(picture: VideoFrame) -> str:
    primaries = "in_primaries=bt2020:" if picture.color_primaries == UNSAID else ""
    matrix = "in_color_matrix=bt2020:" if picture.colorspace == UNSAID and not picture.format.is_rgb else ""
    curve = "in_transfer=bt709:" if picture.color_trc == UNSAID else ""
    return primaries + matrix + curve
