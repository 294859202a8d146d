"""One frame with a new mouth: warp the face's own pixels, and put the mouth's inside between the lips."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from heygem.engines.mesh.aim import Aim
from heygem.engines.mesh.field import Region, Warp, cell_of, warp
from heygem.engines.mesh.inside import Inside
from heygem.engines.mesh.layer import lay, mouth_layer, seam_layer
from heygem.engines.mesh.place import around, blend, cut, half, seen_from
from heygem.engines.mesh.shade import purse
from heygem.face.landmarks import INNER_LOWER_AT, INNER_UPPER_AT
from heygem.face.pose import to_pixels
from heygem.media.frame import Frame, Plane
from heygem.media.rgb import Box

Floats = npt.NDArray[np.float32]

_INNER_AT = np.r_[INNER_UPPER_AT, INNER_LOWER_AT]
_NOWHERE = (0, 0, 0, 0)


def paint(
    frame: Frame,
    pose: npt.NDArray[np.floating[Any]],
    aim: Aim,
    region: Region,
    inside: Inside,
    row: int,
    light: float,
) -> Box:
    """Edit `frame`, the template's frame `row`, in place. `pose` is for its own size.

    Returns the box within which pixels may have changed.
    """
    box = around(to_pixels(region.outline, pose), (0, 0, frame.width, frame.height), margin=0)
    if box is None:
        return _NOWHERE
    line = around(to_pixels(aim.target[_INNER_AT], pose), box, margin=max(4, (cell_of(pose) + 1) // 2 * 2))
    luma, chroma = warp(aim.source, aim.target, region, pose, box, seen_from(box, line) if line else _NOWHERE)
    own = cut(frame.y, box), cut(frame.u, half(box)), cut(frame.v, half(box))
    new = (
        _remapped(own[0], luma, cv2.INTER_CUBIC),
        _remapped(own[1], chroma, cv2.INTER_LINEAR),
        _remapped(own[2], chroma, cv2.INTER_LINEAR),
    )
    if aim.pursed > 0:
        purse(new[0], pose, aim, box)
    if line is not None and aim.sealed < 1:
        lay(new, mouth_layer(pose, aim, inside, row, light, line), box)
    if line is not None and aim.sealed > 0:
        lay(new, seam_layer(pose, aim, inside.mouth.lips, line), box)
    driven = min(1.0, 2 * aim.drive)
    for plane, changed in zip(own, new, strict=True):
        plane[:] = changed if driven == 1 else cv2.addWeighted(changed, driven, plane, 1 - driven, 0)
    return box


def _remapped(source: Plane, field: Warp, interpolation: int) -> Plane:
    new = _pulled(source, field.places, interpolation)
    if field.below.size:
        above, under = (_pulled(source, places, interpolation) for places in (field.above, field.under))
        blend(above, under, field.below)
        cut(new, field.part)[:] = above
    return new


def _pulled(source: Plane, places: Floats, interpolation: int) -> Plane:
    x, y = places
    return np.asarray(cv2.remap(source, x, y, interpolation, borderMode=cv2.BORDER_REPLICATE), np.uint8)
