"""Planes of a picture pulled out of shape, and only where they move."""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from heygem.engines.alive.body import Body
from heygem.media.frame import Plane
from heygem.media.rgb import Box

Floats = npt.NDArray[np.float32]

STRIP = 32  # pixels: what moves is as wide as the widest of so many lines
LEAST = 0.02  # pixels that something moves, or else it stays


class Puller:
    """For planes in which a sample is `step` pixels wide. Its memory is used again for every picture."""

    def __init__(self, body: Body, step: int, interpolation: int) -> None:
        x0, y0, x1, y1 = (edge // step for edge in body.box)
        self._box = x0, y0, x1, y1
        self._step = step
        self._interpolation = interpolation
        self._places = np.empty((2, y1 - y0, x1 - x0), np.float32)
        self._strips = list(_strips(body.reach, x1 - x0, y1 - y0, STRIP // step))

    def pull(self, planes: Sequence[Plane], displacement: Floats) -> None:
        """Edit planes of one picture in place; `displacement` see `Body`."""
        x0, y0, x1, y1 = self._box
        across, down = self._places
        for coarse, fine in zip(displacement / -self._step, self._places, strict=True):
            cv2.resize(coarse, fine.shape[::-1], fine, interpolation=cv2.INTER_LINEAR)
        across += np.arange(across.shape[1], dtype=np.float32)
        down += np.arange(down.shape[0], dtype=np.float32)[:, None]
        for plane in planes:
            part = plane[y0:y1, x0:x1]
            source = part.copy()
            for left, top, right, bottom in self._strips:
                here = slice(top, bottom), slice(left, right)
                part[here] = cv2.remap(
                    source, across[here], down[here], self._interpolation, borderMode=cv2.BORDER_REPLICATE
                )


def _strips(reach: Floats, width: int, height: int, lines: int) -> Iterator[Box]:
    """Of a box of that size, what moves; `reach` (rows, columns) is how far at most, in pixels."""
    moves = cv2.resize(reach, (width, height), interpolation=cv2.INTER_LINEAR) > LEAST
    for top in range(0, height, lines):
        columns = np.flatnonzero(moves[top : top + lines].any(axis=0))
        if len(columns):
            yield int(columns[0]), top, int(columns[-1]) + 1, min(height, top + lines)
