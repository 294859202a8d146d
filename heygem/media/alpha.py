"""Pictures that are transparent in places: laid on white, since an mp4 has no transparency."""

import av
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from heygem.media.graph import Filters, chain, source_for

_PALETTE = "pal8"  # libav counts it neither as RGB nor as transparent
# WebM keeps transparency beside the picture, where libav's own decoders don't look.
_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


def decoder_of(stream: VideoStream) -> VideoCodecContext:
    """What decodes a stream with all that it shows."""
    context = stream.codec_context
    said = {key.lower(): value for key, value in stream.metadata.items()}  # the header's own, or a tag in any spelling
    name = _DECODERS.get(context.codec.canonical_name) if said.get("alpha_mode") == "1" else None
    if name is None:
        return context
    decoder = av.CodecContext.create(name, "r")
    assert isinstance(decoder, VideoCodecContext)  # noqa: S101 (a picture stream's)
    decoder.options |= context.options  # its limits too
    return decoder


def has_rgb(picture: VideoFrame) -> bool:
    return picture.format.is_rgb or picture.format.name == _PALETTE


def has_alpha(picture: VideoFrame) -> bool:
    """Whether it could be transparent."""
    return picture.format.name == _PALETTE or any(part.is_alpha for part in picture.format.components)


def alpha_range(picture: VideoFrame) -> tuple[int, int]:
    """The least and the most that is seen of any place, 0..255."""
    if not has_alpha(picture):
        return 255, 255
    graph = Graph()
    unpacked = ["format=rgba"] if picture.format.name == _PALETTE else []
    chain(graph, source_for(graph, picture), *unpacked, "alphaextract", "format=gray", "buffersink")
    alpha = Filters(graph)(picture).to_ndarray()
    return int(alpha.min()), int(alpha.max())


def on_white(graph: Graph, last: FilterContext, picture: VideoFrame) -> FilterContext:
    """Lay what comes from `last`, pictures like this one, on white."""
    with_alpha, plain = _opaque(picture)
    split = chain(graph, last, f"format={with_alpha}", "split")
    overlay = graph.add("overlay", f"format={plain}")
    chain(graph, split, "drawbox=c=white:t=fill:replace=1").link_to(overlay, 0, 0)
    split.link_to(overlay, 1, 1)
    return overlay


def _opaque(picture: VideoFrame) -> tuple[str, str]:
    """The pixel format to compose in, and what `overlay` calls it without transparency."""
    return ("gbrap", "gbrp") if has_rgb(picture) else ("yuva444p", "yuv444")
