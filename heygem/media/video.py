"""Pictures in and out: the names other rooms use."""

from heygem.media.frame import Colour, Frame
from heygem.media.loop import Mismatch, looped
from heygem.media.reader import HALF_THE_CORES, VideoReader, VideoShape
from heygem.media.rgb import to_rgb
from heygem.media.writer import VideoWriter

__all__ = [
    "HALF_THE_CORES",
    "Colour",
    "Frame",
    "Mismatch",
    "VideoReader",
    "VideoShape",
    "VideoWriter",
    "looped",
    "to_rgb",
]
