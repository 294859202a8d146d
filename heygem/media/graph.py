"""libav's filters around one picture."""

from av.error import BlockingIOError as NeedsMoreError
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.frame import VideoFrame

__all__ = ["NeedsMoreError", "chain", "source_for"]


def source_for(graph: Graph, picture: VideoFrame) -> FilterContext:
    """Where pictures like this one go in."""
    size = f"video_size={picture.width}x{picture.height}:pix_fmt={picture.format.name}:time_base=1/25"
    return graph.add("buffer", f"{size}:colorspace={picture.colorspace}:range={picture.color_range}")


def chain(graph: Graph, last: FilterContext, *steps: str) -> FilterContext:
    """Add filters, each "name" or "name=options", one behind the other; the last of them."""
    for step in steps:
        name, _, options = step.partition("=")
        node = graph.add(name, options or None)
        last.link_to(node)
        last = node
    return last
