"""A still picture that lives: eyes blink, head and chest move, in the voice's rhythm."""

from zlib import crc32

import cv2
import numpy as np
import numpy.typing as npt

from heygem.engines.alive.blink import blinks
from heygem.engines.alive.body import Body
from heygem.engines.alive.lid import Eye, can_blink, close
from heygem.engines.alive.pull import Puller
from heygem.engines.alive.sway import motion
from heygem.face.landmarks import (
    LEFT_BROW,
    LEFT_LOWER_LID,
    LEFT_UPPER_LID,
    RIGHT_BROW,
    RIGHT_LOWER_LID,
    RIGHT_UPPER_LID,
    at,
)
from heygem.face.pose import yaw
from heygem.media.frame import Frame
from heygem.media.rgb import Box
from heygem.speech.rhythm import Rhythm

Floats = npt.NDArray[np.float32]

NOWHERE = (0, 0, 0, 0)
TURNED = np.radians(27.0)
_EYES = (RIGHT_UPPER_LID, RIGHT_LOWER_LID, RIGHT_BROW), (LEFT_UPPER_LID, LEFT_LOWER_LID, LEFT_BROW)


class Still:
    """What a render does to every finished frame of a picture that would stand still."""

    def __init__(self, portrait: Floats, rhythm: Rhythm, seed: str, width: int, height: int) -> None:
        """`portrait` (P, 3), see `heygem.face.portrait`, in pixels of an output of that size. What happens by chance
        hangs on `seed`, and on nothing else."""
        chance = np.random.Generator(np.random.PCG64(crc32(seed.encode())))
        self._motion = motion(rhythm, chance).rows()
        self._shut = blinks(rhythm, chance)
        self._body = Body.of(portrait, width, height)
        self._luma, self._chroma = Puller(self._body, 1, cv2.INTER_CUBIC), Puller(self._body, 2, cv2.INTER_LINEAR)
        self._portrait = portrait
        self._eyes: list[Eye] | None = None

    def move(self, frame: Frame, t: int) -> Box:
        """Edit output frame `t` in place. Returns the box within which pixels may have changed."""
        t = min(t, len(self._motion) - 1)
        if self._eyes is None:
            self._eyes = _eyes(self._portrait, frame)
        for eye in self._eyes:
            close(frame, eye, float(self._shut[t]))
        if not self._motion[t].any() and not self._shut[t]:
            return NOWHERE
        displacement = self._body.displacement(self._motion[t])
        self._luma.pull([frame.y], displacement)
        self._chroma.pull([frame.u, frame.v], displacement)
        return self._body.box


def _eyes(portrait: Floats, frame: Frame) -> list[Eye]:
    """Those that blink: both, or none. A head that is turned too far shows too little of one."""
    if abs(float(yaw(portrait))) > TURNED:
        return []
    eyes = [Eye.of(*(portrait[at(part), :2] for part in parts)) for parts in _EYES]
    return eyes if all(can_blink(frame, eye) for eye in eyes) else []
