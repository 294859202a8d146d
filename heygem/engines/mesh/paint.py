"""One frame with a new mouth: warp the face's own pixels, put the mouth's inside between the lips, blend softly."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from heygem.engines.mesh.aim import Aim
from heygem.engines.mesh.field import Region, Warp, warp
from heygem.engines.mesh.inside import Inside
from heygem.engines.mesh.layer import lay, mouth_layer, seam_layer
from heygem.engines.mesh.place import Box, around, halved
from heygem.engines.mesh.shade import purse
from heygem.face.landmarks import INNER_LOWER_AT, INNER_UPPER_AT
from heygem.face.pose import to_pixels
from heygem.media.frame import Frame, Plane

Floats = npt.NDArray[np.float32]

_INNER_AT = np.r_[INNER_UPPER_AT, INNER_LOWER_AT]


def paint(
    frame: Frame,
    pose: npt.NDArray[np.floating[Any]],
    aim: Aim,
    region: Region,
    inside: Inside,
    lips: Floats,
    light: float,
) -> Box:
    """Edit `frame` in place. `pose` is for its own size. Returns the box within which pixels may have changed."""
    box = region.box(pose, frame.width, frame.height)
    x0, y0, x1, y1 = box
    if x1 - x0 < 8 or y1 - y0 < 8:
        return box
    field = warp(aim.source, aim.target, region, pose, box)
    lips_at = to_pixels(aim.target[_INNER_AT], pose)
    line = around(lips_at, box)
    planes = _remapped(frame, field, line, box)
    if aim.pursed > 0:
        purse(planes[0], pose, aim, box)
    if line is not None and aim.sealed < 1:
        lay(planes, mouth_layer(pose, aim, inside, lips, light, line), box)
    if line is not None and aim.sealed > 0:
        lay(planes, seam_layer(pose, aim, lips, line), box)
    mask = field.mask * np.float32(min(1.0, 2 * aim.drive))
    half_mask = halved(mask)
    half = (x0 // 2, y0 // 2, x1 // 2, y1 // 2)
    for plane, new, area, share in (
        (frame.y, planes[0], box, mask),
        (frame.u, planes[1], half, half_mask),
        (frame.v, planes[2], half, half_mask),
    ):
        old = plane[area[1] : area[3], area[0] : area[2]]
        old[:] = cv2.blendLinear(new, np.ascontiguousarray(old), share, 1 - share)
    return box


def _remapped(frame: Frame, field: Warp, line: Box | None, within: Box) -> tuple[Plane, Plane, Plane]:
    x, y = field.everywhere()
    planes = _pulled(frame, x, y)
    if line is None:
        return planes
    # Along the mouth line pictures are mixed, not places: between the lips' places lie the teeth.
    left, top, right, bottom = (edge - within[i % 2] for i, edge in enumerate(line))
    upper, lower = field.sides((slice(top, bottom), slice(left, right)))
    below = field.below[top:bottom, left:right]
    for plane, above, under, share, part in zip(
        planes,
        _pulled(frame, *upper),
        _pulled(frame, *lower),
        (below, halved(below), halved(below)),
        (1, 2, 2),
        strict=True,
    ):
        plane[top // part : bottom // part, left // part : right // part] = cv2.blendLinear(
            under, above, share, 1 - share
        )
    return planes


def _pulled(frame: Frame, x: Floats, y: Floats) -> tuple[Plane, Plane, Plane]:
    # A chroma sample lies between two luma samples: chroma c is luma 2c + 0.5.
    x_half, y_half = ((halved(m) - 0.5) / 2 for m in (x, y))
    border = cv2.BORDER_REPLICATE
    return (
        np.asarray(cv2.remap(frame.y, x, y, cv2.INTER_CUBIC, borderMode=border), np.uint8),
        np.asarray(cv2.remap(frame.u, x_half, y_half, cv2.INTER_LINEAR, borderMode=border), np.uint8),
        np.asarray(cv2.remap(frame.v, x_half, y_half, cv2.INTER_LINEAR, borderMode=border), np.uint8),
    )
