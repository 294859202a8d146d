"""libav's filters around one picture."""

from functools import lru_cache
from threading import Lock

from av.error import BlockingIOError as NeedsMoreError
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.frame import VideoFrame

__all__ = ["Filters", "NeedsMoreError", "chain", "described", "shared_filters", "source_for"]


class Filters:
    """A finished graph that gives a picture for each picture; threads may share it."""

    def __init__(self, graph: Graph) -> None:
        graph.configure()
        self._graph = graph
        self._lock = Lock()

    def __call__(self, picture: VideoFrame) -> VideoFrame:
        with self._lock:
            self._graph.vpush(picture)
            return self._graph.vpull()


@lru_cache(maxsize=2)
def shared_filters(source: str, *steps: str) -> Filters:
    """A graph in one line that is made once, for those that take seconds to make and keep nothing of a picture."""
    graph = Graph()
    chain(graph, graph.add("buffer", source), *steps, "buffersink")
    return Filters(graph)


def source_for(graph: Graph, picture: VideoFrame) -> FilterContext:
    """Where pictures like this one go in."""
    return graph.add("buffer", described(picture))


def described(picture: VideoFrame) -> str:
    """A picture's kind in the words of libav's `buffer`."""
    size = f"video_size={picture.width}x{picture.height}:pix_fmt={picture.format.name}:time_base=1/25"
    return f"{size}:colorspace={picture.colorspace}:range={picture.color_range}"


def chain(graph: Graph, last: FilterContext, *steps: str) -> FilterContext:
    """Add filters, each "name" or "name=options", one behind the other; the last of them."""
    for step in steps:
        name, _, options = step.partition("=")
        node = graph.add(name, options or None)
        last.link_to(node)
        last = node
    return last
